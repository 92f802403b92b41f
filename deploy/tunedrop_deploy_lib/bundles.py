"""Stages what each function uploads: its own two files, and beside them the package without what no function needs.

Knows files; knows no gcloud and no configuration.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tunedrop_deploy_lib.errors import DeployError

FUNCTIONS = ("validator", "launcher", "status")
OWN_FILES = ("main.py", "requirements.txt")
LEFT_OUT = frozenset({"local", "cli", "doctor", "topology.py", "rights.py", "dead_letters.py"})
IGNORE_FILE = ".gcloudignore"
_READABLE = 0o644
_IGNORED = f"{IGNORE_FILE}\n__pycache__/\n*.pyc\n"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The upload of one function source.

    Attributes:
        function: Its folder under `functions/`.
        files: Contents by path inside the bundle, in the order of their paths.
    """

    function: str
    files: dict[str, bytes]

    @property
    def digest(self) -> str:
        """Hash of names and contents, 16 hex digits; equal sources have equal digests anywhere."""
        hasher = hashlib.sha256()
        for name, data in self.files.items():
            hasher.update(f"{len(name)}:{name}:{len(data)}:".encode())
            hasher.update(data)
        return hasher.hexdigest()[:16]


def read_bundle(root: Path, function: str) -> Bundle:
    """Collect what a function uploads from the repository at `root`.

    Raises:
        DeployError: A file is missing, or a link leads somewhere else.
    """
    files = {name: _content(root / "functions" / function / name) for name in OWN_FILES}
    package = root / "shared" / "tunedrop"
    for path in _package_files(package):
        files[f"tunedrop/{path.relative_to(package).as_posix()}"] = _content(path)
    files[IGNORE_FILE] = _IGNORED.encode()
    return Bundle(function, dict(sorted(files.items())))


def write_bundle(bundle: Bundle, build: Path) -> Path:
    """Have `build/<function>` hold a bundle and nothing else, and return that folder.

    A file that is right is left alone and no other ever half written, so that two at once do no harm.
    """
    folder = build / bundle.function
    folder.mkdir(parents=True, exist_ok=True)
    _clear_out(folder, bundle)
    for name, data in bundle.files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            _put(path, data, build)
    return folder


def _clear_out(folder: Path, bundle: Bundle) -> None:
    """Remove what is none of a bundle's, the deepest first."""
    wanted = {folder / name for name in bundle.files}
    kept = wanted | {parent for path in wanted for parent in path.parents}
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_symlink() or (path.is_file() and path not in wanted):
            path.unlink(missing_ok=True)
        elif path.is_dir() and path not in kept:
            path.rmdir()


def _put(path: Path, data: bytes, build: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=build, prefix=".", delete=False) as half:
        half.write(data)
    written = Path(half.name)
    written.chmod(_READABLE)
    written.replace(path)


def _package_files(package: Path) -> Iterator[Path]:
    if not (package / "__init__.py").is_file():
        raise DeployError(f"{package}: expected the package tunedrop; run from a source checkout")
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        left_out = LEFT_OUT & {parts[0], path.name}
        if path.is_file() and not hidden and path.suffix != ".pyc" and not left_out:
            yield path


def _content(path: Path) -> bytes:
    if path.is_symlink():
        raise DeployError(f"{path}: expected a file, found a link; put the file itself there")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DeployError(f"{path}: expected a file; run from a source checkout") from None
