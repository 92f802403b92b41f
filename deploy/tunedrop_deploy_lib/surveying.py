"""Looks at every step's part of a project, several at once, and says what is not as it should be.

Knows steps; changes nothing.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tunedrop_deploy_lib.errors import GcloudError
from tunedrop_deploy_lib.gcloud import Gcloud, absent, denied
from tunedrop_deploy_lib.steps import Difference, Step

AT_ONCE = 8
"""A gcloud command waits for its service most of its time."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at one step's part showed.

    Attributes:
        step: Whose part it is.
        found: What looking printed; None where there was nothing, or where nothing could be seen.
        absent: Whether the part has yet to be made.
        differences: How it differs from what it should be.
        unseen: Why it could not be looked at; empty where it could.
    """

    step: Step
    found: Any
    absent: bool = False
    differences: tuple[Difference, ...] = ()
    unseen: str = ""

    @property
    def fine(self) -> bool:
        """Whether nothing has to be done about it."""
        return not (self.absent or self.differences or self.unseen)


def survey(steps: Sequence[Step], gcloud: Gcloud) -> Iterator[Seen]:
    """Look at every step's part and yield what was seen, in the order of the steps.

    Raises:
        GcloudError: A look failed for another reason than a missing permission.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(lambda step: look_at(step, gcloud), steps)


def look_at(step: Step, gcloud: Gcloud) -> Seen:
    """Look at one step's part.

    Raises:
        GcloudError: The look failed for another reason than a missing permission.
    """
    try:
        found = gcloud.look(step.look)
        if step.absent(found):
            return Seen(step, found, absent=True)
        return Seen(step, found, differences=tuple(step.judge(found, gcloud.fill)))
    except GcloudError as error:
        if absent(error):
            return Seen(step, None, absent=True)
        if denied(error):
            return Seen(step, None, unseen=str(error))
        raise
