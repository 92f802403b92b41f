"""Tables as data, and the page and the JSON that hold them.

Knows words and columns; measures nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tunedrop_bench.bars import Judgement


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the page; cells are ready to read."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""
    """What the numbers are, in a paragraph above it."""


@dataclass(slots=True)
class Page:
    """A whole run."""

    machine: Mapping[str, str]
    settings: Mapping[str, object]
    tables: list[Table] = field(default_factory=list)
    judgements: Sequence[Judgement] = ()
    is_judged: bool = True
    """Whether the run was long enough for a missed floor to be a failure."""

    def write(self, folder: Path) -> Path:
        """Write `results.md` and `results.json`; returns the page's path."""
        folder.mkdir(parents=True, exist_ok=True)
        document = {
            "machine": dict(self.machine),
            "settings": dict(self.settings),
            "bars": [
                {
                    **asdict(judgement.bar),
                    "values": dict(judgement.values),
                    "judgement": judgement.word,
                }
                for judgement in self.judgements
            ],
            "tables": [asdict(table) for table in self.tables],
        }
        text = json.dumps(document, indent=1, ensure_ascii=False)
        (folder / "results.json").write_text(text + "\n", encoding="utf-8")
        page = folder / "results.md"
        page.write_text(self.markdown(), encoding="utf-8")
        return page

    def markdown(self) -> str:
        """The page."""
        facts = "\n".join(f"- {name}: {value}" for name, value in self.machine.items())
        settings = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        warning = "" if self.is_judged else "\nA quick run: too short to be judged by.\n"
        tables = [_bars_table(self.judgements), *self.tables]
        return (
            "# Results\n\nWritten by `make bench`; [README.md](README.md) says what is measured and how to "
            f"read it.\n{warning}\n{facts}\n- run: {settings}\n\n"
            + "\n\n".join(map(_markdown, tables))
            + "\n"
        )


def _bars_table(judgements: Sequence[Judgement]) -> Table:
    rows = [
        (
            judgement.bar.name,
            f"{judgement.bar.floor:g}{judgement.bar.unit}",
            f"{judgement.bar.goal:g}{judgement.bar.unit}",
            ", ".join(f"{on} {value:.2f}".strip() for on, value in judgement.values.items()) or "-",
            judgement.word,
        )
        for judgement in judgements
    ]
    return Table("Floors and goals", ("what", "floor", "goal", "measured", "judgement"), rows)


def _markdown(table: Table) -> str:
    lines = [f"## {table.title}", ""]
    if table.note:
        lines += [table.note, ""]
    lines += [_row(table.columns), "|" + "---|" * len(table.columns), *map(_row, table.rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
