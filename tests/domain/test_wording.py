"""Sentences: nothing of a person's can ping, every gap is filled, plurals are right."""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.resources import files
from string import Formatter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.wording import (
    DEFAULT_LOCALE,
    Markup,
    day,
    escape,
    full_date,
    language_of,
    languages,
    listed,
    moment,
    plain,
    say,
    sentence,
)

LINKS = re.compile(r"\w+://|www\.\w|\w\.[a-z]", re.IGNORECASE)
NASTY = st.lists(
    st.sampled_from(
        [
            *("<!channel>", "<@U0ZOE00000>", "<#C1>", "<https://x.io|y>", "&lt;", "&", "<", ">"),
            *(
                "http://",
                "HTTPS://",
                "www.",
                "WWW.",
                "www.1",
                "example.com",
                "ftp://a.b",
                "a.b@c.org",
            ),
        ]
    )
    | st.text(max_size=5)
).map("".join)


def _sentences(found: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Every key, with each of its plural forms (an empty word where it has none)."""
    for name, deeper in found.items():
        key = f"{path}.{name}" if path else name
        if isinstance(deeper, str):
            yield key, "", deeper
        elif set(deeper) == {"one", "other"}:
            yield from ((key, form, text) for form, text in deeper.items())
        else:
            yield from _sentences(deeper, key)


def _every_sentence(locale: str) -> list[tuple[str, str, str]]:
    path = files("mentorbot") / "locales" / f"{locale}.toml"
    return list(_sentences(tomllib.loads(path.read_text(encoding="utf-8"))))


def _gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@given(NASTY)
def test_nothing_that_a_person_wrote_can_ping_or_link(text: str) -> None:
    safe = escape(text)
    assert not set(safe) & {"<", ">"}
    assert not LINKS.search(safe)
    assert not re.search(r"&(?!amp;|lt;|gt;)", safe)


@given(NASTY)
def test_what_was_neutralised_is_still_read_as_it_was_written(text: str) -> None:
    assert plain(escape(text)).replace("\u2060", "") == text.replace("\u2060", "")


@given(st.text(st.characters(blacklist_characters="<>&.:"), max_size=40))
def test_harmless_text_is_left_alone(text: str) -> None:
    assert escape(text) == text


@pytest.mark.parametrize("text", ["10:30.", "e. g. Leeds", "4.5 weeks", "Dr. Zoë", "so... yes"])
def test_ordinary_dots_are_left_alone(text: str) -> None:
    assert escape(text) == text


@pytest.mark.parametrize("locale", languages())
def test_every_gap_of_every_sentence_must_be_filled(locale: str) -> None:
    checked = 0
    for key, form, text in _every_sentence(locale):
        counted = {"count": 1 if form == "one" else 2} if form else {}
        gaps = _gaps(text)
        for missing in gaps | set(counted):
            values = dict.fromkeys(gaps, 0) | counted
            del values[missing]
            with pytest.raises(KeyError, match=missing):
                say(key, locale, **values)
            checked += 1
    assert checked > 50


def test_unknown_key_is_an_error() -> None:
    for key in ("nowhere", "queue.nowhere", "queue.place.deeper.still"):
        with pytest.raises((KeyError, TypeError)):
            say(key, count=1)


def test_values_are_neutralised_and_our_own_markup_is_not() -> None:
    theirs = say("moment", day="<!here>", clock=Markup("<@U1>"))
    assert "&lt;!here&gt;" in theirs
    assert "<@U1>" in theirs


def test_count_chooses_the_form() -> None:
    plurals = {key for key, form, _ in _every_sentence("en") if form}
    assert plurals
    for key in plurals:
        found = sentence(key)
        gaps = set().union(*map(_gaps, found.values()))
        for count, form in ((1, "one"), (0, "other"), (2, "other"), (21, "other")):
            values = dict.fromkeys(gaps, Markup("x")) | {"count": count}
            assert say(key, **values) == found.get(form, found["other"]).format(**values)


@pytest.mark.parametrize(
    ("locale", "language"),
    [("en-GB", "en"), ("en_US", "en"), ("EN", "en"), ("xx-YY", DEFAULT_LOCALE), ("", "en")],
)
def test_every_locale_is_spoken_to_in_a_language_that_we_have(locale: str, language: str) -> None:
    assert language_of(locale) == language


def test_dates_and_lists_are_in_words() -> None:
    assert day(date(2026, 11, 27)) == "Friday, 27 November"
    assert full_date(date(2026, 11, 27)) == "27 November 2026"
    assert listed(["Arabic", "English", "Urdu"]) == "Arabic, English and Urdu"
    assert listed(["<!here>"]) == "&lt;!here&gt;"


def test_moment_is_on_the_readers_own_clock() -> None:
    at = datetime(2026, 11, 27, 20, 30, tzinfo=UTC)
    assert "Saturday" in moment(at, "Asia/Kolkata")
    assert "02:00" in moment(at, "Asia/Kolkata")
    assert "20:30" in moment(at, "Europe/London")
