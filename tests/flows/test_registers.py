"""Tests of loading registers and of finding in them what suppliers need."""

import fcntl
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from extractors import made_up_registers
from extractors.made_up_registers import COMPANIES, Company, company_file, control, control_file, published
from extractors.registers import UnexpectedFile
from extractors.standin.registers import RegistersStandin, Trouble
from extractors.web import SourceUnavailable
from flows import registers
from transforms.suppliers.registers import NAME, ORGANISATION, RELATION, Registers

STRATEGIC = (
    "<html><body><main><p>Updated 3 November 2026</p><table><thead><tr><th>Strategic supplier</th></tr></thead>"
    + "".join(f"<tr><td>Firm {letter}</td></tr>" for letter in "ABCDEFGHIJKL")
    + "</table></main></body></html>"
).encode()
"""The list of strategic suppliers, on the page of its publication."""

NONE = pl.Series([], dtype=pl.String)


def clock() -> datetime:
    """Return the time of these tests."""
    return datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def load_all(data_dir: Path, service: str) -> list[registers.Loaded]:
    """Load every register from a stand-in."""
    return [
        registers.load(data_dir, register, clock, service=service, wait_seconds=0) for register in registers.REGISTERS
    ]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with every register loaded from the stand-in."""
    data_dir = tmp_path_factory.mktemp("registers")
    with RegistersStandin({**published(), "strategic-suppliers": STRATEGIC}) as server:
        load_all(data_dir, server.url)
    return data_dir


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., registers.Loaded]:
    """Return a function that loads companies of a month from a file into this test's own data folder."""

    def load_month(
        month: str, companies: Sequence[Company] = COMPANIES, accept_fewer: bool = False
    ) -> registers.Loaded:
        path = tmp_path / f"BasicCompanyDataAsOneFile-{month}-01.csv"
        path.write_bytes(company_file(companies))
        return registers.load(tmp_path / "data", "companies-house", clock, files=[path], accept_fewer=accept_fewer)

    return load_month


def find(data_dir: Path, keys: Sequence[str] = (), org_ids: Sequence[str] = ()) -> Registers:
    """Look up keys and org-ids."""
    return registers.relevant(data_dir, pl.Series(keys, dtype=pl.String), pl.Series(org_ids, dtype=pl.String))


def test_every_register_loads_from_the_network_with_its_date_and_terms(everything: Path) -> None:
    """The dates come from the names of files, from the rows, or from the day of the load."""
    loaded = {item.register: (item.vintage, item.rows, item.licence) for item in registers.loaded(everything)}

    assert loaded == {
        "companies-house": (date(2026, 11, 1), 7, "Open Government Licence v3.0"),
        "companies-house-control": (date(2026, 11, 1), 4, "Open Government Licence v3.0"),
        "charity-commission": (date(2026, 11, 20), 4, "Open Government Licence v3.0"),
        "oscr": (date(2026, 11, 22), 3, "Open Government Licence v3.0"),
        "ccni": (date(2026, 11, 22), 2, "Open Government Licence v3.0"),
        "mutuals": (date(2026, 11, 22), 3, "Open Government Licence v3.0"),
        "charity-lookups": (date(2026, 11, 22), 3, "Open Database Licence 1.0"),
        "strategic-suppliers": (date(2026, 11, 3), 12, "Open Government Licence v3.0"),
    }


def test_no_contact_details_and_no_published_file_stay_on_the_disk(everything: Path) -> None:
    """What was fetched is deleted as soon as it is read, and what is kept holds nobody's name or number."""
    files = [path for path in everything.rglob("*") if path.is_file()]
    told = "".join(str(pl.read_parquet(path).rows()) for path in files if path.suffix == ".parquet")

    assert {path.name for path in files} == {
        ".lock",
        "listed.parquet",
        "manifest.json",
        "name.parquet",
        "organisation.parquet",
        "relation.parquet",
    }
    assert [secret for secret in made_up_registers.SECRETS if secret in told] == []


@pytest.mark.parametrize("register", registers.REGISTERS)
def test_the_tables_have_the_columns_that_are_promised(everything: Path, register: str) -> None:
    """The same three tables for every register, whatever it has to tell."""
    [folder] = [path for path in (everything / "registers" / register).iterdir() if path.name.startswith("2026")]

    assert pl.read_parquet_schema(folder / "organisation.parquet") == ORGANISATION
    assert pl.read_parquet_schema(folder / "name.parquet") == NAME
    assert pl.read_parquet_schema(folder / "relation.parquet") == RELATION


def test_a_former_name_leads_to_the_company_with_all_its_names(everything: Path) -> None:
    """A renamed company is found by the name that it had."""
    found = find(everything, keys=["elmetcleaning"])

    assert found.organisation["org_id"].to_list() == ["GB-COH-19000001"]
    assert found.name.select("key", "kind", "legal_form").rows() == [
        ("brightsidecleaning", "current", "ltd"),
        ("elmetcleaning", "previous", "ltd"),
    ]


def test_a_working_name_leads_to_the_charity_and_on_to_its_company(everything: Path) -> None:
    """What is the same as what was found comes with it, in either register."""
    found = find(everything, keys=["wentworthadviceline"])

    assert found.organisation["org_id"].to_list() == ["GB-CHC-1190001", "GB-COH-00900005"]
    assert ("GB-CHC-1190001", "GB-COH-00900005", "same_as") in found.relation.select(
        "org_id", "other_org_id", "kind"
    ).rows()


def test_parents_come_with_theirs_up_to_the_last(everything: Path) -> None:
    """A subsidiary leads to its parent and to the foreign parent's parent, which has an id of its own."""
    found = find(everything, org_ids=["GB-COH-19000004"])

    assert found.organisation.select("org_id", "name").rows() == [
        ("GB-COH-00900003", "MOSSLEY HOLDINGS PLC"),
        ("GB-COH-19000004", "MOSSLEY FACILITIES LIMITED"),
        ("PSC-5786925-globalmossley", "Global Mossley, Inc."),
    ]


def test_a_parent_does_not_bring_all_its_other_subsidiaries(everything: Path) -> None:
    """Who is looked for decides how much is read."""
    found = find(everything, org_ids=["GB-COH-00900003"])

    assert "GB-COH-19000004" not in found.organisation["org_id"].to_list()


def test_without_any_register_everything_is_empty(tmp_path: Path) -> None:
    """The columns are there all the same."""
    found = find(tmp_path, keys=["elmetcleaning"], org_ids=["GB-COH-19000001"])

    assert [frame.height for frame in found] == [0, 0, 0]
    assert [frame.schema for frame in found] == [ORGANISATION, NAME, RELATION]
    assert registers.loaded(tmp_path) == []


def test_a_dissolved_company_does_not_vanish(tmp_path: Path, load: Callable[..., registers.Loaded]) -> None:
    """It is told by the newest vintage that knows it, whichever was loaded first."""
    load("2026-10", [COMPANIES[0]._replace(name="BRIGHTSIDE UNTIL OCTOBER LTD"), *COMPANIES[1:]])
    load("2026-11", COMPANIES[1:], accept_fewer=True)
    load("2026-09", [COMPANIES[0]._replace(name="BRIGHTSIDE UNTIL SEPTEMBER LTD"), *COMPANIES[1:]])
    found = find(tmp_path / "data", org_ids=["GB-COH-19000001", "GB-COH-19000002"])

    assert found.organisation.select("name", "vintage").rows() == [
        ("BRIGHTSIDE UNTIL OCTOBER LTD", date(2026, 10, 1)),
        ("HARROWGATE HEALTH C.I.C.", date(2026, 11, 1)),
    ]
    assert sorted(found.name["name"].unique()) == [
        "BRIGHTSIDE UNTIL OCTOBER LTD",
        "ELMET CLEANING LIMITED",
        "HARROWGATE HEALTH C.I.C.",
    ]


def test_a_vintage_that_is_moved_away_is_no_longer_told(tmp_path: Path, load: Callable[..., registers.Loaded]) -> None:
    """What older vintages know is derived anew when the folders are others than it was derived from."""
    load("2026-10")
    load("2026-11", COMPANIES[1:], accept_fewer=True)
    folder = tmp_path / "data" / "registers" / "companies-house"
    (folder / "2026-10-01").rename(tmp_path / "elsewhere")

    assert find(tmp_path / "data", org_ids=["GB-COH-19000001"]).organisation.is_empty()


def test_loading_the_same_file_again_changes_nothing(tmp_path: Path, load: Callable[..., registers.Loaded]) -> None:
    """A vintage is replaced by itself."""
    first = load("2026-11")
    before = find(tmp_path / "data", org_ids=["GB-COH-19000001"])
    second = load("2026-11")

    assert first == second
    assert all(
        one.equals(other)
        for one, other in zip(before, find(tmp_path / "data", org_ids=["GB-COH-19000001"]), strict=True)
    )


def test_a_register_that_shrinks_by_more_than_a_tenth_is_refused_until_it_is_said_to_be_right(
    tmp_path: Path, load: Callable[..., registers.Loaded]
) -> None:
    """A file that was cut between two rows looks whole; the number of rows gives it away."""
    load("2026-10")
    with pytest.raises(UnexpectedFile, match=r"holds 3 rows, where the vintage of 2026-10-01 held 7.*--accept-fewer"):
        load("2026-11", COMPANIES[:3])

    assert [item.vintage for item in registers.loaded(tmp_path / "data")] == [date(2026, 10, 1)]
    assert load("2026-11", COMPANIES[:3], accept_fewer=True).rows == 3


def test_a_file_without_rows_is_refused(load: Callable[..., registers.Loaded]) -> None:
    """A header alone is no register."""
    with pytest.raises(UnexpectedFile, match="holds no row"):
        load("2026-11", [])


def test_a_load_that_fails_leaves_what_was_loaded(tmp_path: Path, load: Callable[..., registers.Loaded]) -> None:
    """Neither a half-read vintage nor a lock is left behind."""
    load("2026-10")
    broken = tmp_path / "BasicCompanyData-2026-11-01.csv"
    broken.write_bytes(b"CompanyName\r\nX\r\n")
    with pytest.raises(UnexpectedFile, match="lacks the column"):
        registers.load(tmp_path / "data", "companies-house", clock, files=[broken])

    assert sorted(path.name for path in (tmp_path / "data" / "registers" / "companies-house").iterdir()) == [
        ".lock",
        "2026-10-01",
    ]
    assert find(tmp_path / "data", org_ids=["GB-COH-19000001"]).organisation.height == 1


def test_a_file_without_a_date_asks_for_one(tmp_path: Path) -> None:
    """The date is never guessed: it can be given."""
    path = tmp_path / "companies.csv"
    path.write_bytes(company_file())
    with pytest.raises(UnexpectedFile, match="--on 2026-11-01"):
        registers.load(tmp_path, "companies-house", clock, files=[path])

    assert registers.load(tmp_path, "companies-house", clock, files=[path], on=date(2026, 11, 1)).rows == 7
    assert path.is_file()


@pytest.mark.parametrize("dated", ["by its name", "by hand"])
def test_a_date_that_lies_ahead_is_refused(tmp_path: Path, dated: str) -> None:
    """A slip in the year would stay the newest vintage for a year: nothing is loaded, and today is told."""
    path = tmp_path / ("companies.csv" if dated == "by hand" else "BasicCompanyDataAsOneFile-2027-11-01.csv")
    path.write_bytes(company_file())
    on = date(2027, 11, 1) if dated == "by hand" else None
    with pytest.raises(UnexpectedFile, match=r"would be of 2027-11-01, and today is 2026-11-22\..*--on"):
        registers.load(tmp_path, "companies-house", clock, files=[path], on=on)

    assert registers.loaded(tmp_path) == []


def test_the_date_of_today_is_none_that_lies_ahead(tmp_path: Path) -> None:
    """A register that is published every day is of the day on which it is loaded."""
    path = tmp_path / "companies.csv"
    path.write_bytes(company_file())

    assert registers.load(tmp_path, "companies-house", clock, files=[path], on=date(2026, 11, 22)).rows == 7


def test_a_download_that_gives_up_is_taken_up_by_the_next_load(tmp_path: Path) -> None:
    """Half of a file waits for its other half."""
    with RegistersStandin(published(), {Trouble.CUT: 1_000}) as server, pytest.raises(SourceUnavailable):
        registers.load(tmp_path, "companies-house", clock, service=server.url, wait_seconds=0)
    left = list((tmp_path / "registers" / "companies-house" / "incoming").glob("*.part"))

    assert len(left) == 1
    with RegistersStandin(published()) as server:
        assert registers.load(tmp_path, "companies-house", clock, service=server.url, wait_seconds=0).rows == 7


def test_a_second_load_at_the_same_time_is_refused(tmp_path: Path) -> None:
    """Two loads of one register would tread on each other."""
    root = tmp_path / "registers" / "oscr"
    root.mkdir(parents=True)
    with (root / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(registers.BusyRegister, match="Another load of oscr"):
            registers.load(tmp_path, "oscr", clock)


def test_an_unknown_register_names_those_there_are(tmp_path: Path) -> None:
    """Whoever mistypes a name is told the names."""
    with pytest.raises(ValueError, match="There is companies-house, companies-house-control, charity-commission"):
        registers.load(tmp_path, "companies", clock)


def test_a_manifest_tells_where_a_vintage_comes_from(everything: Path) -> None:
    """Name, size and checksum of each file that was read."""
    told = json.loads((everything / "registers" / "oscr" / "2026-11-22" / "manifest.json").read_text())

    assert [file["name"] for file in told["files"]] == ["charity-register.zip", "charity-former-register.zip"]
    assert all(len(file["sha256"]) == 64 and file["bytes"] > 0 for file in told["files"])


@pytest.mark.parametrize(
    ("number", "name", "parent"),
    [
        ("900003", "Mossley Holdings Public Limited Company", "GB-COH-00900003"),
        ("900003", "Somebody Else Limited", "PSC-900003-somebodyelse"),
        ("19000077", "Not In The Register Ltd", "GB-COH-19000077"),
    ],
)
def test_the_number_of_a_parent_is_believed_where_companies_house_knows_its_name(
    tmp_path: Path, load: Callable[..., registers.Loaded], number: str, name: str, parent: str
) -> None:
    """A number under which the register knows somebody else is a slip; one it does not know stays what it is."""
    load("2026-11")
    path = tmp_path / "psc-snapshot-2026-11-22.txt"
    path.write_bytes(control_file([control("19000001", name, number, "England", "voting-rights-75-to-100-percent")]))
    registers.load(tmp_path / "data", "companies-house-control", clock, files=[path])
    relation = find(tmp_path / "data", org_ids=["GB-COH-19000001"]).relation

    assert relation["other_org_id"].to_list() == [parent]


def test_many_names_get_the_same_keys_as_few(tmp_path: Path, load: Callable[..., registers.Loaded]) -> None:
    """Further processes make the keys where there are many names, and make no other ones."""
    count = registers.PARALLEL_FROM
    load("2026-11", [Company(f"NUMBER {place} CLEANING LTD", f"{19_000_000 + place}") for place in range(count)])
    name = pl.read_parquet(tmp_path / "data" / "registers" / "companies-house" / "2026-11-01" / "name.parquet")

    assert name.height == count
    assert name.select("key", "legal_form").rows() == registers.keys_of(name["name"].to_list())
