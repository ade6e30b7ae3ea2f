"""What readers are told of the figures: generated, fresh, complete, and in neutral words."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from flows import pages
from transforms import comparison
from transforms.indicators import INDICATORS
from transforms.indicators.share import Indicator
from transforms.reference import facts
from warehouse import dictionary, schema
from warehouse.publish import export

BANNED = {
    "leakage": r"\bleak",
    "contested": r"\bcontest",
    "exposure": r"\bexposure|\bexposed\b",
    "non-local": r"\bnon-local\b|\bnot local\b",
    "failure drill": r"\bfailure drill\b",
    # Of people, who live in a place, it may be said.
    "live": r"\blive\b(?! in\b)",
}
"""Words that judge, as patterns."""


def judging(words: str) -> list[str]:
    """Return the words of a text that are not neutral."""
    return [name for name, pattern in BANNED.items() if re.search(pattern, words, re.IGNORECASE)]


SAID = {
    **{f"{one.indicator_id} title": one.title for one in INDICATORS},
    **{f"{one.indicator_id} methodology": one.methodology for one in INDICATORS},
    **{f"view {view.name}": view.comment for view in dictionary.views()},
    **{f"view {view.name}.{name}": sentence for view in dictionary.views() for name, sentence in view.columns.items()},
    **{f"table {table.name}": table.comment or "" for table in schema.TABLES.values()},
    **{
        f"table {table.name}.{column.name}": column.comment or ""
        for table in schema.TABLES.values()
        for column in table.columns
    },
    **{f"word {term}": f"{term}: {meaning}" for term, meaning in facts("glossary.csv").iter_rows()},
    **{
        f"figure {row['figure_id']}": f"{row['says']} {row['why_different']}"
        for row in comparison.published().to_dicts()
    },
}


def test_the_exported_methodology_is_the_page_of_the_docs() -> None:
    """Readers of the export get the text of the docs, with an opening that leads to nothing they do not have."""
    page, exported = pages.methodology(), pages.exported_methodology()
    (_, of_page), (opening, of_export) = (text.split("\n## Contents\n") for text in (page, exported))

    assert of_page == of_export
    assert re.findall(r"\]\((?!#)", opening) == []


@pytest.mark.parametrize(
    "codes",
    [
        export.HEADLINES,
        export.COMPARED,
        *(re.findall(r"\.indicator_id IN \(([^)]*)\)", view.select) for view in dictionary.views()),
    ],
)
def test_every_figure_that_files_and_views_name_is_an_indicator(codes: Sequence[str]) -> None:
    """A code of a list that was renamed would leave a file without a word."""
    named = {code for one in codes for code in re.findall(r"[A-Z]\d[\w.-]*", one)}

    assert named <= {one.indicator_id for one in INDICATORS}


def test_the_exported_comparisons_are_of_the_shares_that_the_views_name() -> None:
    """The export reads for these views only the figures that they speak of, and all of them."""
    views = {view.name: view.select for view in dictionary.views()}
    lists = [re.findall(r"indicator_id IN \(([^)]*)\)", views[name]) for name in ("out_comparison", "out_trend")]

    assert [[tuple(re.findall(r"'([^']+)'", one)) for one in found] for found in lists] == [[export.COMPARED]] * 2


@pytest.mark.parametrize("name", pages.PAGES)
def test_the_page_is_fresh(name: str) -> None:
    """What stands in docs is what the indicators and the reference say; else run ``python -m flows.pages``."""
    assert (pages.DOCS / name).read_text(encoding="utf-8") == pages.PAGES[name]()


def test_nothing_that_readers_see_judges() -> None:
    """Titles, methodology, tables, views, glossary and published figures keep to neutral words."""
    assert {where: found for where, words in SAID.items() if (found := judging(words))} == {}


@pytest.mark.parametrize(
    "page", [*(path.name for path in sorted(pages.DOCS.glob("*.md"))), "../README.md", "../warehouse/publish/readme.md"]
)
def test_no_page_judges(page: str) -> None:
    """Nor do the pages, whoever wrote them."""
    text = (pages.DOCS / page).read_text(encoding="utf-8")

    assert judging(re.sub(r"```.*?```|`[^`]*`|\(http[^)]*\)", "", text, flags=re.DOTALL)) == []


@pytest.mark.parametrize(
    "words", ["Leakage out of Leeds", "a contested mark", "exposure to one firm", "non-local share", "Live contracts"]
)
def test_a_word_that_judges_is_found(words: str) -> None:
    """The rule above can fail."""
    assert judging(words)


def test_where_people_live_may_be_said() -> None:
    """Delivery, lives and people who live in a place are no judgement."""
    assert judging("the building that their members live in; delivered; alive") == []


@pytest.mark.parametrize("one", INDICATORS, ids=lambda one: one.indicator_id)
def test_every_indicator_has_its_place_on_the_page(one: Indicator) -> None:
    """Title before code, what it is told for, and the three parts of its methodology, each with something in it."""
    page = pages.methodology()
    _, found, rest = page.partition(f'<a id="{one.indicator_id.lower().replace(".", "-")}"></a>\n\n### {one.title}\n')
    section = re.split(r"\n(?:<a id|## )", rest)[0]
    told = pages.parts(one.methodology)

    assert found, one.indicator_id
    assert section.index(f"`{one.indicator_id}`, version {one.version}") < section.index("**Methodology.**")
    assert set(told) == {"", *pages.SECTIONS}
    assert all(told.values()), one.indicator_id
    assert all(line in section for lines in told.values() for line in lines)
    if one.scope_sql is not None and one.answer_sql is not None:
        assert one.scope_sql in section
        assert one.answer_sql in section


def test_links_within_the_pages_lead_somewhere() -> None:
    """Every link of the contents has its heading or anchor, and every page that is linked is there."""
    page = pages.methodology()
    anchors = set(re.findall(r'<a id="([^"]+)">', page))
    anchors |= {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^## (.+)$", page, re.MULTILINE)
    }

    assert set(re.findall(r"\(#([^)]+)\)", page)) <= anchors
    for name in ("methodology.md", "agreement.md", "queries.md"):
        text = (pages.DOCS / name).read_text(encoding="utf-8")
        linked = set(re.findall(r"\]\((?!http|#)([^)]+)\)", text))
        assert [one for one in linked if not (pages.DOCS / one).is_file()] == [], name


def test_the_glossary_has_each_word_once() -> None:
    """Every word is explained once, in whole sentences, and stands on the page."""
    words = facts("glossary.csv")

    assert words["term"].is_unique().all()
    assert words["meaning"].str.ends_with(".").all()
    assert {"award line", "coverage", "known share", "lowest and highest", "statutory local area", "peers"} <= set(
        words["term"]
    )
    assert all(f"| {term} |" in pages.methodology() for term in words["term"])


def test_every_published_figure_is_on_its_page() -> None:
    """Each stands there with its source; each topic has its heading, and none is forgotten."""
    page = pages.agreement()
    told = comparison.published()

    assert all(f"| {row['says']}. |" in page and row["source_url"] in page for row in told.to_dicts())
    assert set(told["topic"]) == set(pages.TOPICS)


def test_our_figures_that_are_compared_exist() -> None:
    """What is put beside a published figure is an indicator of ours, told at that grain."""
    grains = {one.indicator_id: one.grains for one in INDICATORS}
    compared = comparison.compared()

    assert [name for name, grain, _ in compared.iter_rows() if grain not in grains.get(name, ())] == []


def test_writing_makes_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command makes the pages even where there is no docs folder yet."""
    monkeypatch.setattr(pages, "DOCS", tmp_path / "docs")
    pages.write()

    assert {path.name for path in (tmp_path / "docs").iterdir()} == set(pages.PAGES)
