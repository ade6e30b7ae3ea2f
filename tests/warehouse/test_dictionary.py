"""The data dictionary is generated, complete and fresh."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from warehouse import dictionary, schema


def test_the_page_is_fresh() -> None:
    """docs/data-dictionary.md is what the schema and the views say; else run ``python -m warehouse.dictionary``."""
    assert dictionary.PAGE.read_text(encoding="utf-8") == dictionary.page()


@pytest.mark.parametrize("name", [*schema.TABLES, *(view.name for view in dictionary.views())])
def test_every_table_and_view_has_its_section(name: str) -> None:
    """A section per table and view, linked from the list at the top."""
    page = dictionary.page()

    assert page.count(f"\n## {name}\n") == 1
    assert f"(#{name})" in page


@pytest.mark.parametrize("table", schema.TABLES.values(), ids=lambda table: table.name)
def test_every_column_stands_in_its_section(table: sa.Table) -> None:
    """Every column has a row with its sentence, and the key is named."""
    section = dictionary.page().split(f"\n## {table.name}\n")[1].split("\n## ")[0]

    assert [column.name for column in table.columns if f"| `{column.name}` |" not in section] == []
    assert [column.name for column in table.columns if not column.comment or not column.comment.endswith(".")] == []
    assert "Key: `" in section


def test_writing_makes_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command makes the page even where there is no docs folder yet."""
    page = tmp_path / "docs" / "data-dictionary.md"
    monkeypatch.setattr(dictionary, "PAGE", page)
    dictionary.write()

    assert page.read_text(encoding="utf-8") == dictionary.page()
