"""The coverage-guided run over the checker, started by hand; see CONTRIBUTING.md.

Keeps its corpus in `build/fuzz`, and leaves there a file that breaks the check, as it would be uploaded.
"""

import random
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))
with atheris.instrument_imports(include=["tunedrop.domain"]):
    from support import soundness
    from support.mutations import SHAPES, STYLES, good_file, mutated
    from tunedrop.domain.formats import WRITABLE

FOLDER = Path("build/fuzz")
LIMITS = ("-max_len=8192", "-timeout=10", "-rss_limit_mb=1024", f"-artifact_prefix={FOLDER}/")


def one_input(data):
    """Hold one file to all that holds of every file."""
    chunk = 1 + len(data) % 97
    result = soundness.check(data, chunk=chunk)
    soundness.assert_accounted(data, result)
    soundness.assert_no_line_depends_on_another(data, result)
    assert soundness.everything(soundness.check(data)) == soundness.everything(result)
    soundness.assert_staged_well(data, WRITABLE[len(data) % len(WRITABLE)])


def changed(data, max_size, seed):
    """Change a file as the property tests do, or in the fuzzer's own way."""
    draw = random.Random(seed)
    if draw.random() < 1 / 3:
        return atheris.Mutate(data, max_size)
    for _ in range(draw.randrange(1, 4)):
        data = mutated(data, draw.randrange)
    return data[:max_size]


def main():
    """Run until libFuzzer's own options say stop."""
    corpus = FOLDER / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for shape in SHAPES:
        for number, style in enumerate(STYLES):
            (corpus / f"{shape}-{number}").write_bytes(good_file(shape, style))
    arguments = [sys.argv[0], *LIMITS, *sys.argv[1:], str(corpus)]
    atheris.Setup(arguments, one_input, custom_mutator=changed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
