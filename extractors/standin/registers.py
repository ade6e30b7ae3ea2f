"""A local server that publishes registers as their keepers do: pages that link to files, and files that can be resumed.

Serves what it is given under the paths of all services at once, which do not collide, so that one address takes the
place of each of them. Misbehaves on request in the ways that large files suffer from: see ``Trouble``.

How faithful it is
    - Paths, names of files and the nesting of the links are those of the real pages, as public code that reads them
      has them; the pages' other words are made up.
    - Ranges, ``If-Range`` and ``ETag`` as RFC 9110 has them, which the stores behind the real pages follow.
    - Companies House's page lists the file in parts beside the one file, and the Charity Commission's each table as
      JSON and as text: the reader has to choose.
    - Northern Ireland's export tells neither its length nor its version, and wants the number from the search page.
"""

import hashlib
import html
import json
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

HOME_PAGE_ID = "c0ffee00-0000-4000-8000-000000000000"

_PAGES = {
    "/en_output.html": r"BasicCompanyData.*\.zip",
    "/en_pscdata.html": r"persons-with-significant-control-snapshot.*\.zip",
    "/register/full-register-download": r"publicextract\..*\.zip",
    "/": r"SocietyList\.csv",
}
_EXPORT = "/api/charity-search/exportSearchResultsToCsv"
_RANGE = re.compile(r"bytes=(\d+)-")


class Trouble(StrEnum):
    """Ways to misbehave, each for as many requests as is asked."""

    CUT = "cut"  # a file breaks off after half of what was asked for
    NO_RANGES = "no_ranges"  # the whole file, whatever was asked for
    WRONG_PART = "wrong_part"  # another part of the file than the one that was asked for
    CHANGED = "changed"  # the file is another one from the second request on
    UNAVAILABLE = "unavailable"  # 503 with Retry-After
    NO_LINK = "no_link"  # the page links to no file
    FOREIGN_LINK = "foreign_link"  # the page links to a file on another host
    NO_HOME_PAGE_ID = "no_home_page_id"  # the search page has lost the number that the export wants


@dataclass(frozen=True, slots=True)
class Request:
    """One request that was answered: path, the part that was asked for (from which byte on), and the status given."""

    path: str
    start: int | None
    status: int


class RegistersStandin:
    """Serve registers on a port of 127.0.0.1 while the context is open.

    ``files`` are what is published, by name; ``troubles`` how often each kind of trouble strikes. ``url`` is the
    address of every service, ``requests`` what was asked so far.
    """

    def __init__(self, files: Mapping[str, bytes], troubles: Mapping[Trouble, int] | None = None) -> None:
        """Prepare the server; it starts with the context."""
        self.files = dict(files)
        self.requests: list[Request] = []
        self._troubles = dict(troubles or {})
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.standin = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        """Start answering."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def strikes(self, trouble: Trouble) -> bool:
        """Tell whether a trouble strikes now, and count it."""
        with self._lock:
            left = self._troubles.get(trouble, 0)
            self._troubles[trouble] = max(0, left - 1)
            return left > 0

    def page(self, path: str) -> bytes | None:
        """Return a web page; null where there is none."""
        if path == "/charity-search":
            number = "" if self.strikes(Trouble.NO_HOME_PAGE_ID) else HOME_PAGE_ID
            config = html.escape(html.escape(json.dumps({"homePageId": number, "pageSize": 10})))
            return f'<html><body><div id="search" data-config="{config}"></div></body></html>'.encode()
        if path not in _PAGES:
            return None
        links = list(self._links(path)) if not self.strikes(Trouble.NO_LINK) else []
        if self.strikes(Trouble.FOREIGN_LINK):
            links = [f"https://elsewhere.invalid/{link.rsplit('/', 1)[-1]}" for link in links]
        items = "".join(f'<li><a href="{link}">{link.rsplit("/", 1)[-1]}  (1Mb)</a></li>\n' for link in links)
        return f'<html><body><h1>Download</h1>\n<a href="help.html">Help</a>\n<ul>{items}</ul></body></html>'.encode()

    def _links(self, path: str) -> Iterable[str]:
        for name in (name for name in self.files if re.fullmatch(_PAGES[path], name)):
            match path:
                case "/en_output.html":
                    yield name
                    yield name.replace("AsOneFile", "").replace(".zip", "-part1_7.zip")
                case "/en_pscdata.html":
                    yield name
                    yield name.replace("persons-with-significant-control", "psc").replace(".zip", "_1of32.zip")
                case "/":
                    yield f"//{self.url.split('//')[1]}/societylist/{name}"
                case _:
                    yield f"{self.url}/data/txt/{name}"
                    yield f"{self.url}/data/json/{name}"

    def file(self, path: str, params: Mapping[str, list[str]]) -> bytes | None:
        """Return a file by its path; null where there is none."""
        if path == _EXPORT:
            is_right = params.get("homePageId") == [HOME_PAGE_ID] and params.get("include") == ["Removed"]
            return self.files.get("exportSearchResultsToCsv") if is_right else None
        return self.files.get(path.rsplit("/", 1)[-1])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    standin: RegistersStandin


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the client's delayed acknowledgement
    server: _Server

    def do_GET(self) -> None:
        """Answer one request."""
        standin = self.server.standin
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        path = path.rstrip("/") or "/"
        asked = _RANGE.fullmatch(self.headers.get("Range", ""))
        start = int(asked[1]) if asked else None
        if standin.strikes(Trouble.UNAVAILABLE):
            status = self._send(503, b"Service Unavailable", {"Retry-After": "5", "Content-Type": "text/plain"})
        elif (page := standin.page(path)) is not None:
            status = self._send(200, page, {"Content-Type": "text/html; charset=utf-8"})
        elif (body := standin.file(path, parse_qs(parts.query, keep_blank_values=True))) is None:
            status = self._send(404, b"Not found", {"Content-Type": "text/plain"})
        elif path == _EXPORT:
            status = self._send(200, body, {"Content-Type": "text/csv"}, is_announced=False)
        else:
            status = self._send_file(standin, body, start)
        standin.requests.append(Request(path, start, status))

    def _send_file(self, standin: RegistersStandin, body: bytes, start: int | None) -> int:
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"Content-Type": "application/octet-stream", "ETag": tag, "Accept-Ranges": "bytes"}
        if start is not None and self.headers.get("If-Range", tag) != tag:
            start = None
        if start is not None and standin.strikes(Trouble.NO_RANGES):
            start = None
        if start is not None and start >= len(body):
            return self._send(416, b"", headers | {"Content-Range": f"bytes */{len(body)}"})
        if start is not None and standin.strikes(Trouble.WRONG_PART):
            start = 0
        if start is not None:
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        rest = body[start or 0 :]
        cut = len(rest) // 2 if standin.strikes(Trouble.CUT) else None
        if standin.strikes(Trouble.CHANGED):
            for name, known in standin.files.items():
                if known is body:
                    standin.files[name] = body + b"\n"
                    break
        return self._send(200 if start is None else 206, rest, headers, cut=cut)

    def _send(
        self, status: int, body: bytes, headers: Mapping[str, str], *, cut: int | None = None, is_announced: bool = True
    ) -> int:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if is_announced:
            self.send_header("Content-Length", str(len(body)))
        if cut is not None or not is_announced:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body[:cut])
        return status

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: ``RegistersStandin.requests`` is the record."""
