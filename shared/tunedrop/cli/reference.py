"""The command line's reference page, written from the commands' own help.

Knows click's tree of commands; a test holds `docs/cli.md` to what this gives.
"""

from collections.abc import Iterator

import click

from tunedrop.cli.main import cli

_WIDTH = 100
_HEAD = """\
# Command line

Written from the commands' own help by `make docs`. Commands that talk to a deployment read its
variables ([settings.md](settings.md)) from the environment, or from a file named with `--env-file`
or `TUNEDROP_ENV_FILE`; a local cloud writes such a file, `local.env`, into its directory.

| exit code | meaning |
|---|---|
| 0 | good |
| 1 | bad data, a run that ended without a tuned model and was no rehearsal, or something that `doctor` found amiss |
| 2 | wrong usage |
| 3 | something of ours or of the world broke |
| 130 | stopped by Ctrl-C |
"""


def page() -> str:
    """The whole page in Markdown."""
    sections = (
        f"## `{context.command_path}`\n\n```text\n{_help(context)}\n```\n"
        for context in contexts(cli, None)
    )
    return "\n".join([_HEAD, *sections])


def contexts(command: click.Command, parent: click.Context | None) -> Iterator[click.Context]:
    """Yield a context of a command and of every command below it, depth first."""
    name = parent and next(key for key, value in _below(parent).items() if value is command)
    context = click.Context(
        command,
        parent=parent,
        info_name=name or "tunedrop",
        **{**command.context_settings, "terminal_width": _WIDTH},
    )
    yield context
    for below in _below(context).values():
        yield from contexts(below, context)


def _below(context: click.Context) -> dict[str, click.Command]:
    command = context.command
    return dict(sorted(command.commands.items())) if isinstance(command, click.Group) else {}


def _help(context: click.Context) -> str:
    return "\n".join(line.rstrip() for line in context.get_help().splitlines())
