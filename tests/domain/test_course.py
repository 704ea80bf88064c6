"""The course of a programme: cycles, matching dates and stages, and what cannot be in a file."""

from datetime import date
from typing import Any

import pytest
import yaml

from mentorbot.domain.course import CycleRules
from mentorbot.domain.errors import InvalidProgramme
from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile, read_programme
from mentorbot.programmes import preset

FIXED = {"starts_on": "2025-03-03", "ends_on": "2025-06-30", "repeats": "once"}
BEST = {"mode": "best", "on": "2025-02-24"}
REVIEWED = BEST | {"by": "2025-03-03", "review": {"approvals": 2}}
YEARS: list[dict[str, Any]] = [
    {"id": "one", "name": "Year one", "months": 12, "then": "two"},
    {"id": "two", "name": "Year two", "months": 12},
]


def changed(**parts: Any) -> str:
    """The IMG programme's YAML with other parts."""
    return yaml.safe_dump(preset("img").model_dump(mode="json") | parts, sort_keys=False)


def told(**parts: Any) -> str:
    """What is said of a file that is not taken."""
    with pytest.raises(InvalidProgramme) as refused:
        read_programme(changed(**parts))
    return str(refused.value)


def file(**parts: Any) -> ProgrammeFile:
    """A file that is taken."""
    return read_programme(changed(**parts))


@pytest.mark.parametrize(
    ("cycle", "said"),
    [
        ({"join_until_day": 3}, "give one of these"),
        ({"starts_on": "2025-03-03", "join_until_day": 3}, "give one of these"),
        (FIXED | {"days": 28, "join_until_day": 3}, "give one of these"),
        (FIXED | {"ends_on": "2025-03-10", "join_until_day": 3}, "at least 14 days"),
        (FIXED | {"repeats": "repeating", "join_until_day": 3}, "write repeats: once"),
        (FIXED | {"repeats": "evergreen"}, "write repeats: once"),
        (FIXED, "join_until_day is needed"),
        (FIXED | {"join_until_day": 119}, "must come before the cycle's end"),
        ({"weeks": 6}, "join_until_day is needed"),
        ({"weeks": 6, "repeats": "evergreen", "join_until_day": 3}, "leave join_until_day out"),
        ({"days": 28, "repeats": "sometimes", "join_until_day": 3}, "allowed: repeating, once"),
        (FIXED | {"starts_on": "2025-02-30", "join_until_day": 3}, "starts_on: "),
    ],
)
def test_a_cycle_that_cannot_be_is_refused(cycle: dict[str, Any], said: str) -> None:
    assert said in told(cycle=cycle)


def test_a_cycle_of_fixed_dates_starts_and_ends_on_them() -> None:
    cycle = file(cycle=FIXED | {"join_until_day": 14}).cycle
    assert cycle.start(date(2025, 2, 24)) == date(2025, 3, 3)
    assert cycle.end(date(2025, 3, 3), 3) == date(2025, 6, 30)
    assert cycle.joins(date(2025, 3, 3), date(2025, 3, 17))
    assert not cycle.joins(date(2025, 3, 3), date(2025, 3, 18))


def test_a_cycle_of_weeks_is_one_of_seven_days_each() -> None:
    cycle = CycleRules(weeks=6, join_until_day=14)
    assert cycle.least_days == 42
    assert cycle.start(date(2026, 1, 1)) == date(2026, 1, 1)
    assert cycle.end(date(2026, 1, 1), 1) == date(2026, 2, 12)


@pytest.mark.parametrize(
    ("matching", "said"),
    [
        ({"mode": "best"}, "needs on"),
        (BEST | {"mode": "instant"}, "instant needs no date"),
        ({"mode": "instant", "late": "none"}, "instant needs no date"),
        (BEST | {"by": "2025-02-23"}, "before people are matched, on 2025-02-24"),
        (BEST | {"late": "never"}, "allowed: none, instant"),
        (BEST | {"on": "2025-02-29"}, "matching.on"),
        (BEST | {"review": {"approvals": 2}}, "needs by, the day on which"),
        (REVIEWED | {"late": "instant"}, "pairs that nobody has reviewed"),
        (REVIEWED | {"group": {"least": 2, "most": 3}}, "without a group"),
        ({"mode": "instant", "review": {"approvals": 2}}, "belongs to mode: best"),
        (REVIEWED | {"review": {"approvals": 0}}, "matching.review.approvals"),
    ],
)
def test_a_matching_that_cannot_be_is_refused(matching: dict[str, Any], said: str) -> None:
    assert said in told(matching=matching)


def test_people_are_matched_while_pairs_still_join_the_cycle() -> None:
    cycle = FIXED | {"join_until_day": 14}
    assert file(matching=BEST | {"on": "2025-03-17"}, cycle=cycle).matching.mode == "best"
    said = told(matching=BEST | {"on": "2025-03-18"}, cycle=cycle)
    assert "matching.on: pairs join no more by then" in said


def test_an_evergreen_programme_matches_newcomers_at_once() -> None:
    cycle = {"weeks": 12, "repeats": "evergreen"}
    assert file(matching=BEST | {"late": "instant"}, cycle=cycle).cycle.is_evergreen
    assert "write late: instant" in told(matching=BEST, cycle=cycle)


def test_an_evergreen_programme_that_reviews_pairs_matches_newcomers_when_it_is_asked() -> None:
    assert file(matching=REVIEWED, cycle={"weeks": 12, "repeats": "evergreen"}).matching.review


@pytest.mark.parametrize(
    ("number", "change", "said"),
    [
        (1, {"then": "one"}, "stages.0.then: the stage one leads round to itself"),
        (1, {"then": "two"}, "stages.1.then: the stage two leads round to itself"),
        (1, {"then": "three"}, "stages.1.then: there is no stage 'three'"),
        (1, {"id": "one"}, "stages.1.id: two stages share the id one"),
        (1, {"name": "Year one"}, "stages.1.name: two stages share the name 'Year one'"),
        (0, {"months": 0}, "stages.0.months: "),
    ],
)
def test_stages_that_cannot_be_are_refused_at_their_line(
    number: int, change: dict[str, Any], said: str
) -> None:
    stages = [dict(stage) for stage in YEARS]
    stages[number] |= change
    found = told(stages=stages)
    assert said in found
    assert found.startswith("line ")


def test_a_circle_of_stages_that_one_only_leads_into_is_found() -> None:
    three = [YEARS[0], YEARS[1] | {"then": "three"}, YEARS[1] | {"id": "three", "name": "Three"}]
    circle = [*three[:2], three[2] | {"then": "two"}]
    assert told(stages=circle).count("leads round to itself") == 2


def test_one_stage_alone_is_refused() -> None:
    assert "stages: one stage is none" in told(stages=[YEARS[1]])


def test_stages_ask_mentees_for_theirs_and_nobody_else() -> None:
    found = file(stages=YEARS, stage_question="Your year")
    (asked,) = [it for it in found.questions_for(Role.MENTEE) if it.id == "stage"]
    assert asked.label == "Your year"
    assert asked.problem("Year two") is None
    assert asked.problem("Year nine") is not None
    assert "stage" not in {it.id for it in found.questions_for(Role.MENTOR)}
    assert "stage" not in {it.id for it in preset("img").questions_for(Role.MENTEE)}


def test_the_stages_question_is_asked_by_the_stages_alone() -> None:
    form = preset("img").model_dump(mode="json")["form"]
    own = {"id": "stage", "kind": "text", "label": "Stage", "most": 60}
    assert "the stages ask a question of their own" in told(stages=YEARS, form=[*form, own])


@pytest.mark.parametrize(
    ("tips", "said"),
    [
        ([], "tips: tips come in a rhythm: give both tips and tip of the touchpoints"),
        ([{"text": "Rest."}, {"text": "Rest."}], "tips.1.text: this tip stands there twice"),
        ([{"text": "Rest.", "roles": []}], "tips.0.roles: a tip is for a role, or for both"),
        ([{"text": "Rest.", "stages": ["late"]}], "tips.0.stages.0: there is no stage 'late'"),
    ],
)
def test_tips_that_nobody_would_get_are_refused_at_their_line(
    tips: list[dict[str, Any]], said: str
) -> None:
    rhythm = preset("img").touchpoints.model_dump(mode="json") | {
        "tip": {"first_day": 6, "every_days": 7}
    }
    assert said in told(tips=tips, touchpoints=rhythm)
