"""What a change to a running programme does: every part has its sentence, and refusals hold."""

from typing import Any

import pytest

from mentorbot.domain.admission import ApplicationRules
from mentorbot.domain.changes import APPLIED, EFFECTS, Change, Running, changes, check
from mentorbot.domain.errors import (
    ApplicationsUnderWay,
    CycleRunning,
    DrawCommitted,
    OtherProgramme,
    ResultsHeard,
)
from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.programmes import preset
from mentorbot.wording import say

BEFORE = preset("img")
QUIET = Running()
BUSY = Running({Role.MENTOR: 3, Role.MENTEE: 4}, pairs=3, under_way=2, waiting=5)
STAGES = [{"id": name, "name": name.title(), "months": 12} for name in ("first", "second")]
OPEN = {"through": ["slack"]}


def with_parts(**parts: Any) -> ProgrammeFile:
    """The IMG file with other parts."""
    return ProgrammeFile.model_validate(BEFORE.model_dump(mode="json") | parts)


def part(name: str, **inner: Any) -> dict[str, Any]:
    """A part of the IMG file with other values in it."""
    found: dict[str, Any] = BEFORE.model_dump(mode="json")[name]
    return {**found, **inner}


def question(number: int, **inner: Any) -> list[dict[str, Any]]:
    """The IMG form with one question changed."""
    form: list[dict[str, Any]] = BEFORE.model_dump(mode="json")["form"]
    form[number] |= inner
    return form


def guidelines(version: int, point: str) -> dict[str, Any]:
    found: dict[str, Any] = BEFORE.model_dump(mode="json")["guidelines"]
    return {**found, "mentor": {"version": version, "points": [point]}}


def sentences(found: list[Change]) -> list[str]:
    """What is told of each change, in English."""
    return [
        say(it.refusal.key, **it.refusal.values)
        if it.refusal
        else say(f"changes.{it.key}", **it.values)
        for it in found
    ]


def test_every_part_of_the_file_says_what_its_change_does() -> None:
    assert set(EFFECTS) == set(ProgrammeFile.model_fields)
    assert {*APPLIED, "cohort"} == set(ApplicationRules.model_fields)


def test_same_file_changes_nothing() -> None:
    assert changes(BEFORE, with_parts(), BUSY) == []


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"name": "IMG friends"}, "It is called IMG friends now"),
        ({"purpose": "Friends."}, "Its purpose is said in the new words"),
        ({"time_zone": "Asia/Kolkata"}, "those of Asia/Kolkata now, no longer of Europe/London"),
        ({"contacts": [{"name": "A", "title": "B"}]}, "Its contacts are shown"),
        ({"lists": {"members": "Members"}}, "Its lists change"),
        ({"form": question(0, label="Your field")}, "“Your field” is asked in its new form"),
        ({"guides": {"mentor": [{"title": "A", "text": "B"}]}}, "Its guides are shown"),
        ({"matching": {"mode": "instant"}}, "made by the new rules"),
        ({"starters": ["How are you?"]}, "starters are the new ones"),
        (
            {"first_meeting": part("first_meeting", prompts=["Hello?"])},
            "card for the first meeting",
        ),
        ({"advisers": {"question": "specialty"}}, "Advisers are named for the new specialties"),
        ({"stage_question": "Your year"}, "“Your year” is asked in its new form"),
        ({"stages": STAGES}, "The stages are the new ones"),
        ({"signposts": []}, "places to turn to"),
        ({"certificate": part("certificate", organisation="IMG")}, "Certificates are signed"),
        (
            {"certificate": part("certificate", requires={"sessions": 1})},
            "given, by the new rules",
        ),
        ({"guidelines": guidelines(1, "Be kind.")}, "mentors change in their words alone"),
        ({"guidelines": guidelines(2, "Be kind.")}, "3 mentors are asked to agree"),
        ({"cycle": {"days": 35, "join_until_day": 14}}, "next cycle has the new length"),
        ({"touchpoints": part("touchpoints", starter_day=3)}, "come by the new dates"),
    ],
)
def test_change_is_told_with_whom_it_meets(parts: dict[str, Any], said: str) -> None:
    running = Running(BUSY.people)
    (told,) = sentences(changes(BEFORE, with_parts(**parts), running))
    assert said in told


def test_questions_that_come_and_go_are_named() -> None:
    form = question(0)
    added = {"id": "town", "kind": "text", "label": "Your town"}
    told = sentences(changes(BEFORE, with_parts(form=[*form[:4], *form[5:], added]), BUSY))
    assert "“Your town” is new. 7 people" in told[0]
    assert "“What you hope for” is asked no more" in told[1]
    (moved,) = sentences(changes(BEFORE, with_parts(form=list(reversed(form))), BUSY))
    assert moved == "The questions come in another order."


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"through": ["slack", "import"]}, "People apply another way"),
        ({"closes_on": "2027-01-31"}, "The days on which people apply"),
        ({"validation": "none"}, "2 that are under way are not decided anew"),
        ({"near_misses": "refuse"}, "Near misses"),
        ({"invite_url": "https://example.org/join"}, "Invitations lead to the new address"),
        ({"facts": [{"id": "standing", "label": "Good standing"}]}, "for 2 applications"),
        ({"selection": {"mentee": {"mode": "first_come", "places": 5}}}, "Who has one keeps it"),
        (
            {"eligibility": {"mentee": {"answer": "level", "is": "Foundation doctor"}}},
            "2 applications that are under way are not decided anew",
        ),
    ],
)
def test_change_to_how_people_apply_is_told(more: dict[str, Any], said: str) -> None:
    before = with_parts(application=OPEN)
    (told,) = sentences(changes(before, with_parts(application=OPEN | more), BUSY))
    assert said in told


def test_rounds_of_applications_begin_and_end_when_each_is_decided() -> None:
    running = Running(waiting=1)
    plain = with_parts(application=None)
    first, second = with_parts(application=OPEN), with_parts(application=OPEN | {"cohort": 2})
    assert sentences(changes(plain, first, running)) == [say("changes.applications_begin")]
    assert "Round 2 of applications begins" in sentences(changes(first, second, running))[0]
    assert "without applying" in sentences(changes(first, plain, running))[0]
    for after in (second, plain):
        with pytest.raises(ApplicationsUnderWay):
            check(first, after, BUSY)


LOTTERY = {"mode": "lottery", "places": 5, "seed_source": "the next draw"}
DRAWN = {"through": ["slack"], "closes_on": "2027-01-31", "selection": {"mentee": LOTTERY}}


@pytest.mark.parametrize(
    "other",
    [
        {"places": 6},
        {"method": "rfc3797"},
        {"newcomers_first": True},
        {"waiting_list": 3},
        {"seed_source": "another draw"},
        {"seed_on": "2027-02-03"},
    ],
)
def test_what_a_draw_is_committed_to_is_kept_until_it_is_made(other: dict[str, Any]) -> None:
    before = with_parts(application=DRAWN)
    after = with_parts(application=DRAWN | {"selection": {"mentee": LOTTERY | other}})
    committed = Running(committed=frozenset({Role.MENTEE}))
    with pytest.raises(DrawCommitted):
        check(before, after, committed)
    assert "Draw with `/mentorbot lottery` first" in sentences(changes(before, after, committed))[0]
    check(before, after, Running(committed=frozenset({Role.MENTOR})))
    for gone in (DRAWN | {"selection": {}}, DRAWN | {"selection": {"mentor": LOTTERY}}):
        with pytest.raises(DrawCommitted):
            check(before, with_parts(application=gone), committed)
    check(before, with_parts(application=DRAWN | {"near_misses": "refuse"}), committed)


@pytest.mark.parametrize("before", [None, "2027-03-01"])
def test_results_that_somebody_has_heard_come_no_later(before: str | None) -> None:
    def on(day: str | None, **more: Any) -> ProgrammeFile:
        return with_parts(application=DRAWN | {"results_on": day} | more)

    heard = Running(has_heard=True)
    with pytest.raises(ResultsHeard):
        check(on(before), on("2027-03-02"), heard)
    check(on(before), on("2027-03-02"), QUIET)
    check(on(before), on("2027-03-02", cohort=2), heard)
    check(on("2027-03-02"), on(before), heard)


@pytest.mark.parametrize(
    "parts",
    [
        {"cycle": {"days": 35, "join_until_day": 14}},
        {"touchpoints": part("touchpoints", starter_day=3)},
    ],
)
def test_dates_are_refused_while_pairs_live_by_them(parts: dict[str, Any]) -> None:
    check(BEFORE, with_parts(**parts), QUIET)
    with pytest.raises(CycleRunning):
        check(BEFORE, with_parts(**parts), BUSY)
    (told,) = sentences(changes(BEFORE, with_parts(**parts), BUSY))
    assert "Pairs of the IMG Mentorship Programme are living by its dates" in told


def test_file_of_another_programme_updates_nothing() -> None:
    with pytest.raises(OtherProgramme):
        check(BEFORE, with_parts(id="img2"), QUIET)
