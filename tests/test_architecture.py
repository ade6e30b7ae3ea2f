"""The house keeps its order: who may import whom, and who may look at the clock, the environment, the disk.

Each rule reads the source, so that it holds for code that no other test runs; each is shown able to fail.
"""

import ast
import subprocess
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGES = ("flows", "extractors", "transforms", "warehouse")
MODULES = sorted(
    path.relative_to(CHECKOUT).as_posix() for package in PACKAGES for path in (CHECKOUT / package).rglob("*.py")
)

# What of ours each package may import, besides itself.
MAY_IMPORT = {
    "flows": ("extractors", "transforms", "warehouse"),
    "extractors": (),
    "transforms": ("warehouse.schema",),
    "warehouse": (),
}
# Where each library that marks a border may be imported.
AT_HOME = {
    "prefect": "flows",
    "requests": "extractors",
    "bs4": "extractors",
    "sqlalchemy": "warehouse",
    "psycopg": "warehouse",
    "sqlite3": "warehouse",
    "duckdb": "warehouse",
}
WALL_CLOCK = {
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
    "datetime.date.today",
    *(f"time.{name}" for name in ("time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "clock_gettime")),
}
ENVIRONMENT = {
    *(f"os.{name}" for name in ("environ", "environb", "getenv", "getenvb", "putenv", "unsetenv")),
    "os.path.expanduser",
    "os.path.expandvars",
    "pathlib.Path.home",
}
# Transforms are pure: nothing that reaches out of the process or differs from run to run.
IMPURE = (
    "asyncio",
    "http",
    "httpx",
    "multiprocessing",
    "random",
    "secrets",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "threading",
    "urllib.request",
    "uuid",
)  # fmt: skip - one line of words reads better than thirteen
READS_OR_WRITES = ("read_", "scan_", "write_", "sink_")
OPENS = {"open", "unlink", "mkdir", "touch", "glob", "rglob", "iterdir"}
SAYS_NOTHING = {"util", "utils", "common", "helper", "helpers", "core", "base", "misc"}


def breaches(path: str, source: str) -> list[str]:
    """Return every breach of the house's order in one module, as sentences with their line.

    Args:
        path: Where the module stands, from the checkout, such as `transforms/places.py`.
        source: Its text.
    """
    package = path.split("/", 1)[0]
    found = [
        f"{path}: a name such as {part!r} tells no reader what is inside"
        for part in path.removesuffix(".py").split("/")
        if part in SAYS_NOTHING
    ]
    tree = ast.parse(source)
    for line, target in imports(tree):
        where = f"{path}:{line}"
        if target.startswith("."):
            found.append(f"{where}: a relative import; write it in full")
            continue
        if is_within(target, PACKAGES) and not is_within(target, (package, *MAY_IMPORT[package])):
            found.append(f"{where}: {package} may not import {target}")
        if (home := AT_HOME.get(target.partition(".")[0], package)) != package:
            found.append(f"{where}: {target} belongs in {home} only")
        if package == "transforms" and is_within(target, IMPURE):
            found.append(f"{where}: transforms are pure and may not import {target}")
    for line, name in references(tree):
        where = f"{path}:{line}"
        if package != "flows" and name in WALL_CLOCK:
            found.append(f"{where}: {name} reads the wall clock; take it as an argument")
        if package != "flows" and is_within(name, tuple(ENVIRONMENT)):
            found.append(f"{where}: {name} reads the environment; take the setting as an argument")
        if package != "flows" and name in {"importlib.import_module", "__import__"}:
            found.append(f"{where}: {name} hides an import from this test")
    if package == "transforms":
        found += [
            f"{path}:{line}: transforms may read no file but their reference: {call}" for line, call in touches(tree)
        ]
    return found


def is_within(name: str, places: tuple[str, ...]) -> bool:
    """Tell whether a dotted name is one of the places or below one."""
    return any(name == place or name.startswith(f"{place}.") for place in places)


def imports(tree: ast.Module) -> list[tuple[int, str]]:
    """Return the line and full name of everything imported; of `from a import b`, the name is `a.b`."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.lineno, f"{'.' * node.level}{node.module or ''}.{alias.name}") for alias in node.names]
    return found


def references(tree: ast.Module) -> list[tuple[int, str]]:
    """Return the line and full name of everything mentioned, whatever name it was imported under.

    A mention is enough: a clock handed on as a default is a clock read.
    """
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    found = [(line, name) for line, name in imports(tree) if name in WALL_CLOCK | ENVIRONMENT]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and (name := dotted(node)):
            first, _, rest = name.partition(".")
            found.append((node.lineno, ".".join(filter(None, (known.get(first, first), rest)))))
    return found


def dotted(node: ast.expr) -> str | None:
    """Return `a.b.c` of an expression that is only that, else None."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr}"
    return None


def touches(tree: ast.Module) -> list[tuple[int, str]]:
    """Return the calls that read or write files, but for those that name the folder of reference facts."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            reaches = method in OPENS or method.startswith(READS_OR_WRITES) or dotted(node.func) == "open"
            if reaches and "reference" not in (said := ast.unparse(node)).lower():
                found.append((node.lineno, said))
    return found


def owners(package: str) -> set[str]:
    """Return the installed distributions that bring a package of this name."""
    return set(metadata.packages_distributions().get(package, []))


@pytest.mark.parametrize("path", MODULES)
def test_every_module_keeps_the_order(path: str) -> None:
    """Imports go one way, and only flows sees the clock and the environment."""
    assert breaches(path, (CHECKOUT / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("path", "source", "told"),
    [
        ("extractors/x.py", "import warehouse.store", "extractors may not import warehouse.store"),
        ("extractors/x.py", "from transforms import values", "extractors may not import transforms.values"),
        ("warehouse/x.py", "from transforms.values import believe", "warehouse may not import"),
        ("warehouse/x.py", "if True:\n    import flows", "warehouse may not import flows"),
        ("transforms/x.py", "from warehouse import store", "transforms may not import warehouse.store"),
        ("transforms/x.py", "from warehouse.schema_of import y", "transforms may not import"),
        ("transforms/x.py", "def f():\n    import extractors.web", "transforms may not import extractors.web"),
        ("warehouse/x.py", "from . import schema", "relative import"),
        ("flows/x.py", "from ..transforms import values", "relative import"),
        ("warehouse/x.py", "from prefect import task", "prefect.task belongs in flows"),
        ("transforms/x.py", "import prefect.logging", "prefect.logging belongs in flows"),
        ("flows/x.py", "import requests", "requests belongs in extractors"),
        ("flows/x.py", "from bs4 import BeautifulSoup", "belongs in extractors"),
        ("flows/x.py", "import sqlalchemy as sa", "sqlalchemy belongs in warehouse"),
        ("transforms/x.py", "from sqlalchemy import select", "belongs in warehouse"),
        ("extractors/x.py", "import sqlite3", "sqlite3 belongs in warehouse"),
        ("extractors/x.py", "from datetime import datetime\nx = datetime.now()", ":2: datetime.datetime.now reads"),
        ("extractors/x.py", "import datetime as dt\nx = dt.date.today()", "datetime.date.today reads the wall clock"),
        ("warehouse/x.py", "from datetime import datetime as d\nx = d.utcnow()", "datetime.datetime.utcnow reads"),
        ("warehouse/x.py", "import time\ndef f(clock=time.time): ...", "time.time reads the wall clock"),
        ("transforms/x.py", "from time import time_ns as t\nx = t()", "time.time_ns reads the wall clock"),
        ("extractors/x.py", "import os\nx = os.environ['A']", "os.environ reads the environment"),
        ("warehouse/x.py", "from os import getenv", "os.getenv reads the environment"),
        ("warehouse/x.py", "import os\nx = os.environ.get('A')", "os.environ.get reads the environment"),
        ("extractors/x.py", "from pathlib import Path\nx = Path.home()", "pathlib.Path.home reads the environment"),
        ("transforms/x.py", "import importlib\nx = importlib.import_module('flows')", "hides an import"),
        ("transforms/x.py", "import random", "may not import random"),
        ("transforms/x.py", "from urllib.request import urlopen", "may not import urllib.request.urlopen"),
        ("transforms/x.py", "x = open('areas.csv')", "read no file"),
        ("transforms/x.py", "import polars as pl\nx = pl.read_csv('areas.csv')", "read no file"),
        ("transforms/x.py", "def f(path): return path.read_text()", "read no file"),
        ("transforms/x.py", "import gzip\nx = gzip.open('areas.csv.gz')", "read no file"),
        ("transforms/x.py", "def f(frame): frame.write_parquet('x')", "read no file"),
        ("transforms/utils.py", "", "tells no reader"),
        ("warehouse/core/x.py", "", "tells no reader"),
    ],
)
def test_each_rule_can_fail(path: str, source: str, told: str) -> None:
    """A made-up module that breaks one rule is found, once or more, and told which."""
    assert any(told in breach for breach in breaches(path, source)), breaches(path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("flows/x.py", "import os\nfrom datetime import datetime\nimport prefect\nx = datetime.now(), os.environ"),
        ("flows/x.py", "from extractors import web\nfrom transforms.values import believe\nimport warehouse.store"),
        ("transforms/x.py", "from warehouse import schema\nfrom warehouse.schema import frame_schema"),
        ("transforms/x.py", "import polars as pl\nx = pl.read_csv(REFERENCE / 'areas.csv')"),
        ("transforms/x.py", "def f(frame): return frame.rename({'a': 'b'})"),
        ("transforms/x.py", "from transforms.suppliers import names\nfrom urllib.parse import quote"),
        ("extractors/x.py", "import time, requests\ntime.sleep(1)\nx = time.monotonic()"),
        (
            "warehouse/x.py",
            "import sqlalchemy as sa\nfrom datetime import datetime\nx = datetime.fromisoformat('2026-01-01')",
        ),
    ],
)
def test_what_is_allowed_is_not_told(path: str, source: str) -> None:
    """The rules leave free what the design leaves free."""
    assert breaches(path, source) == []


@pytest.mark.parametrize(
    ("package", "strangers"),
    [
        ("extractors", "prefect sqlalchemy psycopg flows transforms warehouse"),
        ("transforms", "prefect requests bs4 psycopg sqlite3 flows extractors"),
        ("warehouse", "prefect requests bs4 flows extractors transforms"),
    ],
)
def test_a_package_works_without_the_others(package: str, strangers: str) -> None:
    """Importing all of a package, in an interpreter of its own, brings in nothing that is foreign to it."""
    names = [path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in MODULES]
    mine = [name for name in names if is_within(name, (package,)) and not name.endswith("__main__")]
    program = f"import sys\nimport {', '.join(mine)}\nprint(*sorted(set({strangers.split()}) & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_owns_our_names(package: str) -> None:
    """The four names are ours on this machine: a stranger's package of that name would be imported in place of ours."""
    spec = find_spec(package)

    assert owners(package) <= {"noticeboard"}
    assert spec is not None
    assert spec.origin == str(CHECKOUT / package / "__init__.py")


def test_a_stranger_with_our_name_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution that brings a folder `flows` is found among the owners."""
    record = tmp_path / "stranger-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (record / "RECORD").write_text("flows/__init__.py,,\n")
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)

    assert "stranger" in owners("flows")


def test_every_folder_is_found() -> None:
    """The rules above had modules of all four packages to read."""
    assert {path.split("/", 1)[0] for path in MODULES} == set(PACKAGES)
