"""Makes a project what the plan says, step by step; what is as it should be already is left alone.

Can be stopped anywhere and run again: every step looks before it changes anything, and again after.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.errors import DeployError, GcloudError, RefusedError
from tunedrop_deploy_lib.gcloud import Command, Gcloud, absent
from tunedrop_deploy_lib.steps import Step
from tunedrop_deploy_lib.surveying import Seen, look_at, survey

ROUNDS_SECONDS = (0, 2, 8, 20)
"""Rests before each try of a step whose part does not read back as it was set yet."""
AS_IT_SHOULD_BE, CREATED, CORRECTED = "as it should be", "created", "corrected"


@dataclass
class Applied:
    """How many parts were found or brought into which state."""

    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys((AS_IT_SHOULD_BE, CREATED, CORRECTED), 0)
    )

    @property
    def changed(self) -> bool:
        """Whether the project is another than before."""
        return self.counts[CREATED] + self.counts[CORRECTED] > 0


def check_project(deployment: Deployment, gcloud: Gcloud) -> None:
    """Make sure that the project is the one that is meant.

    Raises:
        RefusedError: It has another number than the configuration says.
    """
    expected, found = deployment.config.project_number, gcloud.fill("${PROJECT_NUMBER}")
    if expected and found != expected:
        msg = (
            f"project {deployment.config.project}: expected the number {expected}, found {found}; "
            "correct project or project_number in the configuration"
        )
        raise RefusedError(msg)


def apply(
    deployment: Deployment,
    gcloud: Gcloud,
    *,
    say: Callable[[str], None] = print,
    sleep: Callable[[float], None] = time.sleep,
) -> Applied:
    """Stage, look at everything at once, then bring about what is missing or different, in order.

    Raises:
        RefusedError: Something is in the way that only a person may change.
        DeployError: A command failed, or what it set does not read back.
    """
    try:
        check_project(deployment, gcloud)
    except GcloudError as error:
        if not absent(error):
            raise
        # The project cannot be asked for its number until the first step has enabled the interface for that.
        bring_about(look_at(deployment.steps[0], gcloud), gcloud, say=say, sleep=sleep)
        check_project(deployment, gcloud)
    deployment.stage()
    applied, total = Applied(), len(deployment.steps)
    say(f"Looking at {total} parts of project {deployment.config.project} …")
    before = list(survey(deployment.steps, gcloud))
    _refuse_what_only_a_person_settles(seen for seen in before if not seen.absent)
    for number, seen in enumerate(before, start=1):
        # One change can undo another part, or let a person make one, so what was seen before counts no longer;
        # but what was not there is made without another look, since making it twice does no harm.
        if applied.changed and not (seen.absent and seen.step.create):
            seen = _look_anew(seen.step, gcloud)  # noqa: PLW2901 — the newer look at the same part
        done = bring_about(seen, gcloud, say=say, sleep=sleep)
        applied.counts[done] += 1
        if done != AS_IT_SHOULD_BE:
            say(f"[{number}/{total}] {seen.step.makes}: {done}")
    say(", ".join(f"{count} {state}" for state, count in applied.counts.items()) + ".")
    return applied


def bring_about(
    seen: Seen, gcloud: Gcloud, *, say: Callable[[str], None], sleep: Callable[[float], None]
) -> str:
    """Make one step's part what it should be, given what was seen of it; returns what had to be done.

    Raises:
        RefusedError: Something is in the way that only a person may change.
        DeployError: A command failed, or what it set does not read back.
    """
    step, done = seen.step, AS_IT_SHOULD_BE
    for seconds in ROUNDS_SECONDS:
        if seen.fine:
            return done
        sleep(seconds) if seconds else None
        _refuse_what_only_a_person_settles([seen])
        done = CREATED if seen.absent or done == CREATED else CORRECTED
        say(f"    {'making' if seen.absent else 'correcting'} {step.makes}")
        for command in _due(seen):
            gcloud.change(command)
        seen = _look_anew(step, gcloud)
    if seen.fine:
        return done
    left = "; ".join(difference.what for difference in seen.differences) or "nothing is there"
    msg = f"{step.makes}: was set, and still reads back otherwise: {left}; run apply again in a minute"
    raise DeployError(msg)


def _look_anew(step: Step, gcloud: Gcloud) -> Seen:
    gcloud.forget()
    return look_at(step, gcloud)


def _due(seen: Seen) -> Iterable[Command]:
    """Commands that bring the part about, each once."""
    if seen.absent:
        return seen.step.create
    return dict.fromkeys(command for one in seen.differences for command in one.mend)


def _refuse_what_only_a_person_settles(everything: Iterable[Seen]) -> None:
    for seen in everything:
        if seen.unseen:
            raise RefusedError(_unseen(seen))
        if seen.absent and not seen.step.create:
            raise RefusedError(f"{seen.step.makes}: {seen.step.remedy}")
        for difference in seen.differences:
            if not difference.mend:
                raise RefusedError(f"{difference.what}; {difference.remedy}")


def _unseen(seen: Seen) -> str:
    hint = (
        "; a bucket that cannot be looked at may be somebody else's: name another bucket_prefix"
        if seen.step.key.startswith("bucket/")
        else "; ask whoever administers the project for the right to read it"
    )
    return f"{seen.step.makes}: could not be looked at\n    {seen.unseen}{hint}"
