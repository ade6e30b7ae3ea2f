"""Generate the data dictionary: every table, view and column with its types, its key and its sentence.

``python -m warehouse.dictionary`` writes ``docs/data-dictionary.md``; a test fails when the page lags behind.
The views and their sentences are read from ``views.sql``, in the notation that stands at its head.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from warehouse import schema

PAGE = Path(__file__).resolve().parent.parent / "docs" / "data-dictionary.md"

_TYPES: Mapping[str, type[TypeEngine[Any]]] = {
    "text": sa.Text,
    "count": sa.BigInteger,
    "number": sa.Double,
    "money": schema.Money,
    "flag": sa.Boolean,
    "day": sa.Date,
    "instant": schema.Instant,
}

_STATEMENT = re.compile(r"CREATE VIEW (\w+) AS\n(.*)", re.DOTALL)
_COLUMN = re.compile(r"(?P<name>\w+)(?P<key>\*)?(?: \((?P<type>\w+)\)| = (?P<table>\w+)\.(?P<column>\w+))(?:: (?P<comment>.+))?")


class View(NamedTuple):
    """A view for analysts: ``sql`` creates it, ``select`` is the query in it, ``columns`` gives each its sentence."""

    name: str
    comment: str
    columns: Mapping[str, str]
    types: Mapping[str, TypeEngine[Any]]
    key: tuple[str, ...]
    sql: str
    select: str

    @property
    def described(self) -> list[sa.Column[Any]]:
        """The columns as the schema would declare them."""
        return [sa.Column(name, self.types[name], comment=comment) for name, comment in self.columns.items()]


@cache
def views() -> tuple[View, ...]:
    """Read the views of ``views.sql``, in its order.

    Raises:
        ValueError: a column's line is not in the notation, names an unknown type, or has no sentence.
        KeyError: a column's line refers to a table or column that the schema does not have.
    """
    text = Path(__file__).with_name("views.sql").read_text(encoding="utf-8")
    # The first paragraph explains the notation; it ends at the first empty line.
    return tuple(_view(block.strip()) for block in text.split("\n\n", 1)[1].split(";\n") if block.strip())


def page() -> str:
    """Return the data dictionary as Markdown."""
    return "\n".join(_lines()) + "\n"


def write() -> None:
    """Write the data dictionary to its page."""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")


def _view(block: str) -> View:
    comments = [line.removeprefix("--") for line in block.splitlines() if line.startswith("--")]
    statement = block[block.index("CREATE VIEW") :]
    matched = _STATEMENT.fullmatch(statement)
    if matched is None:
        message = f"views.sql: {statement[:60]!r} is not 'CREATE VIEW name AS' and a query on the following lines"
        raise ValueError(message)
    name, select = matched.groups()
    columns, types, key = {}, {}, []
    for line in comments:
        if not line.startswith("   "):
            continue
        parts = _COLUMN.fullmatch(line.strip())
        if parts is None or (parts["type"] and (parts["type"] not in _TYPES or not parts["comment"])):
            message = f"views.sql: the line {line.strip()!r} of {name} is not in the notation that its head explains"
            raise ValueError(message)
        source = None if parts["type"] else schema.TABLES[parts["table"]].c[parts["column"]]
        types[parts["name"]] = _TYPES[parts["type"]]() if source is None else source.type
        columns[parts["name"]] = parts["comment"] or (source is not None and source.comment) or ""
        if parts["key"]:
            key.append(parts["name"])
    comment = " ".join(line.strip() for line in comments if not line.startswith("   "))
    return View(name, comment, columns, types, tuple(key), statement, select)


def _lines() -> Iterator[str]:
    yield "# Data dictionary"
    yield ""
    yield "Generated from `warehouse/schema.py` and `warehouse/views.sql` by `python -m warehouse.dictionary`: change those, not this page."
    yield ""
    yield (
        "Suffixes: `_id` an identifier, `_name` a name, `_gbp` pounds, `_on` a London calendar date, `_at` a time in UTC, "
        "`_share` a part between 0 and 1; `is_` and `has_` are true, false or not known."
    )
    yield "Null always means \"not known\", never 0 and never \"no\"."
    yield "On SQLite, true and false are 1 and 0, dates and times are text that sorts as time, and pounds are doubles: sum them with `round(sum(value_gbp), 2)`."
    yield ""
    yield "| table or view | what it holds |"
    yield "|---|---|"
    for table in schema.TABLES.values():
        yield f"| [{table.name}](#{table.name}) | {_cell(table.comment)} |"
    for view in views():
        yield f"| [{view.name}](#{view.name}) (view) | {_cell(view.comment)} |"
    for table in schema.TABLES.values():
        key = tuple(schema.key_columns(table.name))
        yield from _section(table.name, "Table", table.comment or "", key, list(table.columns))
    for view in views():
        yield from _section(view.name, "View", view.comment, view.key, view.described)


def _section(name: str, kind: str, comment: str, key: tuple[str, ...], columns: list[sa.Column[Any]]) -> Iterator[str]:
    yield ""
    yield f"## {name}"
    yield ""
    yield f"{kind}. {comment}"
    if key:
        yield f"Key: {', '.join(f'`{part}`' for part in key)}."
    yield ""
    yield "| column | SQLite | PostgreSQL | what it says |"
    yield "|---|---|---|---|"
    for column in columns:
        lite, postgres = (column.type.compile(dialect) for dialect in (sqlite.dialect(), postgresql.dialect()))
        yield f"| `{column.name}` | {lite} | {postgres} | {_cell(column.comment)} |"


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


if __name__ == "__main__":
    write()
