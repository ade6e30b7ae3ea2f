"""Where readings of suppliers lead, and which supplier ids they keep."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.conftest import SHARED
from transforms.places import locate
from transforms.suppliers.names import comparable, parse
from transforms.suppliers.registers import NAME, NOTHING, ORGANISATION, RELATION, Registers
from transforms.suppliers.resolve import (
    NO_OVERRIDES,
    OVERRIDE,
    Read,
    addressed,
    anchored,
    identify,
    partition,
    read,
    supplier_id_of,
    touched,
)

Written = tuple[str, str | None, str | None]
"""A name, a postcode and an org-id, as a mention gives them."""

NOBODY = pl.DataFrame(schema={"unit_id": pl.String(), "supplier_id": pl.String()})
NONE_RETIRED = pl.Series([], dtype=pl.String)


def told(*written: Written) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the units of mentions m0, m1 …, and the mentions."""
    mention = pl.DataFrame(
        [(f"m{number}", name, postcode) for number, (name, postcode, _) in enumerate(written)],
        schema={"mention_id": pl.String(), "supplier_name": pl.String(), "postcode": pl.String()},
        orient="row",
    )
    identifier = pl.DataFrame(
        [
            (f"m{number}", "-".join(org_id.split("-")[:2]), org_id.split("-", 2)[2])
            for number, (_, _, org_id) in enumerate(written)
            if org_id
        ],
        schema={"mention_id": pl.String(), "scheme": pl.String(), "raw": pl.String()},
        orient="row",
    )
    found = read(mention, identifier)
    return found.unit, found.mention


def led(
    *written: Written, registers: Registers = NOTHING, overrides: pl.DataFrame = NO_OVERRIDES
) -> list[dict[str, Any]]:
    """Return for every mention, in order, its row of ``member``."""
    unit, mention = told(*written)
    member = partition(unit, registers, overrides).member
    return mention.select("unit_id").join(member, on="unit_id", how="left", maintain_order="left").to_dicts()


def clusters(*written: Written, registers: Registers = NOTHING, overrides: pl.DataFrame = NO_OVERRIDES) -> list[int]:
    """Return for every mention, in order, the place of the first mention of its supplier."""
    found = [row["cluster"] for row in led(*written, registers=registers, overrides=overrides)]
    return [found.index(cluster) for cluster in found]


def register(*rows: tuple[str, str, str, str | None], same: tuple[tuple[str, str], ...] = ()) -> Registers:
    """Return a register of organisations: org-id, name, kind of the name, postcode."""
    organisation = [
        {"org_id": org_id, "register": "companies-house" if "COH" in org_id else "charity-commission",
         "status": "active", "postcode": postcode, "vintage": date(2026, 11, 1)}
        for org_id, postcode in sorted({(row[0], row[3]) for row in rows})
    ]  # fmt: skip
    name = [
        {
            "org_id": org_id,
            "name": name,
            "kind": kind,
            "key": comparable(parse(name).core),
            "legal_form": parse(name).legal_form,
        }
        for org_id, name, kind, _ in rows
    ]
    relation = [{"org_id": one, "other_org_id": other, "kind": "same_as"} for one, other in same]
    return Registers(
        pl.DataFrame(organisation, schema=ORGANISATION),
        pl.DataFrame(name, schema=NAME),
        pl.DataFrame(relation, schema=RELATION),
    )


def decision(kind: str, a: str, b: str, *, revoked_at: str | None = None, name: str = "o1") -> pl.DataFrame:
    """Return one human decision."""
    row = {
        "override_id": name,
        "kind": kind,
        "a": a,
        "b": b,
        "reason": "The annual report says so.",
        "revoked_at": revoked_at,
    }
    return pl.DataFrame([row], schema=OVERRIDE)


def test_one_cluster_for_every_spelling() -> None:
    """All spellings of one name lead to one supplier, with an identifier or without."""
    found = clusters(
        ("OVE ARUP &amp; PARTNERS LIMITED", "B90 8AE", "GB-COH-01312453"),
        ("Ove Arup and Partners Ltd", "W1T 4BJ", None),
        ("Ove Arup & Partners", None, None),
        ("Ove Arup & Partners Ltd", "LS1 1AA", "GB-COH-1312453"),
    )

    assert found == [0, 0, 0, 0]


def test_placeholders_lead_nowhere() -> None:
    """A placeholder is no unit, but a number beside a name that says nothing is."""
    unit, mention = told(
        ("Various suppliers", None, "GB-COH-01312453"), ("N/A", None, "GB-COH-01312453"), ("TBC", None, None)
    )

    assert mention["unit_id"].is_null().to_list() == [True, False, True]
    assert unit["core_name"].to_list() == [None]


def test_shorter_name_of_two_suppliers() -> None:
    """A name without a legal form that fits two suppliers alike is joined to neither, and says so."""
    written: tuple[Written, ...] = (("Mazars", None, None), ("Mazars LLP", None, None), ("Mazars Ltd", None, None))
    unit, _ = told(*written)
    link = partition(unit, NOTHING, NO_OVERRIDES).link

    assert clusters(*written) == [0, 1, 2]
    assert set(link["decision"]) == {"veto", "review"}


def test_shorter_name_never_joins_two_sisters() -> None:
    """A group's name at an address does not join two companies of the group, each with its own legal name."""
    found = clusters(
        ("Mitie", "SE1 9SG", None), ("Mitie Security Ltd", "SE1 9SG", None), ("Mitie Cleaning Ltd", "SE1 9SG", None)
    )

    assert found[1] != found[2]


def test_different_numbers_veto() -> None:
    """Two names without a legal form that carry different numbers are two suppliers, though the names are the same."""
    found = clusters(("Thermo", "HP2 7GE", "GB-COH-03730252"), ("Thermo", "WA14 2DT", "GB-COH-00441506"))

    assert found == [0, 1]


def test_mistyped_number() -> None:
    """One name with its legal form and two numbers is one supplier, and is marked as doubtful."""
    unit, _ = told(("Exergetic Ltd", "CB23 3GU", "GB-COH-01749447"), ("EXERGETIC LTD", None, "GB-COH-11749447"))
    found = partition(unit, NOTHING, NO_OVERRIDES)

    assert found.member["cluster"].n_unique() == 1
    assert found.cluster["is_doubtful"].to_list() == [True]


def test_sister_with_the_wrong_number() -> None:
    """A number that once stands beside a sister company's name does not join the two."""
    found = clusters(
        ("Computacenter (UK) Ltd", "AL10 9TW", "GB-COH-01584718"),
        ("Computacenter (UK) Ltd", "AL10 9TW", "GB-COH-03110569"),
        ("Computacenter Holdings PLC", "AL10 9TW", "GB-COH-03110569"),
    )

    assert found == [0, 0, 2]


def test_rows_told_twice() -> None:
    """A mention told twice is one, and one told in two ways is refused with its name."""
    row = {"mention_id": "m0", "supplier_name": "Vale Ltd", "postcode": None}
    schema = {"mention_id": pl.String(), "supplier_name": pl.String(), "postcode": pl.String()}
    none = pl.DataFrame(schema={"mention_id": pl.String(), "scheme": pl.String(), "raw": pl.String()})

    assert read(pl.DataFrame([row, row], schema=schema), none).unit["mentions"].to_list() == [1]
    with pytest.raises(ValueError, match="mention 'm0' is told in two ways"):
        read(pl.DataFrame([row, {**row, "supplier_name": "Vale"}], schema=schema), none)


def test_number_of_another_form() -> None:
    """Digits alone are no number of a partnership: what was repaired is taken back, with the reason."""
    mention = pl.DataFrame({"mention_id": ["m0"], "supplier_name": ["Vale LLP"], "postcode": ["LS1 1AA"]})
    written = pl.DataFrame({"mention_id": ["m0"], "scheme": ["GB-COH"], "raw": ["307742"]})
    found = read(mention, written)

    assert found.unit["org_ids"].to_list() == [[]]
    assert found.identifier.select("org_id", "status").row(0) == (None, "ambiguous")


# --- registers ------------------------------------------------------------------------------------------------------

REGISTER = register(
    ("GB-COH-05770728", "TP HEALTH LIMITED", "current", "NN12 7LS"),
    ("GB-COH-05770728", "TEAM PREVENT UK LIMITED", "previous", "NN12 7LS"),
    ("GB-CHC-1100001", "The Elmet Fellowship for Older People", "current", "LS25 1AA"),
    ("GB-CHC-1100001", "Elmet Good Neighbours", "other", "LS25 1AA"),
    ("GB-COH-04000001", "THE ELMET FELLOWSHIP FOR OLDER PEOPLE", "current", "LS25 1AA"),
    ("GB-COH-04000002", "OAK LIMITED", "current", "B1 1AA"),
    ("GB-COH-04000003", "OAK LIMITED", "previous", "M1 1AA"),
    same=(("GB-CHC-1100001", "GB-COH-04000001"),),
)


def test_renamed_company() -> None:
    """A company is one supplier under its former and its present name, because the register lists both."""
    rows = led(("Team Prevent UK Ltd", None, None), ("TP Health Limited", None, None), registers=REGISTER)

    assert rows[0]["cluster"] == rows[1]["cluster"]
    assert rows[0]["reason"] == (
        "Companies House lists 'TEAM PREVENT UK LIMITED' as a previous name of company number 05770728 "
        "(register of 2026-11-01)."
    )


def test_charity_by_its_working_name() -> None:
    """A charity known by its working name is the charity that the register lists under it."""
    rows = led(
        ("Elmet Good Neighbours", "LS25 9ZZ", None), ("Elmet Fellowship for Older People", None, "GB-COH-04000001"),
        registers=REGISTER,
    )  # fmt: skip

    assert rows[0]["cluster"] == rows[1]["cluster"]
    assert rows[0]["method"] == "register_name"
    assert "the Charity Commission lists 'Elmet Good Neighbours' as another name" in rows[0]["reason"]


def test_two_registers() -> None:
    """The numbers of one organisation in two registers are one supplier."""
    found = clusters(
        ("Elmet Fellowship", None, "GB-CHC-1100001"), ("EFOP", None, "GB-COH-04000001"), registers=REGISTER
    )

    assert found == [0, 0]


def test_current_name_before_former() -> None:
    """A name that one company bears and another once bore is the first one's."""
    unit, _ = told(("Oak Ltd", None, None))

    assert anchored(unit, REGISTER)["register_ids"].to_list() == [["GB-COH-04000002"]]


def test_short_name_is_not_looked_up() -> None:
    """One common word without a legal form, from elsewhere, is not taken for a company of that name."""
    unit, _ = told(("Oak", "SW1A 1AA", None))

    assert anchored(unit, REGISTER)["register_ids"].to_list() == [[]]


def test_contradicted_number() -> None:
    """A number whose organisation has another name and another address does not say who the supplier is."""
    unit, _ = told(("Lindum Group Limited", "LN6 3QX", "GB-COH-05770728"))
    found = anchored(unit, REGISTER)

    assert found.select("org_ids", "doubted_ids").row(0) == ([], ["GB-COH-05770728"])


@pytest.mark.parametrize("written", ["Elmet Good Neighbours Ltd", "Elmet Good Neighbours plc"])
def test_a_company_is_no_charity_of_its_name(written: str) -> None:
    """A name with a legal form is not the charity listed without one at another address."""
    charity = register(("GB-CHC-1100002", "Elmet Good Neighbours", "current", "TR1 1AA"))
    unit, _ = told((written, "LS1 1AA", None))

    assert anchored(unit, charity)["register_ids"].to_list() == [[]]


def test_a_company_near_a_charity_of_its_name() -> None:
    """A limited company at the charity's postcode district is the charity, and a public company never is."""
    charity = register(("GB-CHC-1100002", "Elmet Good Neighbours", "current", "TR1 1AA"))
    unit, _ = told(("Elmet Good Neighbours Ltd", "TR1 9AA", None), ("Elmet Good Neighbours plc", "TR1 9AA", None))
    found = anchored(unit, charity).select("legal_form", pl.col("register_ids").list.join(""))

    assert dict(found.iter_rows()) == {"ltd": "GB-CHC-1100002", "plc": ""}


def test_a_charity_elsewhere_is_asked_about() -> None:
    """Where another mention carries the number of such a charity, the pair waits for a person's look."""
    charity = register(("GB-CHC-1100002", "Elmet Good Neighbours", "current", "TR1 1AA"))
    unit, _ = told(("Elmet Good Neighbours Ltd", "LS1 1AA", None), ("EGN", "TR1 1AA", "GB-CHC-1100002"))
    found = partition(unit, charity, NO_OVERRIDES)

    assert found.link.select("method", "decision").rows() == [("register_name_doubtful", "review")]
    assert found.member["reason"].str.contains("a person has to look").sum() == 1


# --- numbers that differ --------------------------------------------------------------------------------------------


def test_conflicting_numbers_are_told() -> None:
    """A unit whose number is not its supplier's says by which rule it leads there, and the pair waits for a look."""
    written: tuple[Written, ...] = (
        ("Exergetic Ltd", "CB23 3GU", "GB-COH-01749447"), ("EXERGETIC LTD", "CB23 3GU", "GB-COH-01749447"),
        ("Exergetic Ltd", None, "GB-COH-11749447"),
    )  # fmt: skip
    rows = led(*written)
    unit, _ = told(*written)
    review = partition(unit, NOTHING, NO_OVERRIDES).link.filter(pl.col("decision") == "review")

    assert [row["method"] for row in rows] == ["identifier", "identifier", "same_name"]
    assert "The supplier's other number is company number 01749447." in rows[2]["reason"]
    assert review["method"].to_list() == ["numbers_differ"]
    assert review["a"].item() != review["b"].item()


def test_nearness_is_that_of_some_notice() -> None:
    """The reason does not say that a mention without an address is near another."""
    rows = led(("Noise Works", None, None), ("Noise Works", "B1 9AA", None), ("Noise Works Ltd", "B1 1AA", None))

    assert rows[0]["method"] == "form_missing_nearby"
    assert "notices of both give nearby addresses" in rows[0]["reason"]


def test_added_words_are_named() -> None:
    """The reason names the words that one of two names adds."""
    rows = led(("Coniston", "DA2 6QQ", None), ("Coniston Quarry Ltd", "DA2 6QQ", None))

    assert any(row["reason"].endswith("The words are 'quarry'.") for row in rows)


# --- human decisions ------------------------------------------------------------------------------------------------

PAIR: tuple[Written, ...] = (("Vale Ltd", "LS1 1AA", "GB-COH-01234567"), ("Brook Services", None, None))
ONE: tuple[Written, ...] = (("Vale Ltd", "LS1 1AA", "GB-COH-01234567"), ("Vale", None, None))


@pytest.mark.parametrize("named", [("Vale Limited", "BROOK SERVICES"), ("GB-COH-01234567", "Brook Services")])
def test_same_by_hand(named: tuple[str, str]) -> None:
    """What a person says is the same is one supplier, by name or by number, with that as the reason."""
    rows = led(*PAIR, overrides=decision("same", *named))

    assert rows[0]["cluster"] == rows[1]["cluster"]
    assert rows[1]["method"] == "override"
    assert "A person decided" in rows[1]["reason"]


def test_same_by_supplier_id() -> None:
    """A supplier id means the unit from which it was minted, even after the merge has retired it."""
    unit, _ = told(*PAIR)
    first, second = (supplier_id_of(unit_id) for unit_id in unit["unit_id"])

    assert partition(unit, NOTHING, decision("same", first, second)).member["cluster"].n_unique() == 1


def test_different_by_hand() -> None:
    """What a person says is different stays apart, whatever the rules find."""
    assert clusters(*ONE) == [0, 0]
    assert clusters(*ONE, overrides=decision("different", "GB-COH-01234567", "Vale")) == [0, 1]


@pytest.mark.parametrize(
    ("first", "second", "number"),
    [
        (("same", "o1", "2026-11-20"), ("different", "o2", "2026-11-21"), 2),
        (("same", "o1", "2026-11-21"), ("different", "o2", "2026-11-20"), 1),
        (("same", "9", "2026-11-20"), ("different", "10", "2026-11-20"), 2),
        (("same", "10", "2026-11-20"), ("different", "9", "2026-11-20"), 1),
    ],
)
def test_later_decision_wins(first: tuple[str, str, str], second: tuple[str, str, str], number: int) -> None:
    """Of two decisions that contradict each other the later one holds, then the one with the higher id."""
    both = pl.concat(
        [
            decision(kind, "Vale Ltd", "Brook Services", name=name).with_columns(at=pl.lit(at))
            for kind, name, at in (first, second)
        ]
    )

    assert len(set(clusters(*PAIR, overrides=both))) == number
    assert len(set(clusters(*PAIR, overrides=both.with_columns(pl.col("at").str.to_date())))) == number


@pytest.mark.parametrize(
    ("written", "kind", "a", "b"),
    [(PAIR, "same", "Vale Ltd", "Brook Services"), (ONE, "different", "GB-COH-01234567", "Vale")],
)
def test_revoked(written: tuple[Written, ...], kind: str, a: str, b: str) -> None:
    """Adding a decision and revoking it returns the first partition, and every supplier its first id."""
    unit, _ = told(*written)

    def night(overrides: pl.DataFrame, held: pl.DataFrame, retired: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
        return identify(partition(unit, NOTHING, overrides).member, unit, held, retired)

    first, _ = night(NO_OVERRIDES, NOBODY, NONE_RETIRED)
    second, redirect = night(decision(kind, a, b), first, NONE_RETIRED)
    third, _ = night(decision(kind, a, b, revoked_at="2026-11-23"), second, redirect["old_id"])

    assert first["cluster"].to_list() != second["cluster"].to_list()
    assert_frame_equal(first, third)


def test_addressed_ignores_other_kinds() -> None:
    """Decisions on names, classes and groups join nothing."""
    unit, _ = told(*PAIR)

    assert addressed(decision("name", "Vale Ltd", "Brook Services"), unit).is_empty()


# --- ids that stay --------------------------------------------------------------------------------------------------


def member_of(**led_to: str) -> pl.DataFrame:
    """Return members: unit and cluster."""
    return pl.DataFrame({"unit_id": list(led_to), "cluster": list(led_to.values())})


def counted(**mentions: int) -> pl.DataFrame:
    """Return units with their number of mentions."""
    return pl.DataFrame({"unit_id": list(mentions), "mentions": list(mentions.values())})


def held_as(**ids: str) -> pl.DataFrame:
    """Return what was held: unit and supplier id."""
    return pl.DataFrame({"unit_id": list(ids), "supplier_id": list(ids.values())})


def test_majority_keeps_the_id() -> None:
    """Where a supplier is split, the part with most mentions keeps its id, and the other gets a new one."""
    named, redirect = identify(
        member_of(u1="u1", u2="u2"), counted(u1=1, u2=5), held_as(u1="SAAAAAAAAAA", u2="SAAAAAAAAAA"), NONE_RETIRED
    )

    assert dict(named.select("unit_id", "supplier_id").iter_rows()) == {"u1": supplier_id_of("u1"), "u2": "SAAAAAAAAAA"}
    assert redirect.is_empty()


def test_merge_redirects() -> None:
    """Where suppliers are merged, the id with most mentions stays, and the others lead to it."""
    named, redirect = identify(
        member_of(u1="u1", u2="u1"), counted(u1=1, u2=5), held_as(u1="SAAAAAAAAAA", u2="SBBBBBBBBBB"), NONE_RETIRED
    )

    assert named["supplier_id"].to_list() == ["SBBBBBBBBBB"] * 2
    assert redirect.rows() == [("SAAAAAAAAAA", "SBBBBBBBBBB")]


def test_an_id_is_never_minted_twice() -> None:
    """A new supplier does not get an id that another one holds, though its first unit was once that one's."""
    taken = supplier_id_of("u1")
    named, _ = identify(member_of(u1="u1", u2="u2"), counted(u1=1, u2=5), held_as(u1=taken, u2=taken), NONE_RETIRED)

    assert named["supplier_id"].to_list() == [supplier_id_of("u1", 1), taken]


# --- properties -----------------------------------------------------------------------------------------------------

NAMES = (
    "Vale Ltd", "Vale", "Vale plc", "Vale LLP", "Vale (UK) Ltd", "Vale Works Ltd", "Vale Works", "Vale Group",
    "Valley Works Ltd", "Vale Ltd t/a Brook", "Brook", "Brook Ltd", "Brook and Vale Works Ltd", "BVW",
    "Meridian Productivity Ltd", "Meridian Prodctivity Ltd", "Elmet Good Neighbours", "St Mary's Primary School",
    "Vale Ltd and Brook Ltd", "Various", "N/A", "Vale Software", "Meridan Prodctivity Ltd", "W Vale",
)  # fmt: skip
WRITTEN = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from((None, "LS1 1AA", "LS1 2BB", "B1 1AA")),
        st.sampled_from((None, None, "GB-COH-01234567", "GB-COH-01234576", "GB-COH-07654321", "GB-CHC-1100001")),
    ),
    min_size=1,
    max_size=14,
)
DECIDED = st.sampled_from(
    (
        NO_OVERRIDES,
        decision("same", "Vale Ltd", "Brook Ltd"),
        decision("different", "GB-COH-01234567", "Vale"),
        decision("different", "Vale plc", "Vale Ltd"),
    )
)


@settings(max_examples=60, deadline=None)
@given(written=WRITTEN, overrides=DECIDED, seed=st.integers(0, 99))
def test_order_does_not_matter(written: list[Written], overrides: pl.DataFrame, seed: int) -> None:
    """Whatever the order of the units, they lead to the same clusters for the same reasons."""
    unit, _ = told(*written)
    shuffled = unit.sample(fraction=1, shuffle=True, seed=seed)
    one, other = partition(unit, REGISTER, overrides), partition(shuffled, REGISTER, overrides)

    for frame, again in zip(one, other, strict=True):
        assert_frame_equal(frame, again)


@settings(max_examples=80, deadline=None)
@given(written=WRITTEN, overrides=DECIDED, cut=st.integers(0, 14))
def test_a_night_gives_what_a_rebuild_gives(written: list[Written], overrides: pl.DataFrame, cut: int) -> None:
    """Partitioning what shares a key with the new units, and the components of that, gives what a rebuild gives."""
    old, _ = told(*written[:cut])
    everything, _ = told(*written)
    before = partition(old, REGISTER, overrides).member
    new = everything.join(old, on="unit_id", how="anti")
    found = touched(everything, before, new["unit_id"], REGISTER, overrides)
    again = partition(everything.filter(pl.col("unit_id").is_in(found.implode())), REGISTER, overrides).member
    after = pl.concat([before.join(again, on="unit_id", how="anti"), again]).sort("unit_id")
    columns = ("unit_id", "cluster", "component")

    assert_frame_equal(after.select(columns), partition(everything, REGISTER, overrides).member.select(columns))


@settings(max_examples=60, deadline=None)
@given(written=WRITTEN, overrides=DECIDED)
def test_every_unit_has_its_reason(written: list[Written], overrides: pl.DataFrame) -> None:
    """No unit leads anywhere without a method, a score from which links are made, a reason and its evidence."""
    unit, _ = told(*written)
    found = partition(unit, REGISTER, overrides)

    assert found.member.null_count().sum_horizontal().item() == 0
    assert found.member.height == unit.height
    assert found.member["score"].min() is None or float(str(found.member["score"].min())) >= 0.85
    assert found.link.filter(pl.col("decision") == "linked").null_count().sum_horizontal().sum() == 0


# --- real mentions --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> Read:
    """Read the real award suppliers of 2022."""
    path = SHARED / "data" / "suppliers" / "contracts_finder_award_suppliers_2022.csv.gz"
    if not path.exists():
        pytest.skip(f"the shared file {path.name} is not here")
    rows = (
        pl.read_csv(path, infer_schema=False)
        .with_row_index("row")
        .with_columns(mention_id=pl.col("row").cast(pl.String))
    )
    located = locate(rows["address"]).select("address", "postcode")
    mention = rows.select("mention_id", "supplier_name", "address").join(located, on="address", how="left")
    written = rows.filter(pl.col("identifier_id").is_not_null())
    return read(mention, written.select("mention_id", scheme="identifier_scheme", raw="identifier_id"))


def test_real_identifiers_have_the_known_mix(real: Read) -> None:
    """Of real identifiers 87 in 100 are right, 12 can be repaired, and about one in a hundred says nothing."""
    statuses = real.identifier["status"]
    share = {status: (statuses == status).mean() or 0.0 for status in statuses.unique()}

    assert statuses.len() == 4047
    assert share["ok"] == pytest.approx(0.868, abs=0.01)
    assert share["repaired"] == pytest.approx(0.117, abs=0.012)


def test_real_placeholders_are_few(real: Read) -> None:
    """About 3 in 1,000 real mentions name nobody."""
    nobody = real.mention.filter(pl.col("unit_id").is_null())["supplier_name"]

    assert {"NO AWARD MADE", "Not Awarded to Supplier", "Confidential", "na", "-", "Holding Supplier"} <= set(nobody)
    assert nobody.len() < 50


def test_real_mentions_without_a_number_get_one(real: Read) -> None:
    """Without any register 31 in 100 real mentions carry a number, and 43 lead to a supplier that has one."""
    found = partition(real.unit, NOTHING, NO_OVERRIDES)
    led = real.mention.join(found.member.select("unit_id", "cluster"), on="unit_id").join(
        found.cluster.select("cluster", number="org_id"), on="cluster", how="left"
    )

    assert led["org_id"].is_not_null().mean() == pytest.approx(0.31, abs=0.01)
    assert led["number"].is_not_null().sum() > 0.42 * led.height
    assert found.cluster["is_doubtful"].sum() < 30
