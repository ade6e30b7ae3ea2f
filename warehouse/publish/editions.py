"""A folder of dated editions, in which ``latest`` always points at a complete one.

An edition is filled in a hidden folder, written through to the disk, then renamed; ``latest`` is a relative symbolic
link that is replaced by a rename.
So a reader sees an edition whole or not at all, and a publisher that is killed leaves the old ``latest`` as it was.
An edition is never changed once it has its name: a second one of the same night gets a number behind its name.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

KEPT_NIGHTS = 14
"""Nights whose last edition is kept; the last of each month is kept for good."""

LATEST = "latest"

_DRAFT = ".draft-"
_OURS = ".editions"
"""A file beside the editions that names them: what it does not name is somebody else's."""
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(-[A-Za-z0-9-]{1,40})?")


def publish(root: Path, night: str, fill: Callable[[Path], None]) -> Path:
    """Make a new edition, point ``latest`` at it and remove those that are no longer kept.

    Leftovers of a publisher that was killed are removed first; one that is at work in the folder is waited for.

    Args:
        root: the folder of editions; made where it is missing.
        night: the edition's name, beginning with a London day, such as ``2026-03-29``.
        fill: writes the content into the empty folder that it is given.

    Returns:
        The edition's folder.

    Raises:
        ValueError: the name is not that of a night.
        OSError: the disk is full or not writable; the earlier editions and ``latest`` are as they were.
    """
    matched = _NAME.fullmatch(night)
    try:
        date.fromisoformat(matched[1] if matched else "")
    except ValueError:
        message = f"{night[:80]!r} cannot name an edition: give the London day of the night, such as 2026-03-29"
        raise ValueError(message) from None
    root.mkdir(parents=True, exist_ok=True)
    with _alone(root):
        return _publish(root, night, fill)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Wait until no other publisher is at work in the folder, and keep others waiting."""
    handle = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _publish(root: Path, night: str, fill: Callable[[Path], None]) -> Path:
    for leftover in root.glob(f"{_DRAFT}*"):
        _remove(leftover)

    draft = root / f"{_DRAFT}{night}"
    draft.mkdir()
    try:
        fill(draft)
        _write_through(draft)
        edition = _unused(root, night)
        with (root / _OURS).open("a", encoding="utf-8") as names:
            names.write(f"{edition.name}\n")
        draft.rename(edition)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _sync(root)

    previous = latest(root)
    link = root / f"{_DRAFT}{LATEST}"
    link.symlink_to(edition.name)
    link.replace(root / LATEST)
    _sync(root)

    # Who began to read the previous edition may finish: it goes with the next one at the earliest.
    _retire(root, spared={edition.name, previous.name if previous else ""})
    return edition


def latest(root: Path) -> Path | None:
    """Return the folder of the edition that ``latest`` points at, if there is one."""
    with suppress(OSError):
        edition = root / (root / LATEST).readlink()
        # Only an edition beside it counts, wherever somebody may have pointed the link.
        if edition.is_dir() and edition.parent.resolve() == root.resolve():
            return edition
    return None


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system has no hard links or the other disk is meant."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _unused(root: Path, night: str) -> Path:
    """Return the edition's folder: numbered above any in use, so that no name comes back to other content."""
    numbered = re.compile(re.escape(night) + r"(?:-(\d+))?")
    used = [int(found[1] or 1) for path in root.iterdir() if (found := numbered.fullmatch(path.name))]
    return root / (f"{night}-{max(used) + 1}" if used else night)


def _retire(root: Path, spared: set[str]) -> None:
    # Only what we have made is ours to remove: the folder may hold dated folders of the user's own.
    named = set((root / _OURS).read_text(encoding="utf-8").splitlines())
    ours = [path for path in root.iterdir() if path.name in named and path.is_dir() and not path.is_symlink()]
    last_of_night: dict[str, str] = {}
    for name in sorted((path.name for path in ours), key=_natural):
        if matched := _NAME.fullmatch(name):
            last_of_night[matched[1]] = name
    last_of_month = {night[:7]: name for night, name in last_of_night.items()}
    kept = {*list(last_of_night.values())[-KEPT_NIGHTS:], *last_of_month.values(), *spared}
    for path in ours:
        if path.name not in kept:
            # Out of sight first: half an edition must never look like a whole one.
            doomed = path.rename(root / f"{_DRAFT}old-{path.name}")
            shutil.rmtree(doomed, ignore_errors=True)


def _natural(name: str) -> list[tuple[int, str]]:
    """Order names by the numbers in them, so that the tenth edition of a night follows the ninth."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.findall(r"\d+|\D+", name)]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _write_through(folder: Path) -> None:
    for path in folder.rglob("*"):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
