"""All lines of an examination, in the order in which a person would put things right.

Pure; each kind of thing is judged in a module of its own.
"""

from collections.abc import Iterator

from tunedrop.doctor.accounts import account_lines
from tunedrop.doctor.base_models import base_model_lines
from tunedrop.doctor.buckets import bucket_lines
from tunedrop.doctor.functions import function_lines
from tunedrop.doctor.keys import key_lines
from tunedrop.doctor.lines import Facts, Line
from tunedrop.doctor.messages import message_lines
from tunedrop.doctor.project import project_lines
from tunedrop.doctor.quotas import quota_lines
from tunedrop.doctor.rights import right_lines
from tunedrop.doctor.subject import Subject
from tunedrop.doctor.tensorboard import tensorboard_lines


def examine(subject: Subject, facts: Facts) -> Iterator[Line]:
    """Judge everything that was read, and what the settings say by themselves."""
    for lines in (
        project_lines,
        account_lines,
        bucket_lines,
        message_lines,
        function_lines,
        right_lines,
        base_model_lines,
        quota_lines,
        key_lines,
        tensorboard_lines,
    ):
        yield from lines(subject, facts)
