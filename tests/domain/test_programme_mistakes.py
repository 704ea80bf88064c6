"""What is wrong with a programme file is told by line and column, whatever it is."""

import re

import pytest

from mentorbot.domain.errors import InvalidProgramme
from mentorbot.domain.programme import read_programme
from mentorbot.programmes import source

IMG, IMS, ICAHN = map(source, ("img", "ims", "icahn"))


def said_of(text: str) -> str:
    """What is said of a file that cannot be run."""
    with pytest.raises(InvalidProgramme) as refused:
        read_programme(text)
    return str(refused.value)


def place(text: str, part: str) -> str:
    """Where the first occurrence of a part stands, as it is told."""
    before = text[: text.index(part)]
    column = len(before) - (before.rfind("\n") + 1) + 1
    return f"line {before.count(chr(10)) + 1}, column {column}: "


@pytest.mark.parametrize(
    ("text", "old", "new", "at", "said"),
    [
        (IMS, "opens_on: 2024-12-05", "opens_on: 2024-11-31", "2024-11-31", "is no date"),
        (IMS, "on: 2025-02-21", "on: 2025-02-29", "2025-02-29", "is no date"),
        (
            IMS,
            "closes_on: 2025-01-23",
            "closes_on: 2024-12-04",
            "closes_on:",
            "application.closes_on: applications close before they open on 2024-12-05",
        ),
        (IMS, "by: 2025-02-28", "by: 2025-02-20", "matching:", "the deadline by comes before"),
        (IMS, "ends_on: 2025-06-30", "ends_on: 2025-03-05", "cycle:", "at least 14 days"),
        (
            IMS,
            "on: 2025-02-21\n  by: 2025-02-28",
            "on: 2025-05-01",
            "on: 2025-05-01",
            "pairs join no more by then",
        ),
        (
            ICAHN,
            "    name: Year Four\n    months: 12\n",
            "    name: Year Four\n    months: 12\n    then: year_one\n",
            "then: year_two",
            "the stage year_one leads round to itself again",
        ),
        (ICAHN, "then: year_two", "then: year_nine", "then: year_nine", "no stage 'year_nine'"),
        *(
            (IMG, "certificate:\n", f"certificate:\n  requires: {{{asked}}}\n", at, said)
            for asked, at, said in (
                ("minutes: 60", "minutes: 60", "minutes are those of meetings on record"),
                ("sessions: 39", "sessions: 39", "mentors can come to "),
                ("surveys: true", "surveys: true", "no mandatory survey is for mentors"),
                ("surveys: false", "requires:", "say what it requires"),
            )
        ),
        (ICAHN, "{question: specialty}", "{question: hat}", "question: hat", "asked no question"),
    ],
)
def test_mistake_has_its_line_and_column(text: str, old: str, new: str, at: str, said: str) -> None:
    spoilt = text.replace(old, new, 1)
    assert spoilt != text
    found = said_of(spoilt)
    assert any(
        line.startswith(place(spoilt, at)) and said in line for line in found.splitlines()
    ), found


def test_every_stage_of_a_circle_is_named() -> None:
    circle = ICAHN.replace("    name: Year Four\n", "    name: Year Four\n    then: year_one\n", 1)
    assert len(re.findall(r"leads round to itself", said_of(circle))) == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: [", r"line 1, column \d+: this is not YAML"),
        ("id: a\n\tname: b", r"line 2, column 1: this is not YAML"),
        ("id: &mine a\nname: *mine", r"line 1, column 5: aliases and anchors"),
        ("id: a\nname: *mine", r"line 2, column 7: aliases and anchors"),
        ("id: !!python/object/apply:os.system [ls]", r"line 1, column 5: the tag"),
        ("id: !secret a", r"line 1, column 5: the tag !secret"),
        ("<<: {id: a}", r"line 1, column 1"),
        ("id: a\nid: b", r"line 2, column 1: id stands here twice"),
        ("? [a, b]\n: c", r"line 1, column 3: a key is a word"),
        ("a: " + "[" * 50 + "]" * 50, r"nested too deeply"),
        ("[" * 30_000, r"line 1, column 41: this is nested too deeply"),
        ("".join(f"{' ' * at}a:\n" for at in range(900)), r"line 41, .* nested too deeply"),
        ("--- \na: 1\n--- \nb: 2", r"line 3, column 1: this is not YAML"),
        ("id: \x00", r"^line 1, column 5: this is not YAML: a character that no text has$"),
        ("id: a\nname: \x89", r"^line 2, column 7: this is not YAML"),
        ("%YAML 9.9\n---\na: 1", r"not YAML"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_at_its_place(text: str, said: str) -> None:
    assert re.search(said, said_of(text)), said_of(text)


@pytest.mark.parametrize("text", ["a: 1\n" * 10_000_000, "- " * 25_000_000])
def test_fifty_megabytes_are_refused_unread(text: str) -> None:
    assert said_of(text) == "This is too long: a programme file has at most 1000000 bytes."


def test_file_of_too_many_parts_is_refused_before_it_is_read() -> None:
    text = "".join(f"a{number}: 1\n" for number in range(90_000))
    assert re.match(r"line \d+, column \d+: a programme file has no more than", said_of(text))


def test_of_very_many_mistakes_the_first_are_told() -> None:
    text = "".join(f"a{number}: 1\n" for number in range(9_000))
    assert len(said_of(text).splitlines()) == 100


def test_word_of_another_place_is_told_apart_from_a_slip() -> None:
    found = said_of(IMG.replace("days: 28", "dais: 28").replace("at: ", "att: "))
    assert "cycle.dais: unknown word 'dais'; did you mean 'days'?" in found
    assert "touchpoints.att: unknown word 'att'; did you mean 'at'?" in found
