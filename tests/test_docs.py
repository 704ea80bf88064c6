"""What a newcomer reads leads somewhere: links, headings and files exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
_PLACE = re.compile(r"`((?:mentorbot|tests|docs|migrations)/[\w./-]+)`")


def anchors(page: Path) -> set[str]:
    """The headings of a page, as addresses."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_file_of_a_page_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for place, heading in _LINK.findall(text):
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), place
        if heading:
            assert heading in anchors(target), f"{place}#{heading}"
    for place in _PLACE.findall(text):
        assert (ROOT / place).exists(), place


def test_picture_is_there_and_light() -> None:
    picture = ROOT / "docs" / "demo.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 400_000
