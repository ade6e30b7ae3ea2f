"""Tests of the list of strategic suppliers, on made-up pages in the shape of GOV.UK's."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from extractors import strategic_suppliers
from extractors.registers import Order, UnexpectedFile
from extractors.standin.registers import RegistersStandin
from extractors.web import Session

FIRMS = ("Calder Rail", "Dearne &amp; Sons", "Ebor Systems", "Elmet", "Fenland Group", "Halfway IT", "Mossley (MSY)")
MORE = ("Newton Care", "Ripon Facilities", "Wentworth Digital", "Wharfe Consulting")
NAMES = ["Calder Rail", "Dearne & Sons", "Ebor Systems", "Elmet", "Fenland Group", "Halfway IT", "Mossley (MSY)", *MORE]

PUBLICATION = b"""<!DOCTYPE html><html lang="en"><body class="gem-c-layout-for-public govuk-template__body">
<main><div class="gem-c-metadata"><dl><dt class="gem-c-metadata__term">From:</dt><dd><a class="govuk-link"
href="/government/organisations/cabinet-office">Cabinet Office</a></dd><dt>Published</dt><dd>26 January 2012</dd>
<dt>Last updated</dt><dd>3 November 2026</dd></dl></div>
<a href="/government/publications/strategic-suppliers#history">See all updates</a>
<section data-module="ga4-link-tracker" class="gem-c-attachment govuk-!-margin-bottom-6">
<div class="gem-c-attachment__thumbnail govuk-!-display-none-print"><a class="govuk-link" target="_self" tabindex="-1"
aria-hidden="true" href="/government/publications/strategic-suppliers/crown-representatives-list"><svg></svg></a></div>
<div class="gem-c-attachment__details"><h3 class="gem-c-attachment__title"><a class="govuk-link gem-c-attachment__link"
target="_self" href="/government/publications/strategic-suppliers/crown-representatives-list">Strategic suppliers</a>
</h3><p class="gem-c-attachment__metadata"><span class="gem-c-attachment__attribute">HTML</span></p></div></section>
<section class="gem-c-attachment"><h3 class="gem-c-attachment__title"><a class="govuk-link gem-c-attachment__link"
href="https://assets.publishing.service.gov.uk/media/0/list.docx">Strategic suppliers (MS Word)</a></h3></section>
</main></body></html>"""


def attachment(*rows: str, heading: str = "Strategic supplier") -> bytes:
    """Return the page of the list."""
    head = f'<thead><tr><th scope="col">{heading}</th><th scope="col">Crown Representative</th></tr></thead>'
    body = "".join(f"<tr><td>{row}</td><td>A. N. Other</td></tr>\n" for row in rows)
    return (
        '<!DOCTYPE html><html lang="en"><body><main><header class="gem-c-inverse-header">'
        '<p class="publication-header__last-changed">Updated 3 November 2026</p></header>'
        '<div class="gem-c-govspeak govuk-govspeak"><div class="govspeak"><table><thead><tr><th>Year</th></tr></thead>'
        f"<tr><td>2012</td></tr></table><table>{head}<tbody>\n{body}</tbody></table></div></div></main></body></html>"
    ).encode()


LIST = attachment(*FIRMS, *MORE)


def fetched(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """Fetch the list from a stand-in that has these pages, by the last part of their address."""
    with RegistersStandin(files) as standin:
        return strategic_suppliers.fetch(
            lambda _host: Session(standin.url, now=lambda: datetime(2026, 11, 22, tzinfo=UTC), wait_seconds=0),
            Order(folder, date(2026, 11, 22), frozenset(), lambda *_: None),
        )


def saved(folder: Path, body: bytes, name: str = "page.html") -> list[Path]:
    """Return a page as a browser saved it."""
    (folder / name).write_bytes(body)
    return [folder / name]


@pytest.mark.parametrize(
    "files",
    [
        {"strategic-suppliers": PUBLICATION, "crown-representatives-list": LIST},
        {"strategic-suppliers": LIST},
    ],
    ids=["on a page of its own", "on the page itself"],
)
def test_the_list_is_found_from_its_publication(tmp_path: Path, files: dict[str, bytes]) -> None:
    """The page that holds the table is kept, under the day on which it says that it was updated."""
    paths = fetched(tmp_path, files)

    assert [path.name for path in paths] == ["strategic-suppliers-2026-11-03.html"]
    assert strategic_suppliers.vintage(paths) == date(2026, 11, 3)
    assert strategic_suppliers.read(paths, date(2026, 11, 3))["name"].to_list() == NAMES


def test_a_publication_without_the_list_says_what_to_do(tmp_path: Path) -> None:
    """Where the list is only a document, a person can save its table."""
    with pytest.raises(UnexpectedFile, match=r"2026-11-22 00:00 UTC: .* save its table as CSV"):
        fetched(tmp_path, {"strategic-suppliers": PUBLICATION, "crown-representatives-list": PUBLICATION})


def test_each_firm_has_the_date_and_the_address_and_nobody_else_is_kept(tmp_path: Path) -> None:
    """The column of Crown Representatives is left where it is."""
    rows = strategic_suppliers.read(saved(tmp_path, LIST), date(2026, 11, 3))

    assert rows.schema == strategic_suppliers.SCHEMA
    assert rows.row(0) == ("Calder Rail", date(2026, 11, 3), strategic_suppliers.SOURCE)
    assert "A. N. Other" not in rows["name"].to_list()


@pytest.mark.parametrize(
    "rows",
    [
        ("<br>".join(FIRMS), "<ul>" + "".join(f"<li>{firm}</li>" for firm in MORE) + "</ul>"),
        ("".join(f"<p>{firm}</p>" for firm in FIRMS), "<br />".join(MORE), "TBC", ""),
        tuple(f" {firm}\n [1]" for firm in (*FIRMS, *MORE)),
        (*FIRMS, *MORE, *FIRMS),
    ],
    ids=["several in a cell", "paragraphs and gaps", "notes", "twice"],
)
def test_however_the_cells_are_filled(tmp_path: Path, rows: tuple[str, ...]) -> None:
    """One name to a line, without its notes, and each once."""
    body = attachment(*rows)

    assert strategic_suppliers.read(saved(tmp_path, body), date(2026, 11, 3))["name"].to_list() == NAMES


@pytest.mark.parametrize("heading", ["Strategic Suppliers", "Supplier", "Company", "supplier name"])
def test_the_column_is_known_by_its_heading(tmp_path: Path, heading: str) -> None:
    """The headings that the list has had, or may have."""
    body = attachment(*FIRMS, *MORE, heading=heading)

    assert strategic_suppliers.read(saved(tmp_path, body), date(2026, 11, 3)).height == len(NAMES)


@pytest.mark.parametrize(
    ("body", "match"),
    [
        (attachment(*FIRMS), "names 7 strategic suppliers"),
        (attachment(*FIRMS, *MORE, heading="Department"), "names 0 strategic suppliers"),
        (b"PK\x03\x04", "is no web page"),
        (b"", "is no web page"),
    ],
)
def test_what_is_not_the_list_is_refused(tmp_path: Path, body: bytes, match: str) -> None:
    """Too few firms, another table, or no page at all: nothing is loaded."""
    with pytest.raises(UnexpectedFile, match=match):
        strategic_suppliers.read(saved(tmp_path, body), date(2026, 11, 3))


def test_a_table_saved_as_csv_is_read_as_well(tmp_path: Path) -> None:
    """For a list that was published as a document."""
    lines = ["Crown Representative,Strategic Supplier", *(f"A. N. Other,{name}" for name in NAMES)]
    files = saved(tmp_path, "\r\n".join(lines).encode("utf-8-sig"), "list-2026-11-03.csv")

    assert strategic_suppliers.vintage(files) == date(2026, 11, 3)
    assert strategic_suppliers.read(files, date(2026, 11, 3))["name"].to_list() == NAMES


def test_a_saved_page_tells_its_date_itself(tmp_path: Path) -> None:
    """A browser's copy carries no date in its name."""
    assert strategic_suppliers.vintage(saved(tmp_path, LIST)) == date(2026, 11, 3)
    assert strategic_suppliers.vintage(saved(tmp_path, LIST.replace(b"Updated 3", b"33"))) is None
