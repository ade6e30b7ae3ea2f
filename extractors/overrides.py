"""Read what people decided about suppliers and buyers: an append-only CSV file of the user's.

The setting ``NOTICEBOARD_OVERRIDES`` says where it is.

    override_id,kind,a,b,value,reason,who,at,revoked_at
    1,same,GB-COH-01234567,ACME BUILDING SERVICES,,The invoice names both,J. Smith,2026-11-22,
    2,class,GB-COH-07654321,,registered_charity,Its charity number is on its website,J. Smith,2026-11-22,
    1,same,GB-COH-01234567,ACME BUILDING SERVICES,,The invoice was another firm's,J. Smith,2026-12-01,2026-12-01

``a`` and ``b`` are a supplier_id, an identifier such as GB-COH-01234567, or a name as notices write it.
For a decision of kind ``class``, ``value`` is a status (yes, possible, no, unknown) or a type such as
``registered_charity``.
For one of kind ``buyer``, ``a`` is a buyer_id, the buyer's id in a notice or its name as written, and ``value`` is a
kind of buyer such as ``portal``, or the code of its area such as E08000035.
A decision is taken back by another line under its ``override_id`` with a date in ``revoked_at``: of the lines of one
id the last one counts.
"""

import csv
import re
from datetime import date
from pathlib import Path

import polars as pl

COLUMNS = ("override_id", "kind", "a", "b", "value", "reason", "who", "at", "revoked_at")

NEEDS = {
    "same": ("a", "b"),
    "different": ("a", "b"),
    "name": ("a", "value"),
    "class": ("a", "value"),
    "group": ("a", "value"),
    "buyer": ("a", "value"),
}
"""The kinds of decision, with the columns that each needs: who is one supplier, who is not, what a supplier is called,
what kind of organisation it is, and to which group it belongs; who a buyer is, or of what kind."""

IDENTIFIERS = {
    "GB-COH": r"[A-Z0-9]{8}",
    "GB-CHC": r"[0-9]+(?:-[0-9]+)?",
    "GB-SC": r"SC[0-9]{6}",
    "GB-NIC": r"[0-9]+",
    "GB-MPR": r"[0-9A-Z]+",
}
"""How the numbers of the registers are written behind their scheme: another spelling would address nobody."""

SCHEMA = {
    **dict.fromkeys(COLUMNS[:-2], pl.String()),
    "at": pl.Date(),
    "revoked_at": pl.Date(),
}


class UnusableOverrides(Exception):
    """Raised when the file of decisions cannot be read as it stands: a decision must never be dropped silently."""


def read(path: Path | None) -> pl.DataFrame:
    """Return the decisions that stand, sorted by ``override_id``, in the columns ``SCHEMA``; none without a file.

    Raises:
        UnusableOverrides: the file is not there, lacks a column, or holds a line that is no decision.
    """
    if path is None:
        return pl.DataFrame(schema=SCHEMA)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise UnusableOverrides(
                    f"{path} has no column {', '.join(missing)}. Its first line must be: {','.join(COLUMNS)}"
                )
            decisions = {}
            for row in rows:
                decision = _decision(path, rows.line_num, row)
                decisions[decision["override_id"]] = decision
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnusableOverrides(
            f"{path} cannot be read: {error}. Save it as CSV in UTF-8, or unset NOTICEBOARD_OVERRIDES"
        ) from None
    told = pl.DataFrame(list(decisions.values()), schema=SCHEMA)
    return told.filter(pl.col("revoked_at").is_null()).sort("override_id")


def _decision(path: Path, line: int, row: dict[str | None, str | None]) -> dict[str, str | date | None]:
    told = {name: (row.get(name) or "").strip() or None for name in COLUMNS}
    where = f"{path}, line {line}"
    needed = ("override_id", "kind", "reason", "at")
    kind = told["kind"]
    if kind is not None and kind not in NEEDS:
        raise UnusableOverrides(f"{where}: {kind!r} is no kind of decision; there is {', '.join(NEEDS)}")
    lacks = [name for name in (*needed, *NEEDS.get(kind or "", ())) if told[name] is None]
    if lacks:
        raise UnusableOverrides(f"{where}: {', '.join(lacks)} is empty. Fill it in, or take the line out")
    for name in ("a", "b"):
        scheme = re.match(rf"\s*({'|'.join(IDENTIFIERS)})-", told[name] or "", re.IGNORECASE)
        if scheme and not re.fullmatch(f"{scheme[1].upper()}-{IDENTIFIERS[scheme[1].upper()]}", told[name] or ""):
            raise UnusableOverrides(
                f"{where}: {name} is {told[name]!r}, which is no identifier such as GB-COH-01234567 or GB-CHC-1112223. "
                "Write it in capitals, a company number with all its eight characters"
            )
    days: dict[str, date | None] = {}
    for name in ("at", "revoked_at"):
        text = told[name]
        try:
            days[name] = date.fromisoformat(text) if text else None
        except ValueError:
            raise UnusableOverrides(f"{where}: {name} is {text!r}, which is no date such as 2026-11-22") from None
    return {**told, **days}
