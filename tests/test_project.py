"""The project's own papers are in order: reasons, locks, commands, licence."""

import ast
import io
import os
import re
import subprocess
import sys
import tokenize
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGES = ("flows", "extractors", "transforms", "warehouse")
CODE = sorted(
    path.relative_to(CHECKOUT).as_posix()
    for folder in (*PACKAGES, "tests", "bench")
    for path in (CHECKOUT / folder).rglob("*.py")
)
LOCKS = ("run", "test", "bench")
PAPERS = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "pyproject.toml",
    ".ci/run",
    ".pre-commit-config.yaml",
    ".gitignore",
)  # fmt: skip - one line of names reads better than nine

EXCEPTION = re.compile(r"#\s*(?:noqa|type:\s*ignore|ruff:|mypy:|pragma:|pylint:)", re.IGNORECASE)
# The marks of an exception that name what they except, so that they except nothing else.
NARROW = re.compile(r"# (?:noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)*|type: ignore\[[\w\-, ]+\]|pragma: no cover)(?P<rest>.*)")
REASON = re.compile(r"\w+\W+\w+")
HOST = re.compile(r"://|\b[\w-]+\.(?:org|com|io|net|dev|ai)\b|^\s*-|@ |(?:^|\s)[/~]")


def text(name: str) -> str:
    """Return a file of the project; its absence is the failure of the test that asks for it."""
    path = CHECKOUT / name
    assert path.is_file(), f"{name} is missing: write it"
    return path.read_text(encoding="utf-8")


def unexplained(source: str) -> list[str]:
    """Return the comments that make an exception to a rule of lint or types without a code or without a reason."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and EXCEPTION.search(token.string):
            narrow = NARROW.search(token.string)
            if not narrow or not REASON.search(narrow["rest"]):
                found.append(f"line {token.start[0]}: {token.string}")
    return found


def unexplained_entries(toml: str) -> list[str]:
    """Return the lines of a pyproject.toml that add a dependency or loosen a rule without a reason on the line."""
    found, table, explained = [], "", False
    for line in toml.splitlines():
        if header := re.match(r"\[+([\w.\-]+)\]+", line):
            table = header[1]
        elif opens := re.match(r'"?([\w*/.\-]+)"? = \[(.*)$', line):
            owed = table in {"dependency-groups", "tool.ruff.lint.per-file-ignores"}
            owed |= opens[1] in {"dependencies", "ignore", "filterwarnings", "extend-ignore", "disable_error_code"}
            explained = not owed
            if owed and opens[2].strip():
                found.append(line)
        elif table == "tool.mypy.overrides" and re.match(r"\w", line) and not line.startswith("module"):
            found += [] if has_reason(line) else [line]
        elif line.startswith("]"):
            explained = True
        elif line.strip().startswith('"') and not explained and line.strip() != '"error",':
            found += [] if has_reason(line) else [line]
    return found


def has_reason(line: str) -> bool:
    """Tell whether a line of TOML ends in a comment of two words or more."""
    return bool(REASON.search(re.sub(r'"[^"]*"', "", line).partition("# ")[2]))


def locked(lock: str) -> dict[str, list[Requirement]]:
    """Return the requirements of a lock by name; one name may stand twice, for different Pythons."""
    found: dict[str, list[Requirement]] = {}
    for line in lock.splitlines():
        if re.match(r"\w", line):
            requirement = Requirement(line.rstrip("\\ "))
            found.setdefault(requirement.name, []).append(requirement)
    return found


def unlocked(lock: str) -> list[str]:
    """Return the lines of a lock that name a place, or a requirement without its exact version or its hashes."""
    entries = [entry for entry in re.split(r"(?m)^(?=\w)", lock) if entry.strip()]
    found = [
        entry.splitlines()[0]
        for entry in entries
        if re.match(r"\w", entry) and not re.match(r"\S+==\S+[^\n]*\\\n(\s+--hash=sha256:[0-9a-f]{64}( \\)?\n)+", entry)
    ]
    for line in lock.splitlines():
        # A hash names no place, nor does uv's word on which of our own files asked for a package.
        plain = re.sub(r"--hash=sha256:[0-9a-f]{64}|-c requirements/\w+\.txt|^\s*#\s*(via)?", "", line)
        found += [line] if HOST.search(plain) else []
    return found


def commands(words: str) -> set[str]:
    """Return the targets of `make` that a page tells its reader to run."""
    code = " ".join(re.findall(r"```.*?```|`[^`]+`", words, re.DOTALL))
    return set(re.findall(r"\bmake ([a-z]+)\b", code))


def targets(makefile: str) -> dict[str, str]:
    """Return the commands of a Makefile with the sentence that each is explained by."""
    named = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    explained = dict(re.findall(r"^([a-z]+):[^\n]*## (.+)$", makefile, re.MULTILINE))
    return {name: explained.get(name, "") for name in (named[1].split() if named else [])}


@pytest.mark.parametrize("name", PAPERS)
def test_every_paper_is_there(name: str) -> None:
    """What a stranger looks for at the top of a project is there, and is not empty."""
    assert text(name).strip()


@pytest.mark.parametrize("path", CODE)
def test_every_exception_to_lint_and_types_has_its_reason(path: str) -> None:
    """A comment that silences a rule names that rule, and says why on the same line."""
    assert unexplained((CHECKOUT / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "# noqa: S608",
        "# type: ignore",
        "# type: ignore[attr-defined]",
        "# type: ignore  # the stubs are wrong",
        "# ruff: noqa",
        "# mypy: ignore-errors",
        "# once  # noqa: S608",
        "#noqa",
    ],
)
def test_an_exception_without_code_or_reason_is_told(comment: str) -> None:
    """The rule above can fail."""
    assert unexplained(f"x = 1  {comment}\n")


@pytest.mark.parametrize(
    "comment",
    ["# noqa: S608 - the names come from the schema", "# type: ignore[attr-defined]  # the stubs lack it", "# why so"],
)
def test_an_exception_with_code_and_reason_is_fine(comment: str) -> None:
    """A narrow exception that says why is let be, as is a plain comment."""
    assert unexplained(f"x = 1  {comment}\n") == []


def test_every_dependency_and_every_setting_that_loosens_a_rule_has_its_reason() -> None:
    """In pyproject.toml the reason stands on the line."""
    assert unexplained_entries(text("pyproject.toml")) == []


@pytest.mark.parametrize(
    "toml",
    [
        '[project]\ndependencies = [\n    "polars>=2",\n]',
        '[project]\ndependencies = ["polars>=2"]',
        '[dependency-groups]\ntest = [\n    "pytest",\n]',
        '[tool.ruff.lint]\nignore = [\n    "D105",\n]',
        '[tool.ruff.lint.per-file-ignores]\n"tests/**" = ["S101"]',
        '[tool.pytest.ini_options]\nfilterwarnings = [\n    "error",\n    "ignore:x",\n]',
        '[[tool.mypy.overrides]]\nmodule = ["x"]\nignore_missing_imports = true',
    ],
)
def test_a_setting_without_reason_is_told(toml: str) -> None:
    """The rule above can fail."""
    assert unexplained_entries(toml)


@pytest.mark.parametrize("name", LOCKS)
def test_locks_hold_exact_versions_and_hashes_and_no_place(name: str) -> None:
    """Every line of a lock is a version with its hashes; where it came from is the reader's own choice."""
    lock = text(f"requirements/{name}.txt")

    assert unlocked(lock) == []
    assert len(locked(lock)) > 5


@pytest.mark.parametrize(
    "line",
    [
        "six==1.17.0",
        "six>=1.17",
        "six @ file:///x/six.whl",
        "--index-url https://packages.example.org/simple",
        "-e .",
        "-f /wheels",
        "# from pypi.example.com",
    ],
)
def test_a_loose_line_in_a_lock_is_told(line: str) -> None:
    """The rule above can fail."""
    assert unlocked(f"{line}\n")


@pytest.mark.parametrize("pin", ["prefect>=3.8.8,<3.9", "fastapi>=0.139,<0.151", "sqlalchemy>=2.0.58,<2.1"])
def test_the_pins_stand(pin: str) -> None:
    """The three that break unattended nights when they move are held where they were tried."""
    assert pin in tomllib.loads(text("pyproject.toml"))["project"]["dependencies"]


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_agree_with_what_is_asked_for(lock: str) -> None:
    """Each direct dependency is locked at a version that its range allows: the lock was made after the range."""
    project = tomllib.loads(text("pyproject.toml"))
    groups = project["dependency-groups"]
    asked = project["project"]["dependencies"] + groups["build"] if lock == "run" else groups[lock]
    versions = locked(text(f"requirements/{lock}.txt"))

    for requirement in map(Requirement, asked):
        assert requirement.name in versions, f"{requirement.name} is not locked: run `make lock`"
        for pinned in versions[requirement.name]:
            assert requirement.specifier.contains(Version(str(pinned.specifier).removeprefix("=="))), (
                f"{pinned}: run `make lock`"
            )


@pytest.mark.parametrize(("later", "earlier"), [("test", "run"), ("bench", "run"), ("bench", "test")])
def test_locks_agree_with_each_other(later: str, earlier: str) -> None:
    """What two locks share is locked at one version, so that installing the second changes nothing of the first."""
    first, second = (
        {
            name: {str(one.specifier) for one in found}
            for name, found in locked(text(f"requirements/{lock}.txt")).items()
        }
        for lock in (earlier, later)
    )

    assert {
        name: (first[name], second[name]) for name in first.keys() & second.keys() if first[name] != second[name]
    } == {}


def test_nothing_is_asked_for_that_no_code_imports() -> None:
    """Each dependency of a run is imported somewhere, or is named here with what needs it instead."""
    needed_by_others = {
        "fastapi": "Prefect's server",
        "psycopg": "SQLAlchemy, when the warehouse is on PostgreSQL",
        "tzdata": "zoneinfo, where the machine has no time zones of its own",
    }
    brought_by_the_user = {
        "brotli": "unpacks the directory that the postcode ranges were derived from, once",
        "msgpack": "likewise",
    }
    module_of = {"pydantic-settings": "pydantic_settings", "beautifulsoup4": "bs4"}
    imported = set()
    for path in CODE:
        if path.startswith(PACKAGES):
            for node in ast.walk(ast.parse((CHECKOUT / path).read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    imported.add(node.module.partition(".")[0])
    asked = {Requirement(one).name for one in tomllib.loads(text("pyproject.toml"))["project"]["dependencies"]}

    assert {name for name in asked if module_of.get(name, name) not in imported} <= set(needed_by_others)
    # And the other way round: what is imported is asked for, not merely brought along by something else.
    known = {*PACKAGES, *sys.stdlib_module_names, *(module_of.get(name, name) for name in asked)}
    assert imported - known <= set(brought_by_the_user)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", ".pre-commit-config.yaml", ".ci/run"])
def test_every_command_that_a_page_names_exists(page: str) -> None:
    """Whoever follows a page types no command that the Makefile lacks."""
    words = text(page)
    named = (
        commands(words)
        if page.endswith(".md")
        else set(re.findall(r"^[^#\n]*\bmake (?:--\S+ )*([a-z]+)\b", words, re.MULTILINE))
    )

    assert named
    assert named <= targets(text("Makefile")).keys()


def test_the_readme_opens_with_the_two_commands() -> None:
    """The first thing to type is `make run`, then `make test`, and nothing else."""
    first = re.search(r"^```\w*\n(.*?)^```", text("README.md"), re.DOTALL | re.MULTILINE)

    assert first is not None
    assert [line.partition("#")[0].strip() for line in first[1].splitlines() if line.strip()] == [
        "make run",
        "make test",
    ]


def test_every_command_is_explained() -> None:
    """`make help` has a sentence for each command."""
    explained = targets(text("Makefile"))

    assert explained.keys() >= {"run", "test", "lint", "bench", "lock", "clean", "help"}
    assert [name for name, sentence in explained.items() if not sentence.endswith(".")] == []


def test_help_prints_every_command() -> None:
    """`make help` works before anything is installed."""
    done = subprocess.run(["make", "help"], cwd=CHECKOUT, capture_output=True, text=True, check=True)

    assert set(re.findall(r"^make (\w+)", done.stdout, re.MULTILINE)) == targets(text("Makefile")).keys()


def test_the_licence_is_apache_2() -> None:
    """The whole text is there, and the project says which it is."""
    licence = text("LICENSE")

    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert tomllib.loads(text("pyproject.toml"))["project"]["license"] == "Apache-2.0"


def test_the_changelog_tells_of_this_version() -> None:
    """What a user will see in this version is written down, or is about to be."""
    assert f"## {tomllib.loads(text('pyproject.toml'))['project']['version']}" in text("CHANGELOG.md")


def test_the_lint_runs_before_the_tests_and_both_can_be_started() -> None:
    """Continuous integration is executable, fails at the first failure, and ends with the README's own tests."""
    script = text(".ci/run")

    assert os.access(CHECKOUT / ".ci/run", os.X_OK)
    assert "set -euo pipefail" in script
    assert script.index("make lint") < script.rindex("make --no-print-directory test")


def test_what_is_built_holds_the_four_packages_and_their_facts(tmp_path: Path) -> None:
    """The wheel has every module, table of reference facts and view of the checkout, and nothing else of it."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
    )
    with zipfile.ZipFile(next(tmp_path.glob("noticeboard-*.whl"))) as wheel:
        inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
        entry = next(wheel.read(name).decode() for name in wheel.namelist() if name.endswith("entry_points.txt"))
        about = next(wheel.read(name).decode() for name in wheel.namelist() if name.endswith("METADATA"))
    here = {
        path.relative_to(CHECKOUT).as_posix()
        for package in PACKAGES
        for path in (CHECKOUT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert inside == here
    assert {"warehouse/views.sql"} <= inside
    assert [name for name in inside if name.startswith("transforms/reference/") and ".csv" in name]
    assert "noticeboard = flows.__main__:main" in entry
    assert "Classifier: Private :: Do Not Upload" in about
