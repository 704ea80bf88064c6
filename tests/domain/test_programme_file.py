"""The programme file: every mistake is named, and answers are checked on both sides."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.domain.errors import InvalidAnswers, InvalidProgramme
from mentorbot.domain.model import Role
from mentorbot.domain.programme import (
    ProgrammeFile,
    parse_stored,
    read_programme,
)
from mentorbot.domain.programme_source import read_source
from mentorbot.programmes import preset, presets

Data = dict[str, Any]


def data() -> Data:
    found: Data = preset("img").model_dump(mode="json")
    return found


def mistakes(change: Callable[[Data], object]) -> str:
    """What is said about the IMG programme after a change."""
    changed = data()
    change(changed)
    with pytest.raises(InvalidProgramme) as refused:
        read_programme(yaml.safe_dump(changed))
    return str(refused.value)


def setting(path: str, value: Any) -> Callable[[Data], None]:
    """A change of one place in the file, such as `form.0.kind`."""

    def change(changed: Any) -> None:
        *before, last = (int(part) if part.isdigit() else part for part in path.split("."))
        for part in before:
            changed = changed[part]
        changed[last] = value

    return change


def test_every_preset_can_be_read_and_stored() -> None:
    assert "img" in presets()
    for name in presets():
        file = preset(name)
        assert file.id == name
        assert parse_stored(file.model_dump_json()) == file


def test_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidProgramme, match=r"no preset 'imgg'; known: .*img"):
        preset("imgg")


def test_text_that_is_not_yaml_is_refused() -> None:
    with pytest.raises(InvalidProgramme, match="not YAML"):
        read_programme("id: [")


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b"])
def test_yaml_that_is_not_a_programme_is_refused(text: str) -> None:
    with pytest.raises(InvalidProgramme, match=r"This is empty|a programme file begins with words"):
        read_programme(text)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("id", "IMG 1", "id: "),
        ("name", " ", "name: "),
        ("name", "x" * 61, "name: "),
        ("time_zone", "Europe/Leeds", "time_zone: .*Europe/Leeds.*Europe/London"),
        ("languages", [], "languages: "),
        ("languages", ["xx"], "languages.0: "),
        ("form", [], "form: "),
        ("form.0.kind", "slider", "form.0.kind: "),
        ("form.0.options", ["Only", "Only"], "form.0.options: .*two different options"),
        ("form.0.options", ["x" * 76, "y"], "form.0.options.0: "),
        ("form.0.label", "", "form.0.label: "),
        ("form.0.id", "two words", "form.0.id: "),
        ("form.0.colour", "red", "form.0.colour: "),
        ("form.2.most", 3001, "form.2.most: "),
        ("form.1.id", "specialty", "form.1.id: two questions share the id specialty"),
        ("form.6.least", 4, "form.6: .*least is above most"),
        ("form.6.most", 1_000_001, "form.6.most: "),
        ("form.6.least", 0, "capacity"),
        ("form.6.kind", "text", "form.6.least: unknown word"),
        ("form.6.roles", ["mentee"], "capacity"),
        ("guidelines.mentor.version", 0, "guidelines.mentor.version: "),
        ("guidelines.mentor.points", [], "guidelines.mentor.points: "),
        ("guidelines", {}, "guidelines: guidelines are needed for the mentor"),
        ("matching.mode", "magic", "matching.mode: "),
        ("matching.criteria.0.weight", 0, "matching.criteria.0.weight: "),
        (
            "matching.criteria.0.question",
            "shoe_size",
            "criteria.0.question: the form has no question .shoe_size",
        ),
        (
            "matching.criteria.1.question",
            "specialty",
            "criteria.1.question: specialty is a criterion twice",
        ),
        ("cycle.days", 13, "cycle.days: "),
        ("cycle.join_until_day", 28, "before the cycle's end"),
        ("cycle.join_until_day", 21, "cycle.join_until_day: joining ends after the closing"),
        ("touchpoints.at", "03:59", "touchpoints.at: .*between 04:00 and 22:00"),
        ("touchpoints.at", "22:01", "touchpoints.at: .*between 04:00 and 22:00"),
        ("touchpoints.at", "10:00Z", "touchpoints.at: .*no zone"),
        ("touchpoints.at", "ten", "touchpoints.at: "),
        ("touchpoints.starter_day", 0, "touchpoints.starter_day: "),
        ("touchpoints.check_in.every_days", 0, "touchpoints.check_in.every_days: "),
        ("cycle.months", 1, "cycle: .*one of these"),
        ("cycle.days", None, "cycle: .*one of these"),
        ("touchpoints.check_in.every_months", 1, "check_in: .*one of the two"),
        ("touchpoints.check_in.every_days", None, "check_in: .*one of the two"),
        ("touchpoints.closing.days_before_end", 28, "closing comes before the cycle begins"),
        ("touchpoints.closing.reminder_days", [2, 7], "after the cycle's end"),
        ("touchpoints.closing.reminder_days", [0], "touchpoints.closing.reminder_days.0: "),
        ("touchpoints.closing.reminder_days", [5, 2], "reminder_days: .*in order"),
        ("touchpoints.closing.reminder_days", [2, 2], "reminder_days: .*in order"),
        ("starters", [], "starters: "),
        ("first_meeting.prompts", [], "first_meeting.prompts: "),
        ("signposts.0.url", "http://example.org", "signposts.0.url: "),
        ("signposts.0.url", "https://example.org/a|b", "signposts.0.url: "),
        ("certificate.signatories", [], "certificate.signatories: "),
        ("surprise", 1, "surprise: "),
    ],
)
def test_mistake_is_named_with_its_place(path: str, value: Any, said: str) -> None:
    found = mistakes(setting(path, value))
    assert re.search(said, found), found


def test_word_that_yaml_reads_as_a_truth_is_a_word_all_the_same() -> None:
    assert read_source("on: 2025-02-21\nyes: 1").data == {"on": date(2025, 2, 21), "yes": 1}


def test_missing_part_is_named() -> None:
    assert "purpose: missing: purpose is needed here" in mistakes(
        lambda changed: changed.pop("purpose")
    )


def test_all_mistakes_are_named_at_once() -> None:
    def spoil(changed: Data) -> None:
        changed["cycle"]["days"] = 1
        changed["starters"] = []
        changed["form"][0]["kind"] = "slider"

    found = mistakes(spoil).splitlines()
    assert [line.split(": ")[1] for line in found] == ["cycle.days", "form.0.kind", "starters"]


@pytest.mark.parametrize(
    ("cycle", "said"),
    [
        ({"months": 0, "join_until_day": 0}, "cycle.months: "),
        ({"months": 25, "join_until_day": 0}, "cycle.months: "),
        ({"months": 1, "join_until_day": 28}, "before the cycle's end"),
        ({"months": 1, "join_until_day": 21}, "joining ends after the closing"),
    ],
)
def test_cycle_of_months_is_checked_by_the_shortest_months(cycle: Data, said: str) -> None:
    assert re.search(said, mistakes(setting("cycle", cycle)))


def test_nine_months_with_a_check_in_each_month_are_a_programme() -> None:
    changed = data() | {"cycle": {"months": 9, "join_until_day": 60}}
    changed["touchpoints"]["check_in"] = {"first_day": 4, "every_months": 1}
    file = read_programme(yaml.safe_dump(changed))
    assert file.cycle.end(date(2026, 5, 31), 31) == date(2027, 2, 28)
    assert file.touchpoints.check_in.on(date(2027, 1, 27), 2) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("touchpoints.at", "04:00"),
        ("touchpoints.at", "22:00"),
        ("touchpoints.closing.reminder_days", [1, 6]),
        ("touchpoints.closing.reminder_days", []),
        ("cycle.join_until_day", 20),
        ("cycle.join_until_day", 0),
        ("matching.criteria", []),
        ("signposts", []),
        ("form.6.most", 100),
    ],
)
def test_values_at_the_edge_are_taken(path: str, value: Any) -> None:
    changed = data()
    setting(path, value)(changed)
    assert isinstance(read_programme(yaml.safe_dump(changed)), ProgrammeFile)


def test_each_role_is_asked_its_own_questions() -> None:
    file = preset("img")
    mentor = [question.id for question in file.questions_for(Role.MENTOR)]
    mentee = [question.id for question in file.questions_for(Role.MENTEE)]
    assert set(mentor) - set(mentee) == {"offer", "capacity"}
    assert set(mentee) - set(mentor) == {"hopes"}


def asking(**question: Any) -> ProgrammeFile:
    """The IMG programme with one question in place of its form."""
    changed = data()
    changed["form"] = [{"id": "q", "label": "A question", **question}]
    changed["matching"]["criteria"], changed["library"] = [], None
    return ProgrammeFile.model_validate(changed)


CHOICE = {"kind": "choice", "options": ["Leeds", "York"]}
CHOICES = {"kind": "choices", "options": ["Leeds", "York"]}
TEXT = {"kind": "text", "most": 5}
LONG = {"kind": "long_text", "most": 5}
NUMBER = {"kind": "number", "least": 0, "most": 3}


@pytest.mark.parametrize(
    ("question", "given", "kept"),
    [
        (CHOICE, "Leeds", "Leeds"),
        (CHOICE, " York ", "York"),
        (CHOICES, ["York", "Leeds"], ["York", "Leeds"]),
        (CHOICES, ("York",), ["York"]),
        (TEXT, "  a \n b ", "a b"),
        (TEXT, "12345", "12345"),
        (LONG, " a\nb ", "a\nb"),
        (NUMBER, "0", 0),
        (NUMBER, 0, 0),
        (NUMBER, " 3 ", 3),
        (NUMBER, 3, 3),
    ],
)
def test_good_answer_is_kept_clean(question: Data, given: Any, kept: Any) -> None:
    assert asking(**question).check_answers(Role.MENTOR, {"q": given}) == {"q": kept}


@pytest.mark.parametrize(
    ("question", "given", "key"),
    [
        (CHOICE, "Bath", "form.not_on_offer"),
        (CHOICES, ["Leeds", "Bath"], "form.not_on_offer"),
        (TEXT, "123456", "form.too_long"),
        (LONG, "123456", "form.too_long"),
        (NUMBER, "4", "form.out_of_range"),
        (NUMBER | {"least": 1}, "0", "form.out_of_range"),
        (NUMBER, "three", "form.missing"),
        (NUMBER, "-1", "form.missing"),
        *((question, None, "form.missing") for question in (CHOICE, CHOICES, TEXT, LONG, NUMBER)),
        *((question, "  ", "form.missing") for question in (CHOICE, TEXT, LONG, NUMBER)),
        (CHOICES, [], "form.missing"),
    ],
)
def test_bad_answer_is_refused_with_its_reason(question: Data, given: Any, key: str) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        asking(**question).check_answers(Role.MENTOR, {"q": given})
    assert refused.value.problems["q"][0] == key


@pytest.mark.parametrize("question", [CHOICE, CHOICES, TEXT, LONG, NUMBER])
def test_answer_that_is_not_required_may_be_left_out(question: Data) -> None:
    file = asking(required=False, **question)
    assert file.check_answers(Role.MENTOR, {}) == {}
    assert file.check_answers(Role.MENTOR, {"q": None}) == {}


def test_every_field_at_fault_is_named_and_unknown_fields_are_dropped() -> None:
    file = preset("img")
    with pytest.raises(InvalidAnswers) as refused:
        file.check_answers(Role.MENTEE, {"specialty": "Cardiology", "place": "x" * 61})
    assert set(refused.value.problems) == {"level", "place", "languages", "hopes"}
    assert refused.value.problems["place"] == ("form.too_long", {"most": 60, "found": 61})
    good = {"specialty": "Cardiology", "level": "Consultant or GP", "place": "Leeds"}
    good |= {"languages": ["English"], "hopes": "Rest", "capacity": "3", "offer": "All"}
    assert set(file.check_answers(Role.MENTEE, good)) == set(good) - {"capacity", "offer"}


ASKING_A_TEXT = asking(kind="text", most=100, required=False)


@given(st.text(max_size=80))
def test_what_was_cleaned_once_stays_as_it_is(text: str) -> None:
    once = ASKING_A_TEXT.check_answers(Role.MENTOR, {"q": text})
    assert ASKING_A_TEXT.check_answers(Role.MENTOR, once) == once
