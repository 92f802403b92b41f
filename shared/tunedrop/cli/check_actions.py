"""What `tunedrop check` does with files: checks them, mends one, compares two; each says what came of it.

Prints, and writes the files that were asked for; how to check is the checker's business.
"""

from collections.abc import Sequence
from pathlib import Path

import click

from tunedrop.cli.check_table import print_result
from tunedrop.cli.checking import Checked, Checker
from tunedrop.cli.comparing import Comparison
from tunedrop.cli.comparing_table import print_comparison
from tunedrop.cli.files import expect_apart, readable_twice, replacing
from tunedrop.cli.fixing import Outputs, kept_words, write_fixed
from tunedrop.cli.output import plain, print_json, print_note, print_one_or_list
from tunedrop.domain.checks import CheckResult


class Action:
    """One call of the command; its methods tell whether all is well.

    Args:
        checker: Checks the files.
        html: Where to write the page of the one file, if wanted.
        as_json: Whether standard output is for JSON.
    """

    def __init__(self, checker: Checker, html: Path | None, *, as_json: bool) -> None:
        self._checker = checker
        self._html = html
        self._as_json = as_json
        self._told: set[Path] = set()
        self._has_printed = False

    def check(self, files: Sequence[str]) -> bool:
        """Check each file."""
        self._expect_apart((), files)
        self._told.update(Path(path).resolve() for path in files)
        checks = []
        for path in files:
            checks.append(checked := self._checker.check(path))
            self._tell(checked)
        if self._as_json:
            print_one_or_list([checked.result.to_json() for checked in checks])
        return all(checked.accepted for checked in checks)

    def fix(self, path: str, out: Path, *, with_rows: bool) -> bool:
        """Check a file and write what is kept of it; it is what was written that has to be well."""
        outputs = Outputs(out)
        self._expect_apart(outputs.paths, (path,))
        with readable_twice(path, self._checker.read) as source:
            checked = self._checker.check(path, source=source)
            self._tell(checked)
            if self._as_json:
                print_json(checked.result.to_json())
            fixed = write_fixed(
                checked, outputs, read=self._checker.read, source=source, with_rows=with_rows
            )
        if fixed is None:
            print_note(f"{out}: not written, since no line is kept")
            return False
        print_note(f"{out}: {fixed.verdict}, {kept_words(checked.result, outputs)}")
        if fixed.verdict == "rejected" and not self._as_json:
            self._print(str(out), fixed)
        return fixed.verdict == "accepted" and _evaluates(checked)

    def compare(self, path: str, old: str) -> bool:
        """Check a file and hold it against an older version, by the rules of the new one."""
        self._expect_apart((), (path, old))
        checked = self._checker.check(path)
        self._tell_notes(checked)
        comparison = Comparison(self._checker.run(checked.rules, old), checked.result)
        if self._as_json:
            print_json(comparison.to_json())
        else:
            print_comparison(path, old, comparison)
        self._write_page(checked)
        return checked.accepted

    def _expect_apart(self, outputs: Sequence[Path], inputs: Sequence[str]) -> None:
        expect_apart((*outputs, self._html) if self._html else outputs, inputs)

    def _tell(self, checked: Checked) -> None:
        """Say what a check came to, and its evaluation file's, unless that is told by itself."""
        self._tell_notes(checked)
        if not self._as_json:
            self._print(checked.path, checked.result)
            evaluation = checked.evaluation
            if evaluation and Path(evaluation.path).resolve() not in self._told:
                self._told.add(Path(evaluation.path).resolve())
                self._print(evaluation.path, evaluation.result)
        self._write_page(checked)

    def _print(self, name: str, result: CheckResult) -> None:
        if self._has_printed:
            click.echo()
        self._has_printed = True
        print_result(name, result.to_json())

    def _tell_notes(self, checked: Checked) -> None:
        for note in checked.notes:
            print_note(note)
        if not _evaluates(checked) and checked.evaluation:
            print_note(
                f"{checked.evaluation.path}, the recipe's evaluation file, is rejected: nothing is "
                "tuned on before it is accepted"
            )

    def _write_page(self, checked: Checked) -> None:
        if self._html is None:
            return
        from tunedrop.reports.check_page import check_page_view
        from tunedrop.reports.rendering import render_check

        page = render_check(check_page_view(checked.result.to_json(), name=checked.path))
        with replacing(self._html) as file:
            file.write(page.encode())
        print_note(f"the page is {plain(str(self._html))}")


def _evaluates(checked: Checked) -> bool:
    return checked.evaluation is None or checked.evaluation.accepted
