"""Searching a directory: by words, beginnings and slips, best first, whatever the order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.domain.directory import Entry, search
from tests.journeys.telling import img

PEOPLE = {
    "ada": "Cardiology. Mock interviews, CV writing. New York, NY",
    "ben": "Cardiology. Research and scholarly years. Boston, MA",
    "eve": "Neurology. Mock interviews. New York, NY",
    "joe": "Pédiatrie. Shadowing. Montréal",
}
ENTRIES = [Entry(key, text) for key, text in PEOPLE.items()]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("cardiology mock interview", ["ada", "eve"]),
        ("cardiology", ["ada", "ben"]),
        ("CARDIOLOGY boston", ["ben"]),
        ("cardioligy", ["ada", "ben"]),
        ("neurol", ["eve"]),
        ("pediatrie montreal", ["joe"]),
        ("new york", ["ada", "eve"]),
        ("dentistry", []),
        ("?!", ["ada", "ben", "eve", "joe"]),
        ("", ["ada", "ben", "eve", "joe"]),
    ],
)
def test_words_find_whom_they_describe(wanted: str, found: list[str]) -> None:
    assert search(wanted, ENTRIES) == found


def test_slip_is_looked_past_only_where_nobody_wrote_the_word() -> None:
    both = [Entry("one", "urology"), Entry("two", "neurology")]
    assert search("urology", both) == ["one"]
    assert search("neurolgy", both) == ["two"]


def test_order_decides_between_those_who_answer_equally_well() -> None:
    equal = [Entry("one", "surgery", (1, 0)), Entry("two", "surgery", (0, 5))]
    assert search("surgery", equal) == ["two", "one"]
    assert search("", equal) == ["two", "one"]


@given(
    st.lists(st.sampled_from(sorted(" ".join(PEOPLE.values()).split())), max_size=6),
    st.permutations(ENTRIES),
)
def test_order_in_which_people_come_changes_no_answer(words: list[str], some: list[Entry]) -> None:
    assert search(" ".join(words), some) == search(" ".join(words), ENTRIES)


def test_whoever_has_a_word_that_was_typed_is_never_behind_who_has_none() -> None:
    assert all(search(word, ENTRIES) for text in PEOPLE.values() for word in text.split())


def test_text_of_ten_thousand_characters_is_searched_by_its_first_words() -> None:
    assert search("cardiology boston " + "x" * 10_000, ENTRIES) == ["ben"]


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (["town"], "the form has no question 'town'"),
        (["hopes"], "hopes is not asked of mentors"),
        (["place", "place"], "place is shown twice"),
    ],
)
def test_directory_that_cannot_be_is_refused(shown: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        img(directory={"shown": shown})


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            {"id": "mail", "kind": "email", "label": "E-mail"},
            "mail is an address: others never read it",
        ),
        (
            {"id": "rule", "kind": "attestation", "label": "Yes"},
            "rule is a tick: there is nothing to read",
        ),
    ],
)
def test_addresses_and_ticks_are_never_shown(question: dict[str, Any], said: str) -> None:
    form = [*img().model_dump(mode="json")["form"], question]
    with pytest.raises(ValueError, match=said):
        img(form=form, directory={"shown": [question["id"]]})
