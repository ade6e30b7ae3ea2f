"""A phrase in a notice is found by its rule, and what only looks like it is passed over."""

import gzip
import json
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extractors import contacts
from transforms import phrases, procurements, releases
from transforms.reference import facts

FAMILIES = (
    "social_value", "alliance", "innovation_partnership", "consortium", "co_design", "reserved", "grant",
)  # fmt: skip

EXAMPLES = {
    "social_value.term": "Price 60 %, quality 30 % and Social Value 10 %.",
    "social_value.act": "Duties under the Public Services (Social Value) Act 2012 apply.",
    "social_value.wellbeing": "How will it improve the economic, social and environmental well-being of the borough?",
    "alliance.contract": "The council wants to sign an alliance contract with eight providers.",
    "alliance.alliancing": "Risk is shared by alliancing.",
    "alliance.standard_form": "The form of contract is FAC-1.",
    "alliance.to_form": "Providers that wish to form a local delivery alliance may apply.",
    "alliance.the_alliance": "Wellbeing Alliance for Mellowby. The Alliance will include providers and commissioners.",
    "innovation_partnership.term": "Mellowby Social Prescribing Innovation Partnership",
    "consortium.bids": "Bids from consortia are welcome.",
    "consortium.parts": "All consortium members sign the agreement.",
    "consortium.forming": "Small charities may form a consortium.",
    "consortium.or": "Joint ventures or consortia may take part.",
    "consortium.awarded": "The contract was awarded to a local consortium.",
    "co_design.design": "The service was co-designed with carers.",
    "co_design.production": "Co-production with young people is expected.",
    "reserved.for_whom": "The competition is reserved for voluntary organisations.",
    "reserved.for_place": "Bidding is only open to businesses based in Cumbria.",
    "reserved.contract": "A reserved contract under regulation 77.",
    "grant.agreement": "The winner signs a grant agreement.",
    "grant.giving": "A partner is sought to distribute small grants.",
    "grant.this": "This Grant is meant for work with young people.",
}
"""A made-up text for each rule."""

COUNTEREXAMPLES = facts("phrase_counterexamples.csv")

CF = "ocds-b5fd17-00000000-0000-4000-8000-000000000001"
FTS = "ocds-h6vhtk-000001"


def families_in(text: str) -> set[str]:
    """Return the families of which a text holds a phrase."""
    return {match.family for match in phrases.matches(text)}


# --- the rules ------------------------------------------------------------------------------------------------------


def test_the_families_are_those_that_analysts_rely_on() -> None:
    """The families of phrases.csv are the promised ones, each with a hint, a stem, another sense and a phrase."""
    assert tuple(family.name for family in phrases.families()) == FAMILIES
    assert all(family.hint and family.stem.pattern and any(family.other_sense) for family in phrases.families())


def test_every_rule_has_an_id_of_its_family_and_an_example() -> None:
    """No rule is there without a text that it finds; ids are given once."""
    ids = [rule.rule_id for family in phrases.families() for rule in family.rules]

    assert sorted(ids) == sorted(EXAMPLES)
    assert all(rule.rule_id.startswith(f"{one.name}.") for one in phrases.families() for rule in one.rules)


@pytest.mark.parametrize("rule_id", EXAMPLES)
def test_a_rule_finds_its_example(rule_id: str) -> None:
    """The example of a rule is found by it, and by no rule of another family."""
    found = phrases.matches(EXAMPLES[rule_id])

    assert rule_id in {match.rule_id for match in found}
    assert {match.family for match in found} == {rule_id.partition(".")[0]}


@pytest.mark.parametrize(("family", "text"), COUNTEREXAMPLES.select("family", "text").rows())
def test_a_counterexample_is_passed_over(family: str, text: str) -> None:
    """Names of bodies, rights reserved, films produced together and the like are no phrases."""
    assert family not in families_in(text)


@pytest.mark.parametrize(("family", "text"), COUNTEREXAMPLES.select("family", "text").rows())
def test_another_sense_does_not_hide_a_phrase_further_on(family: str, text: str) -> None:
    """A text that begins with a counterexample and goes on with a phrase is found, unless by a weak rule only."""
    strong = next(
        rule.rule_id
        for one in phrases.families()
        for rule in one.rules
        if one.name == family and not rule.is_weak
    )  # fmt: skip
    between = " Further details of the lots stand below, and the closing date stands on the page of the notice itself. "

    assert strong in {match.rule_id for match in phrases.matches(f"{text}{between}{EXAMPLES[strong]}")}


def test_a_weak_phrase_counts_only_without_another_sense() -> None:
    """A text that says "the Alliance will" tells of one, unless it names a body that calls itself an alliance."""
    assert families_in("The Alliance will deliver the service.") == {"alliance"}
    assert families_in("The Northern Cancer Alliance is the buyer. The Alliance will pay monthly.") == set()


def test_known_cases_are_found() -> None:
    """The two cases that everybody names: Plymouth's alliance and Oldham's innovation partnership, by their words."""
    assert families_in("Plymouth Alliance Contract: support for people with complex needs") == {"alliance"}
    assert families_in("Oldham Social Prescribing Innovation Partnership") == {"innovation_partnership"}


def test_what_is_read_in_small_letters_is_written_in_them() -> None:
    """A capital in a pattern for small letters would never match; one letter alone is longer in small."""
    read = facts("phrases.csv").filter(pl.col("role") != "hint", ~pl.col("pattern").str.contains("(?-i:", literal=True))
    letters = read["pattern"].str.replace_all(r"\\.", "")
    longer = [chr(place) for place in range(0x110000) if len(chr(place).lower()) != 1]

    assert letters.filter(letters != letters.str.to_lowercase()).to_list() == []
    assert longer == ["\u0130"]


# --- the text as published ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "social\r\nvalue",
        "Social \u00a0 Value",
        "SOCIAL VALUE",
        "co\u2011production",
        "co\u2013design",
        "coproduced",
        "Innovation\nPartnership",
        "bids from a \t consortium",
        "RESERVED FOR VCSEs",
        "ring\u2010fenced for social enterprises",
        "FAC\u20111",
    ],
)
def test_line_breaks_and_dashes_do_not_hide_a_phrase(text: str) -> None:
    """A phrase is found however the notice breaks its lines and whatever dash it uses."""
    assert phrases.find([(0, "title", None, text)]).height >= 1


WORDS = st.sampled_from(
    [
        *" ".join([*EXAMPLES.values(), *COUNTEREXAMPLES["text"]]).split(),
        "\u2011", "\n", "\u0130", "\u202e", "\x07", "=1+1", "\U0001f600", "social\u00a0value",
    ]
)  # fmt: skip


@given(st.lists(WORDS, max_size=60).map(" ".join))
@example("\u0130\u0130\u0130 social value")
@example("reserved for " * 40 + "charities")
@example("x" * 500 + " social value")
def test_whatever_the_words_matches_are_short_clean_and_foreseen(text: str) -> None:
    """A phrase stands in its excerpt, which is short and in one line; the plain search never misses one."""
    found = phrases.matches(text)
    told = phrases.find([(7, "description", "1", text)])

    for match in found:
        assert len(match.excerpt) <= phrases.LONGEST_EXCERPT
        assert match.phrase[:100] in match.excerpt
        assert match.excerpt.isprintable()
        assert match.phrase.isprintable()
    assert told["rule_id"].to_list() == [match.rule_id for match in found]
    assert set(told["document"]) <= {7}


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    """No text breaks the search."""
    assert phrases.find([(0, "title", None, text)]).columns == list(phrases.FOUND)


@pytest.mark.parametrize("word", ["consortium ", "the alliance ", "reserved for the ", "grants ", "social value "])
def test_a_hostile_text_takes_no_long(word: str) -> None:
    """The longest text that is kept, all of one word, is read in a moment: no rule looks far."""
    text = word * (releases.LONGEST_TEXT // len(word))
    begun = time.monotonic()
    phrases.matches(text)

    assert time.monotonic() - begun < 2


def test_the_first_place_of_each_rule_counts() -> None:
    """A rule tells the first of the texts in which it finds something; documents do not mix."""
    told = phrases.find(
        [
            (0, "title", None, "Repairs"),
            (0, "lot_description", "1", "Social value 5 %"),
            (0, "lot_description", "2", "Social value 9 %, a reserved contract"),
            (1, "title", None, "Social Value Metric"),
        ]
    )

    assert told.select("document", "rule_id", "field", "lot_id").rows() == [
        (0, "social_value.term", "lot_description", "1"),
        (0, "reserved.contract", "lot_description", "2"),
        (1, "social_value.term", "title", None),
    ]


# --- in releases ----------------------------------------------------------------------------------------------------


def snapshot(number: int, description: str, day: str = "2026-10-01") -> dict[str, Any]:
    """Make up a release of Contracts Finder, a whole snapshot."""
    return {
        "ocid": CF,
        "id": f"00000000-0000-4000-8000-000000000001-{number}",
        "date": f"{day}T10:00:00+01:00",
        "tag": ["tender"],
        "tender": {"id": "t1", "title": "Youth work", "description": description},
        "buyer": {"id": "GB-LAE-LDS", "name": "Mellowby City Council"},
    }


def change(number: int, **tender: Any) -> dict[str, Any]:
    """Make up a release of Find a Tender, which tells only what changed."""
    return {
        "ocid": FTS,
        "id": f"{number:06}-2026",
        "date": f"2026-10-{number:02}T10:00:00+01:00",
        "tag": ["tender" if number == 1 else "tenderUpdate"],
        "tender": {"id": "t1", "legalBasis": {"id": "2023/54"}, **tender},
        "buyer": {"id": "GB-PPON-1", "name": "Mellowby City Council"},
    }


def found_in(source: str, *told: dict[str, Any], clean: bool = False) -> pl.DataFrame:
    """Return the rows of ``text_match`` that releases leave behind, whatever their order."""
    lines = [json.dumps(release).encode() for release in told]
    if clean:
        lines = [contacts.clean(line).line for line in lines]
    frames = dict(releases.flatten(source, [("archive", lines)]).frames)
    frames = procurements.put_together(source, frames, frames["telling"].clear())
    kept = frames["procurement"]
    kept = procurements.latest(kept, "procurement_id", kept.clear())
    return procurements.phrases_of(frames["text_match"], kept).sort("rule_id")


LOT = {"id": "1", "title": "North", "description": "A co-designed service."}
CRITERIA = {"criteria": [{"name": "Price"}, {"name": "Social Value", "description": "10"}, {"name": "Quality"}]}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_latest_snapshot_decides(order: tuple[int, int]) -> None:
    """What an earlier release of Contracts Finder said is gone with it, in whatever order the two are read."""
    told = [snapshot(1, "Bids from consortia."), snapshot(2, "A co-designed service.", "2026-10-02")]
    found = found_in("contracts-finder", *(told[place] for place in order))

    assert found["rule_id"].to_list() == ["co_design.design"]
    assert found["release_id"].to_list() == [told[1]["id"]]
    assert found["phrase"].to_list() == ["co-designed"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_a_change_leaves_what_it_does_not_speak_of(order: tuple[int, ...]) -> None:
    """Lots and criteria that an update does not restate stand, and their phrases with them."""
    told = [
        change(1, title="Youth work", lots=[LOT | {"awardCriteria": CRITERIA}]),
        change(2, title="Youth work and grants to voluntary groups"),
        change(3, status="active"),
    ]
    found = found_in("find-a-tender", *(told[place] for place in order))

    assert found.select("rule_id", "field", "lot_id").rows() == [
        ("co_design.design", "lot_description", "1"),
        ("grant.this", "title", None),
        ("social_value.term", "award_criteria", "1"),
    ]
    assert set(found["release_id"]) == {"000003-2026"}


def test_a_lot_that_is_restated_without_a_phrase_has_none() -> None:
    """An update that says the same lot and criteria in other words takes the phrases away."""
    plain = {
        "id": "1",
        "title": "North",
        "description": "A service.",
        "awardCriteria": {"criteria": [{"name": "Cost"}]},
    }
    told = [change(1, title="Youth work", lots=[LOT | {"awardCriteria": CRITERIA}]), change(2, lots=[plain])]

    assert found_in("find-a-tender", told[0]).height == 2
    assert found_in("find-a-tender", *told).is_empty()


def test_the_procedure_is_read() -> None:
    """An innovation partnership is found where only the procedure says so."""
    found = found_in("find-a-tender", change(1, title="Buses", procurementMethodDetails="Innovation partnership"))

    assert found.select("rule_id", "field").rows() == [("innovation_partnership.term", "method_details")]


def test_a_copy_of_a_release_changes_nothing() -> None:
    """A release that is archived twice tells its phrases once."""
    once = snapshot(1, "Bids from consortia.")

    assert found_in("contracts-finder", once, once).equals(found_in("contracts-finder", once))


def test_texts_of_lots_without_a_phrase_are_not_kept() -> None:
    """What is stored of a change holds a lot's words only where they may hold a phrase or name the health regime."""
    quiet = LOT | {"description": "Ninety words that nobody needs.", "awardCriteria": {"criteria": [{"name": "Cost"}]}}
    lines = [json.dumps(change(1, lots=[quiet, LOT | {"id": "2"}])).encode()]
    (body,) = releases.flatten("find-a-tender", [("archive", lines)]).frames["telling"]["body"]

    assert "nobody needs" not in body
    assert "Cost" not in body
    assert "co-designed" in body


def test_an_excerpt_holds_no_contact() -> None:
    """Contact details beside a phrase are masked before it is read: the excerpt has the mask."""
    words = "Bids from consortia to Ann Planted, ann.planted@mellowby.gov.uk or tel 01632 960123, by Monday."
    told = snapshot(1, words)
    told["parties"] = [{"id": "1", "name": "Council", "contactPoint": {"name": "Ann Planted"}, "roles": ["buyer"]}]
    (excerpt,) = found_in("contracts-finder", told, clean=True)["excerpt"]

    assert "Planted" not in excerpt
    assert "960123" not in excerpt
    assert contacts.EMAIL_REMOVED in excerpt
    assert contacts.NAME_REMOVED in excerpt


def test_the_real_notices_hold_few_phrases_and_no_hidden_one(shared: Path) -> None:
    """In 100 real notices of one day the plain search passes over no phrase that the rules find in all of them."""
    path = shared / "data" / "contracts_finder" / "package_2022-10-22.json.gz"
    if not path.exists():
        pytest.skip(f"these real notices are not on this machine: {path}")
    package = json.loads(gzip.decompress(path.read_bytes()))
    texts = [
        (number, field, None, words)
        for number, release in enumerate(package["releases"])
        for field in ("title", "description")
        if (words := release["tender"].get(field))
    ]
    found = phrases.find(texts)
    everything = {(number, match.rule_id) for number, _, _, words in texts for match in phrases.matches(words)}

    assert set(found.select("document", "rule_id").iter_rows()) == everything
    assert {"social_value", "grant"} <= set(found["family"])
    assert found["document"].n_unique() < 10
