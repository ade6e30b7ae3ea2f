"""Where mentions of suppliers lead, and why."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.conftest import SHARED
from transforms.suppliers.names import comparable
from transforms.suppliers.resolve import resolve, suppliers
from warehouse.schema import frame_schema

MENTION_SCHEMA = {
    "mention_id": pl.String(),
    "award_id": pl.String(),
    "published_at": pl.Datetime("us", "UTC"),
    "party_id": pl.String(),
    "supplier_name": pl.String(),
    "address": pl.String(),
    "scale_declared": pl.String(),
    "vcse_declared": pl.Boolean(),
}
IDENTIFIER_SCHEMA = {"mention_id": pl.String(), "scheme": pl.String(), "raw": pl.String()}


def mentions(*names: str | None) -> pl.DataFrame:
    """Make one mention per name: m0 is the oldest."""
    rows = [
        (
            f"m{number}",
            f"a{number}",
            datetime(2025, 1, 1 + number, tzinfo=UTC),
            "GB-CFS-1",
            name,
            "1 High St",
            "sme",
            None,
        )
        for number, name in enumerate(names)
    ]
    return pl.DataFrame(rows, schema=MENTION_SCHEMA, orient="row")


def identifiers(*rows: tuple[str, str | None, str]) -> pl.DataFrame:
    """Make identifiers as written: mention, scheme, number."""
    return pl.DataFrame(rows, schema=IDENTIFIER_SCHEMA, orient="row")


def only_link(name: str | None, *given_identifiers: tuple[str, str]) -> dict[str, str | None]:
    """Resolve one mention and return its link."""
    told = identifiers(*(("m0", scheme, raw) for scheme, raw in given_identifiers))
    link = resolve(mentions(name), told)["supplier_link"].row(0, named=True)
    return {"method": link["method"], "reason": link["reason"], "supplier_id": link["supplier_id"]}


@pytest.mark.parametrize(
    ("name", "given_identifiers", "method", "reason"),
    [
        ("Vale Ltd", [("GB-COH", "01234567")], "identifier", "The notice gives the company number 01234567."),
        (
            "Vale Ltd",
            [("GB-COH", "1234567")],
            "identifier",
            "The notice gives the company number '1234567', read as 01234567.",
        ),
        ("Vale", [("GB-CHC", "1123456")], "identifier", "The notice gives the charity number 1123456."),
        ("Vale", [("GB-LAE", "HAV")], "identifier", "The notice gives the GB-LAE number HAV."),
        (
            "Noise Consultants Limited",
            [],
            "core_name",
            "No usable identifier; the name without 'limited' is 'noise consultants'.",
        ),
        ("The Forge", [], "core_name", "No usable identifier; the name is 'forge'."),
        ("Vale Ltd", [("GB-COH", "0")], "core_name", "No usable identifier; the name without 'ltd' is 'vale'."),
        ("Vale Ltd", [("GB-VAT", "100279752")], "core_name", "No usable identifier; the name without 'ltd' is 'vale'."),
        ("Vale LLP", [("GB-COH", "307742")], "core_name", "No usable identifier; the name without 'llp' is 'vale'."),
        ("Various", [], "placeholder", "'Various' names no organisation."),
        ("Various", [("GB-COH", "01234567")], "placeholder", "'Various' names no organisation."),
        ("-", [("GB-COH", "01234567")], "identifier", "The notice gives the company number 01234567."),
        ("", [], "placeholder", "The notice gives no name."),
        (None, [], "placeholder", "The notice gives no name."),
    ],
)
def test_every_mention_leads_somewhere_with_a_reason(
    name: str | None, given_identifiers: list[tuple[str, str]], method: str, reason: str
) -> None:
    """An identifier that can be used says who it is, else the name; a placeholder leads nowhere. Each says why."""
    link = only_link(name, *given_identifiers)

    assert (link["method"], link["reason"]) == (method, reason)
    assert (link["supplier_id"] is None) == (method == "placeholder")


def test_spellings_and_numbers_of_one_firm_meet() -> None:
    """Spellings of one name are one supplier, and so are mentions of one company number, whatever the name."""
    told = mentions(
        "Vale & Brook Ltd", "VALE AND BROOK LIMITED", "Stone Ltd", "Stone t/a Harrow", "Vale & Brook North Ltd"
    )
    found = resolve(told, identifiers(("m2", "GB-COH", "01234567"), ("m3", "GB-COH", "1234567")))["supplier_mention"]
    ids = found["supplier_id"].to_list()

    assert ids[0] == ids[1]
    assert ids[2] == ids[3]
    assert len(set(ids)) == 3
    assert found["supplier_id"].str.contains(r"^S[A-Z2-7]{10}$").all()


def test_supplier_ids_stay() -> None:
    """A supplier's id is in print: it follows from the evidence alone, and no release may change it."""
    found = resolve(mentions("Vale Ltd", "Vale Ltd"), identifiers(("m1", "GB-COH", "01234567")))["supplier_mention"]

    assert found["supplier_id"].to_list() == ["S3MYGG7XL4W", "SAEVTDTZU4K"]


@pytest.mark.parametrize(
    ("given_identifiers", "org_id"),
    [
        ([("GB-CHC", "1123456"), ("GB-COH", "01234567")], "GB-COH-01234567"),
        ([("GB-PPON", "PABC-1234-DEFG"), ("GB-CHC", "1123456")], "GB-CHC-1123456"),
        ([("GB-COH", "1234567"), ("GB-COH", "07654321")], "GB-COH-07654321"),
        ([("GB-COH", "07654321"), ("GB-COH", "01234567")], "GB-COH-01234567"),
        ([("GB-COH", "0"), ("GB-CHC", "1123456")], "GB-CHC-1123456"),
        ([("GB-LAE", "HAV"), ("GB-PPON", "PABC-1234-DEFG")], "GB-PPON-PABC-1234-DEFG"),
    ],
)
def test_one_of_several_identifiers_is_chosen_by_rule(given_identifiers: list[tuple[str, str]], org_id: str) -> None:
    """Of several identifiers the register decides, then ok before repaired, then the lowest."""
    told = identifiers(*(("m0", scheme, raw) for scheme, raw in given_identifiers))
    found = resolve(mentions("Vale Ltd"), told)

    assert found["supplier_mention"]["org_id"].to_list() == [org_id]
    assert found["supplier_identifier"].height == len(given_identifiers)


def test_every_written_identifier_is_kept_once_with_its_status() -> None:
    """Identifiers told twice collapse; one that cannot be used is kept with its reason; an empty scheme is empty."""
    told = identifiers(
        ("m0", "GB-COH", "N/A"), ("m0", "GB-COH", "N/A"), ("m0", None, "1234567"), ("m0", "GB-COH", "307742")
    )
    found = resolve(mentions("Vale LLP"), told)["supplier_identifier"]

    assert found.select("scheme", "raw", "status").rows() == [
        ("", "1234567", "ambiguous"),
        ("GB-COH", "307742", "ambiguous"),
        ("GB-COH", "N/A", "junk"),
    ]
    assert found["org_id"].null_count() == 3
    assert found["reason"].null_count() == 0


def test_frames_have_the_types_of_the_warehouse() -> None:
    """Every frame has the warehouse's columns and types, with the told columns beside, empty frames included."""
    for told in (mentions("Vale Ltd", "Various"), mentions()):
        found = resolve(told, identifiers())
        schema = frame_schema("supplier_mention")
        mention = found["supplier_mention"]

        assert {name: schema[name] for name in mention.columns if name in schema} == {
            name: dtype for name, dtype in mention.schema.items() if name in schema
        }
        assert set(mention.columns) == set(schema) - {"postcode"} | {"scale_declared", "vcse_declared"}
        assert dict(found["supplier_identifier"].schema) == frame_schema("supplier_identifier")
        assert dict(found["supplier_link"].schema) == frame_schema("supplier_link")
        assert dict(suppliers(mention).schema) == frame_schema("supplier")


def test_a_mention_told_in_two_ways_is_refused() -> None:
    """Two rows of one mention that differ are an error of the stage before."""
    told = mentions("Vale Ltd", "Brook Ltd").with_columns(mention_id=pl.lit("m0"))

    with pytest.raises(ValueError, match="'m0' is told in two ways"):
        resolve(told, identifiers())


def test_two_organisations_never_share_an_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two keys would get one id, nothing is resolved."""
    monkeypatch.setattr("base64.b32encode", lambda _: b"AAAAAAAAAA")

    with pytest.raises(ValueError, match="get the same id"):
        resolve(mentions("Vale Ltd", "Brook Ltd"), identifiers())


def test_a_supplier_is_named_by_its_latest_mention() -> None:
    """The latest publication names a supplier, unless its name says nothing; placeholders are no suppliers."""
    told = mentions("Old Vale Ltd", "New Vale plc", "12345", "Various")
    same = identifiers(*((f"m{number}", "GB-COH", "01234567") for number in range(4)))
    found = suppliers(resolve(told, same)["supplier_mention"])

    assert found.select("supplier_name", "org_id", "core_name", "legal_form", "mentions").rows() == [
        ("New Vale plc", "GB-COH-01234567", "new vale", "plc", 3)
    ]


def test_an_unusable_identifier_is_not_the_suppliers() -> None:
    """A supplier found by its name has no identifier, even where the notice wrote one that cannot be used."""
    found = resolve(mentions("Vale LLP"), identifiers(("m0", "GB-COH", "307742")))["supplier_mention"]

    assert suppliers(found)["org_id"].to_list() == [None]


ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(["Vale Ltd", "VALE LIMITED", "Vale t/a Brook", "Brook & Co", "Various", "-", "", "Stone LLP"]),
        st.sampled_from([None, ("GB-COH", "01234567"), ("GB-COH", "1234567"), ("GB-CHC", "1123456"), ("GB-COH", "0")]),
        st.sampled_from([None, ("GB-PPON", "PABC-1234-DEFG"), ("GB-COH", "307742"), ("", "12")]),
    ),
    max_size=6,
)


@settings(max_examples=60)
@given(entries=ENTRIES, seed=st.integers(0, 1000), cut=st.integers(0, 6))
def test_order_duplicates_and_company_change_nothing(
    entries: list[tuple[str, tuple[str, str] | None, tuple[str, str] | None]], seed: int, cut: int
) -> None:
    """A mention leads to the same supplier in any order, told twice, and whatever it is resolved together with."""
    told = mentions(*(name for name, _, _ in entries))
    written = identifiers(
        *((f"m{number}", *each) for number, (_, *pair) in enumerate(entries) for each in pair if each is not None)
    )
    found = resolve(told, written)
    shuffled = pl.concat([told, told.head(2)]).sample(fraction=1, shuffle=True, seed=seed)
    again = resolve(shuffled, pl.concat([written, written]).sample(fraction=1, shuffle=True, seed=seed))
    parts = [resolve(part, written.join(part, on="mention_id", how="semi")) for part in (told[:cut], told[cut:])]

    for table, frame in found.items():
        assert_frame_equal(frame, again[table])
        together = pl.concat([part[table] for part in parts])
        keys = ["mention_id", "scheme", "raw"] if table == "supplier_identifier" else ["mention_id"]
        assert_frame_equal(frame, together.sort(keys))


@pytest.fixture(scope="module")
def real() -> dict[str, pl.DataFrame]:
    """Resolve the real award suppliers of 2022."""
    path = SHARED / "data" / "suppliers" / "contracts_finder_award_suppliers_2022.csv.gz"
    if not path.exists():
        pytest.skip(f"the shared file {path.name} is not here")
    told = (
        pl.read_csv(path, infer_schema=False)
        .with_row_index("row")
        .with_columns(mention_id=pl.col("row").cast(pl.String))
    )
    mention = told.select(
        "mention_id",
        "supplier_name",
        "address",
        award_id="award_link",
        published_at=pl.col("published").str.to_datetime(time_zone="UTC"),
    )
    written = told.filter(pl.col("identifier_id").is_not_null()).select(
        "mention_id", scheme="identifier_scheme", raw="identifier_id"
    )
    return resolve(mention, written)


def test_real_identifiers_have_the_known_mix(real: dict[str, pl.DataFrame]) -> None:
    """Of real identifiers 87 in 100 are right, 12 can be repaired, and about one in a hundred says nothing."""
    statuses = real["supplier_identifier"]["status"]
    share = {status: (statuses == status).mean() or 0.0 for status in statuses.unique()}

    assert statuses.len() == 4047
    assert share["ok"] == pytest.approx(0.868, abs=0.01)
    assert share["repaired"] == pytest.approx(0.117, abs=0.012)
    assert share["junk"] + share["ambiguous"] + share["out_of_range"] + share["other_scheme"] < 0.015


def test_real_placeholders_are_few_and_real_names_are_kept(real: dict[str, pl.DataFrame]) -> None:
    """About 3 in 1,000 real mentions name nobody, each seen by eye; every other one has a core name."""
    link = real["supplier_link"]
    mention = real["supplier_mention"].join(link.select("mention_id", "method"), on="mention_id")
    nobody = mention.filter(pl.col("method") == "placeholder")["supplier_name"].unique()

    assert {"NO AWARD MADE", "Not Awarded to Supplier", "Confidential", "na", "-", "Holding Supplier"} <= set(nobody)
    assert len(nobody) == 29
    assert link.filter(pl.col("method") == "placeholder").height == 40
    assert mention.filter(pl.col("method") == "core_name")["core_name"].null_count() == 0
    assert link["reason"].null_count() == 0


def test_real_core_names_link_the_same_company(real: dict[str, pl.DataFrame]) -> None:
    """Among real mentions with an identifier, two spellings with one core name nearly always share the identifier.

    The identifiers' own errors (typing errors, a charity number beside a company number) count as errors here.
    """
    known = real["supplier_mention"].filter(pl.col("org_id").is_not_null(), pl.col("core_name").is_not_null())
    known = (
        known.with_columns(core=pl.Series([comparable(core) for core in known["core_name"]]))
        .select("supplier_name", "org_id", "core")
        .unique()
    )

    def pairs(*columns: str) -> int:
        sizes = known.group_by(columns).len()["len"]
        return int((sizes * (sizes - 1) // 2).sum())

    precision = pairs("org_id", "core") / pairs("core")
    recall = pairs("org_id", "core") / pairs("org_id")

    assert precision >= 0.94
    assert recall >= 0.70
