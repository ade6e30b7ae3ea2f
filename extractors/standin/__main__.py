"""The stand-in from the command line: see ``extractors.standin``."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence

from extractors import standin
from extractors.standin import Fault, Kind, Standin


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve files until interrupted; prints the address. Returns 2 for files or faults that cannot be used."""
    description = (standin.__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m extractors.standin", description=description)
    parser.add_argument("files", nargs="+", metavar="FILE", help="release packages, or releases one a line")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; any free one when left out")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME[:times=N,every=N,seconds=N,enforced=1]",
        help=f"misbehave; NAME is one of {', '.join(Kind)}",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    try:
        server = Standin(options.files, faults=[Fault.parse(text) for text in options.fault], port=options.port)
    except (OSError, ValueError) as problem:
        sys.stderr.write(f"The stand-in cannot start: {problem}\n")
        return 2
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with server:
        sys.stdout.write(f"{server.url} serves {len(server):,} releases; stop with Ctrl-C\n")
        sys.stdout.flush()
        stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
