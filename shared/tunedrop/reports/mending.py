"""What to do with a file that was rejected: the words, and the commands that mend it.

Knows a published result and a file's name; runs nothing.
"""

import shlex

from msgspec import Struct

from tunedrop.reports.check_view import rejects_lines_only
from tunedrop.reports.views import Part

FIXED_FILE = "fixed.jsonl"


class Advice(Struct, frozen=True):
    """A sentence or two, and commands to copy."""

    text: str
    commands: tuple[str, ...]


def advice_for(result: Part, file: str, *, upload: str) -> Advice:
    """What to do about a rejected file.

    Args:
        result: As published.
        file: As the person can name it on a command line.
        upload: The command that uploads the mended file.
    """
    check = command("tunedrop", "check", file)
    if not rejects_lines_only(result):
        return Advice(
            "Correct what is listed, check the file on your own machine, then upload it again.",
            (check,),
        )
    return Advice(
        "Correct the lines that are listed and upload the file again. Or leave them out: the first"
        " command writes a file of the lines that can be used, and the second uploads it.",
        (command("tunedrop", "check", "--fix", FIXED_FILE, file), upload),
    )


def local_file(name: str) -> str:
    """An object's own name as a file of the working directory, never to be taken for an option."""
    base = name.rsplit("/", 1)[-1]
    return f"./{base}" if base.startswith("-") else base


def command(*words: str) -> str:
    """A line for a shell, each word quoted where it has to be."""
    return shlex.join(words)
