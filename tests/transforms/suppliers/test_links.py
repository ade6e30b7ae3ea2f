"""Which readings of a supplier may be the same organisation, and by which rule."""

import polars as pl
import pytest

from transforms.suppliers import registers
from transforms.suppliers.links import AUTOMATIC, RULES, is_alike, loose
from transforms.suppliers.resolve import NO_OVERRIDES, partition, read, touched

Written = tuple[str, str | None, str | None]
"""A name, a postcode and an org-id, as a mention gives them."""


def units(*written: Written) -> pl.DataFrame:
    """Return the units of mentions m0, m1 and so on."""
    mention = pl.DataFrame(
        [(f"m{number}", name, postcode) for number, (name, postcode, _) in enumerate(written)],
        schema={"mention_id": pl.String(), "supplier_name": pl.String(), "postcode": pl.String()},
        orient="row",
    )
    identifier = pl.DataFrame(
        [
            (f"m{number}", org_id[:6].rstrip("-"), org_id[6:].lstrip("-"))
            for number, (_, _, org_id) in enumerate(written)
            if org_id
        ],
        schema={"mention_id": pl.String(), "scheme": pl.String(), "raw": pl.String()},
        orient="row",
    )
    return read(mention, identifier).unit


def decided(*written: Written) -> dict[str, str]:
    """Return each rule that found a pair among the mentions, with what was decided."""
    link = partition(units(*written), registers.NOTHING, NO_OVERRIDES).link
    return dict(link.select("method", "decision").iter_rows())


@pytest.mark.parametrize(
    ("one", "other", "method"),
    [
        (("Vale Ltd", "LS1 1AA", "GB-COH-01234567"), ("Vale Works Ltd", None, "GB-COH-01234567"), "identifier"),
        (("VALE & CO LTD", None, "GB-COH-01234567"), ("Vale and Company Ltd.", "B1 1AA", None), "same_name"),
        (("Noise Consultants", None, None), ("Noise Consultants Ltd", "B1 1AA", None), "form_missing"),
        (("Noise Consultants", "B1 9AA", None), ("Noise Consultants Ltd", "B1 1AA", None), "form_missing_nearby"),
        (("Noise Consultants plc", None, None), ("Noise Consultants Ltd", "B1 1AA", None), "form_varies"),
        (("Rexel UK Ltd", "LS1 1AA", None), ("Rexel Limited", "LS1 1AA", None), "loose_name"),
        (("Rexel (UK)", None, None), ("Rexel Limited", None, None), "loose_name_form_missing"),
        (("University of Elmet", None, None), ("Elmet University", None, None), "loose_name"),
        (("IBX UK Ltd", "LS1 1AA", None), ("IBX United Kingdom Ltd", "LS1 9AA", None), "loose_name"),
        (("Phoenix Software Ltd", "LS1 1AA", None), ("Phonenix Software Ltd", "LS1 1AA", None), "spelling_nearby"),
        (("Meridian Productivity Ltd", "LS1 1AA", None), ("Meridian Prodctivity", None, None), "spelling"),
        (("Aprite Ltd t/a West Way", "B74 2HE", None), ("West Way", "B74 2HE", None), "other_name_same_postcode"),
        (("Aprite Ltd t/a West Way", "B74 2HE", None), ("West Way", "B74 9ZZ", None), "other_name_nearby"),
        (("Idox Group", "RG7 4SA", None), ("Idox Software Ltd", "RG7 4SA", None), "trade_words"),
        (("DTPQ", "LS1 1AA", None), ("Desk Top Publishing Quarters Ltd", "LS1 1AA", None), "initials"),
        (("Coniston Building Services", "DA2 6QQ", None), ("Coniston Ltd", "DA2 6QQ", None), "longer_name"),
        (("T&B", "AL4 8SB", None), ("T & B (Contractors) Ltd", "AL4 8SB", None), "shorter_name"),
        (("PHS Group", "CF83 1XH", None), ("phs Ltd", "CF83 2AA", None), "group_words"),
        (("Hyland", "W1W 6XB", None), ("Hyland Software UK Ltd", "W1W 6QP", None), "trade_words"),
        (("Watson Fuels", "SN15 5FD", None), ("WFL (UK) Ltd", "SN15 5FD", None), "initials"),
        (("PPL", "E1 8AA", None), ("Private Public Ltd", "E1 8AA", None), "initials"),
        (("Vale Works (North East) Ltd", "LS1 1AA", None), ("Vale Works (NE) Ltd", "LS1 9AA", None), "loose_name"),
        (("Elmet Intl Mgmt Svcs Ltd", "LS1 1AA", None), ("Elmet International Management Service Ltd", "LS1 9AA", None),
         "loose_name"),
        (("Blue Pelican", None, None), ("BluePelican.com", None, None), "loose_name"),
        (("Game Engineering Lomited", None, None), ("Game Engineering Ltd", None, None), "loose_name_form_missing"),
        (("Vohkus Limited", "PO15 5TT", None), ("Vokhus Ltd", "PO15 5TT", None), "spelling_nearby"),
        (("Europe Economics Research Ltd", "EC4A 1BL", None), ("European Economic Research Ltd", "EC4A 1BL", None),
         "spellings_same_postcode"),
        (("Meridian Produce Care", "LS1 1AA", None), ("Meridianproduse Care Ltd", "LS1 1AA", None),
         "spellings_same_postcode"),
    ],
)  # fmt: skip
def test_links(one: Written, other: Written, method: str) -> None:
    """Two mentions of one supplier are joined by the best rule that fits them."""
    assert decided(one, other) == {method: "linked"}
    assert RULES[method].score >= AUTOMATIC


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Siemens Healthcare Ltd", "GU16 8QD", None), ("Siemens Healthcare Diagnostics Ltd", "GU16 8QD", None)),
        (("Mitie Security Ltd", "SE1 9SG", None), ("Mitie Cleaning Ltd", "SE1 9SG", None)),
        (("Pari Medical Limited", None, None), ("Parity Medical Limited", None, None)),
        (("Urban Design & Construct Ltd", "SK1 1DH", None), ("Urban Design & Consult Ltd", "SK1 1YJ", None)),
        (("Lot 24 Ltd", "LS1 1AA", None), ("Lot 25 Ltd", "LS1 1AA", None)),
        (("St Mary's Primary School", "LS1 1AA", None), ("St Mary's Primary School", "B1 1AA", None)),
        (("Elmet Neighbours", "LS1 1AA", None), ("Elmet Neighbours Trading Ltd", "LS1 1AA", None)),
        (("Elmet Care 2", "LS1 1AA", None), ("Elmet Care Ltd", "LS1 1AA", None)),
        (("Idox", "SK9 1AT", None), ("Idox Software Ltd", "RG7 4SA", None)),
        (("Hyland", "W1W 6XB", None), ("Hyland Brewery Ltd", "W1W 6QP", None)),
        (("Harrow Vale Toyota", "B1 1AA", None), ("Toyota GB plc", "B1 1AA", None)),
        (("Steer Davies Gleave", "LS1 5AA", None), ("Swift Deliveries Garage Ltd", "LS1 5AA", None)),
        (("AIM CIC", "ST13 8EB", None), ("Achieve, Inspire and Motivate CIC", "ST13 8EB", None)),
        (("Vale Infrastructure A Ltd", "LS1 1AA", None), ("Vale Infrastructure Ltd", "LS1 1AA", None)),
        (("Home Care Advisers Ltd", "LS1 1AA", None), ("Home Career Adviser Ltd", "LS1 1AA", None)),
        (("Vale Ltd and Brook Ltd", "LS1 1AA", None), ("Vale Ltd", "LS1 1AA", None)),
        (("Rapid Response Fire Ltd", "LS1 1AA", None), ("Rapid Response Hire Ltd", "M1 1AA", None)),
        (("Rapid Response Fire", "LS1 1AA", None), ("Rapid Response Hire Ltd", "M1 1AA", None)),
        (("Community Care North Ltd", "LS1 1AA", None), ("Community Care Worth Ltd", "LS1 1AA", None)),
        (("Clearwater Training Ltd", "LS1 1AA", None), ("Cleanwater Training Ltd", "LS1 1AA", None)),
        (("Northgate Systems Ltd", "LS1 1AA", None), ("Southgate Systems Ltd", "LS1 1AA", None)),
        (("Kent Care Ltd", "LS1 1AA", None), ("Kent Cars Ltd", "LS1 1AA", None)),
        (("Personal Care Ltd", "LS1 1AA", None), ("Personnel Care Ltd", "LS1 1AA", None)),
        (("Hart Homes Ltd", "LS1 1AA", None), ("Harp Homes Ltd", "LS1 1AA", None)),
        (("Orbis Project Ltd", "LS1 1AA", None), ("Orbis Protect Ltd", "LS1 1AA", None)),
        (("Smith Jones Ltd", "LS1 1AA", None), ("Jones Smith Ltd", "LS1 1AA", None)),
        (("Vale UK Ltd", "LS1 1AA", None), ("Vale GB Ltd", "LS1 1AA", None)),
        (("Vale UK Ltd", "LS1 1AA", None), ("Vale Ltd", "M1 1AA", None)),
        (("BE Group", "WA3 1AA", None), ("E&B Group Ltd", "RH10 1AA", None)),
        (("Wade Group", "LS1 1AA", None), ("John Wade Groundworks Ltd", "LS1 1AA", None)),
        (("Aon Commercial Risk Solutions", "LS1 1AA", None), ("Aon UK Ltd", "LS1 1AA", None)),
        (("Elis UK", "LS1 1AA", None), ("Elis Cleanroom Ltd", "LS1 1AA", None)),
        (("EMIS Health", "LS1 1AA", None), ("EMIS Group plc", "LS1 1AA", None)),
    ],
)
def test_sisters_stay_apart(one: Written, other: Written) -> None:
    """Two names that differ by a word, or stand in many places, are not joined, however near their addresses are."""
    assert "linked" not in decided(one, other).values()


@pytest.mark.parametrize(
    ("one", "other", "method"),
    [
        (("Mazars LLP", None, None), ("Mazars Ltd", None, None), "form_differs"),
        (("Rand Europe CIC", None, None), ("Rand Europe UK LLP", None, None), "loose_name_form_differs"),
        (("Aprite Ltd t/a West Way", "B74 2HE", None), ("West Way", "M1 1AA", None), "other_name"),
        (("Vale Ltd", "LS1 1AA", "GB-COH-01234567"), ("Brook Ltd", "M1 1AA", "GB-COH-01234567"), "identifier_doubtful"),
        (("J Brownlow plc", "LS1 1AA", None), ("J Brownlaw LLP", "LS1 1AA", None), "spelling_doubtful"),
        (("Clearwater Training Ltd", "LS1 1AA", None), ("Cleanwater Training Ltd", "M1 1AA", None),
         "spelling_doubtful"),
        (("Vale Rail UK Ltd", "LS1 1AA", None), ("Vale Rail Ltd", "M1 1AA", None), "loose_name_doubtful"),
        (("EMIS Health", "LS1 1AA", None), ("EMIS Group plc", "LS1 1AA", None), "shared_words"),
        (("Restore Harrow Green", "E16 2BZ", None), ("Harrow Green Ltd", "E16 2BZ", None), "shared_words"),
        (("Beard", "SN3 5JY", None), ("E. W. Beard Limited", "SN3 5JY", None), "shared_words"),
    ],
)  # fmt: skip
def test_asks_a_person(one: Written, other: Written, method: str) -> None:
    """What may be one supplier but is not certain enough waits for a person's look."""
    assert decided(one, other) == {method: "review"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Vale Ltd", None, "GB-COH-01234567"), ("Other words Ltd", None, "GB-COH-01234567")),
        (("Rexel UK Ltd", None, None), ("Rexel Limited", None, None)),
        (("Phoenix Software Ltd", "LS1 1AA", None), ("Phonenix Software Ltd", "LS1 1AA", None)),
        (("Aprite Ltd t/a West Way", None, None), ("West Way", None, None)),
        (("Idox Group", "RG7 4SA", None), ("Idox Software Ltd", "RG7 4SA", None)),
        (("DTPQ", "LS1 1AA", None), ("Desk Top Publishing Quarters Ltd", "LS1 1AA", None)),
        (("Hyland", "W1W 6XB", None), ("Hyland Software UK Ltd", "W1W 6QP", None)),
        (("Beard", "SN3 5JY", None), ("E. W. Beard Limited", "SN3 5JY", None)),
        (("Vohkus Limited", "PO15 5TT", None), ("Vokhus Ltd", "PO15 5TT", None)),
        (("Europe Economics Research Ltd", "EC4A 1BL", None), ("European Economic Research Ltd", "EC4A 1BL", None)),
    ],
)
def test_touched(one: Written, other: Written) -> None:
    """Of two units that a rule may link, a night finds the one by the other."""
    both = units(one, other)

    first = both.head(1).select("unit_id", component="unit_id")
    found = touched(both, first, both["unit_id"].tail(1), registers.NOTHING, NO_OVERRIDES)

    assert found.to_list() == both["unit_id"].to_list()


def test_group_words_before_other_words() -> None:
    """A short name that fits two companies at one address is the one whose name adds only "Group" or "UK"."""
    read_units = units(
        ("Vale Brook", "E14 5HU", None),
        ("Vale Brook Group Ltd", "E14 5HU", None),
        ("Vale Brook Rail Ltd", "E14 5HU", None),
    )
    member = partition(read_units, registers.NOTHING, NO_OVERRIDES).member.join(
        read_units.select("unit_id", "core_name"), on="unit_id"
    )
    cluster = dict(member.select("core_name", "cluster").iter_rows())

    assert cluster["vale brook"] == cluster["vale brook group"] != cluster["vale brook rail"]


def test_loose_keeps_short_names() -> None:
    """Where almost nothing would be left of a name, its loose form keeps every word."""
    cores = pl.DataFrame({"core_name": ["ibm uk", "ibm united kingdom", "ibm", "the vale company"]})
    found = cores.select(loose(pl.col("core_name"))).to_series()

    assert found.to_list() == ["=ibmuk", "=ibmuk", "=ibm", "vale"]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("team prevent uk", "tp health", False),
        ("achieve inspire and motivate", "aim", True),
        ("morgan sindall", "lindum group", False),
        ("barlows uk", "barlows fire and security", True),
        ("thermo fisher services", "apex services", False),
    ],
)
def test_is_alike(one: str, other: str, alike: bool) -> None:
    """Names are alike when they share a word that says something, or one stands for the other."""
    assert is_alike(one, other) is alike
