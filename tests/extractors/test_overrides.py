"""Decisions of people about suppliers and buyers are read as they stand, and a line that is none stops the night."""

from pathlib import Path

import pytest

from extractors import overrides

HEAD = ",".join(overrides.COLUMNS)


def written(folder: Path, *lines: str, head: str = HEAD) -> Path:
    """Write a file of decisions."""
    path = folder / "overrides.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8-sig")
    return path


def test_without_a_file_nothing_is_decided() -> None:
    """No setting, no decision."""
    assert overrides.read(None).is_empty()


def test_a_decision_is_read_with_its_reason(tmp_path: Path) -> None:
    """What a person wrote is what the night gets, with dates as dates."""
    path = written(tmp_path, "7,same,GB-COH-01234567,ACME LTD,,One letterhead names both,A,2026-11-22,")

    (row,) = overrides.read(path).iter_rows(named=True)

    assert (row["kind"], row["a"], row["b"]) == ("same", "GB-COH-01234567", "ACME LTD")
    assert (row["reason"], str(row["at"]), row["revoked_at"]) == ("One letterhead names both", "2026-11-22", None)


def test_a_decision_that_was_taken_back_is_gone(tmp_path: Path) -> None:
    """The last line of one id counts: it may revoke, and it may decide again."""
    one, gone = "7,same,A LTD,B LTD,,because,A,2026-11-22,", "7,same,A LTD,B LTD,,no,A,2026-11-23,2026-11-23"

    assert overrides.read(written(tmp_path, one, gone)).is_empty()
    assert overrides.read(written(tmp_path, one, gone, one)).height == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("7,merge,A,B,,because,A,2026-11-22,", "line 2: 'merge' is no kind"),
        ("7,same,A,,,because,A,2026-11-22,", "line 2: b is empty"),
        ("7,class,A,,,because,A,2026-11-22,", "line 2: value is empty"),
        ("7,buyer,A,,,because,A,2026-11-22,", "line 2: value is empty"),
        ("7,same,A,B,,,A,2026-11-22,", "line 2: reason is empty"),
        (",same,A,B,,because,A,2026-11-22,", "line 2: override_id is empty"),
        ("7,same,A,B,,because,A,22/11/2026,", "line 2: at is '22/11/2026'"),
        ("7,same,GB-COH-1234567,B,,because,A,2026-11-22,", "line 2: a is 'GB-COH-1234567', which is no identifier"),
        ("7,same,A,gb-chc-1112223,,because,A,2026-11-22,", "line 2: b is 'gb-chc-1112223', which is no identifier"),
        ("7,class,GB-SC-12345,,yes,because,A,2026-11-22,", "line 2: a is 'GB-SC-12345', which is no identifier"),
    ],
)
def test_a_line_that_is_no_decision_is_named(tmp_path: Path, line: str, words: str) -> None:
    """The error names the line, the column and what to do."""
    with pytest.raises(overrides.UnusableOverrides, match=words):
        overrides.read(written(tmp_path, line))


@pytest.mark.parametrize(
    "a",
    [
        "GB-COH-01234567", "GB-COH-SC123456", "GB-COH-IP12345R", "GB-CHC-1112223", "GB-CHC-1112223-2",
        "GB-SC-SC012345", "GB-NIC-101234", "GB-MPR-7654", "GB-PPON-PABC-1234-DEFG", "GB Coaches Ltd",
    ],
)  # fmt: skip
def test_identifiers_and_names_are_let_through(tmp_path: Path, a: str) -> None:
    """An identifier as it is written, of any scheme, and a name that begins alike are no mistake."""
    (row,) = overrides.read(written(tmp_path, f"7,same,{a},B LTD,,because,A,2026-11-22,")).iter_rows(named=True)

    assert row["a"] == a


def test_the_example_in_the_documentation_can_be_read(tmp_path: Path) -> None:
    """What the module shows as an example is a file that is accepted, and one decision in it was taken back."""
    example = [line.strip() for line in (overrides.__doc__ or "").splitlines() if line.startswith("    ")]
    (row,) = overrides.read(written(tmp_path, *example[1:], head=example[0])).iter_rows(named=True)

    assert (row["kind"], row["a"], row["value"]) == ("class", "GB-COH-07654321", "registered_charity")


def test_a_file_without_a_column_is_refused(tmp_path: Path) -> None:
    """The first line that is wanted stands in the error."""
    with pytest.raises(overrides.UnusableOverrides, match="has no column who, at, revoked_at"):
        overrides.read(written(tmp_path, "7", head="override_id,kind,a,b,value,reason"))


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A path that was set and leads nowhere must not pass for no decisions."""
    with pytest.raises(overrides.UnusableOverrides, match="unset NOTICEBOARD_OVERRIDES"):
        overrides.read(tmp_path / "missing.csv")
