"""Decode and flatten archived documents, in a process of their own where there are many.

Reading a long history takes as long as storing it: a second process reads a batch ahead of the one that stores.
"""

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from io import BytesIO
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import polars as pl

from extractors import find_a_tender
from extractors.archive import Archive
from transforms import releases

BATCH = 3_000
"""Documents that are worked on at a time: the measure of memory."""

LONG = {find_a_tender.SOURCE: 3}
"""How much more the documents of a service hold than others: so many fewer are worked on at a time."""

MANY_BYTES = 8_000_000
"""Archived bytes, compressed, from which on a second process is worth its start."""


class Batch(NamedTuple):
    """Some documents of one source, flattened, and how many of the days asked for have been begun."""

    source: str
    flat: releases.Flat
    days_begun: int


def flattened(root: Path, days: Mapping[str, Sequence[date]], many_bytes: int = MANY_BYTES) -> Iterator[Batch]:
    """Decode and flatten the archived documents of some days, ``BATCH`` at a time.

    Args:
        root: the archive's folder.
        days: the London days of each source.
        many_bytes: archived bytes from which on a second process is used.

    Raises:
        DamagedArchive: a file of the archive cannot be read.
    """
    if _size(root, days) < many_bytes:
        yield from _here(root, days)
        return
    done = 0
    for batch in _from_second_process(root, days):
        if batch is None:
            return
        done += 1
        yield batch
    # What the second process could not do fails here again, with its own error.
    yield from islice(_here(root, days), done, None)


def _size(root: Path, days: Mapping[str, Sequence[date]]) -> int:
    archive = Archive(root)
    paths = (root / archive.path(source, day) for source, wanted in days.items() for day in wanted)
    return sum(path.stat().st_size for path in paths if path.exists())


def _here(root: Path, days: Mapping[str, Sequence[date]]) -> Iterator[Batch]:
    before = 0
    for source, wanted in days.items():
        for _, files, begun in Archive(root).batches({source: wanted}, max(1, BATCH // LONG.get(source, 1))):
            yield Batch(source, releases.flatten(source, files), before + begun)
        before += len(wanted)


def _from_second_process(root: Path, days: Mapping[str, Sequence[date]]) -> Iterator[Batch | None]:
    """Yield the batches of a second process, and None when it has sent them all; it may end without."""
    # Spawned, not forked: polars' threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(theirs, root, days), daemon=True)
    process.start()
    # With our copy of its end closed, the pipe ends when either process does: nothing waits for ever.
    theirs.close()
    try:
        while (told := ours.recv()) is not None:
            source, counts, days_begun, tables = told
            frames = {table: pl.read_ipc_stream(ours.recv_bytes()) for table in tables}
            yield Batch(source, releases.Flat(frames, *counts), days_begun)
        yield None
    except (EOFError, OSError):  # it ended between two batches, or in the middle of one
        return
    finally:
        ours.close()
        process.terminate()
        process.join()


def _send(pipe: Connection, root: Path, days: Mapping[str, Sequence[date]]) -> None:
    """Send batch after batch, then None; end without it on any error, which the first process then meets itself."""
    try:
        for source, (frames, *counts), days_begun in _here(root, days):
            pipe.send((source, counts, days_begun, list(frames)))
            for frame in frames.values():
                # As they lie in memory: a pickle of them is copied twice more.
                stream = BytesIO()
                frame.write_ipc_stream(stream)
                pipe.send_bytes(stream.getbuffer())
        pipe.send(None)
    except Exception:  # whatever it is, the process that asked meets it where it can be told
        pipe.close()
