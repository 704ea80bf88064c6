"""Sensitive questions in a programme file: asked with care, or refused."""

from typing import Any

import pytest
import yaml

from mentorbot.domain.errors import InvalidProgramme
from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile, read_programme
from mentorbot.programmes import preset
from tests.lottery import MEMBER

LOTTERY: dict[str, Any] = {
    "mode": "lottery",
    "places": 20,
    "reserved": 8,
    "seed_source": "the 6/49 draw",
    "seed_on": "2023-01-04",
    "member_question": "under_represented",
}


def read(question: dict[str, Any], **changes: Any) -> ProgrammeFile:
    """The IMG programme with a sensitive question and a lottery that reads it."""
    data = preset("img").model_dump(mode="json", by_alias=True)
    rules = {"closes_on": "2022-12-31", "results_on": "2023-01-23"}
    data["application"] = rules | {"selection": {"mentee": LOTTERY}}
    data["form"].append(question)
    return read_programme(yaml.safe_dump(data | changes))


def refused(question: dict[str, Any], **changes: Any) -> str:
    with pytest.raises(InvalidProgramme) as found:
        read(question, **changes)
    return str(found.value)


def test_sensitive_question_is_no_part_of_the_form() -> None:
    file = read(MEMBER)
    assert "under_represented" not in {it.id for it in file.questions_for(Role.MENTEE)}
    assert [it.id for it in file.sensitive_for(Role.MENTEE)] == ["under_represented"]
    assert file.sensitive_for(Role.MENTOR) == ()
    hopes = {"specialty": "Paediatrics", "level": "Consultant or GP", "place": "Leeds"}
    given = hopes | {"languages": ["English"], "hopes": "All.", "under_represented": ["agreed"]}
    assert "under_represented" not in file.check_answers(Role.MENTEE, given)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"required": True}, "add required: false"),
        ({"purpose": None}, "says its purpose"),
        ({"keep_for": None}, "what it is kept for"),
        ({"keep_for": "ever"}, "keep_for"),
        ({"consent_version": 0}, "consent_version"),
        ({"sensitive": False}, "add sensitive: true"),
        ({"kind": "text"}, "nothing reads other kinds"),
        ({"kind": "attestation"}, "attestation is required"),
        ({"id": "another"}, "the mentee is asked no such question"),
        ({"roles": ["mentor"]}, "the mentee is asked no such question"),
        (
            {"kind": "choice", "options": ["Yes", "No"]},
            "reserved places need a consent with sensitive: true",
        ),
    ],
)
def test_sensitive_question_without_its_care_is_refused(change: dict[str, Any], said: str) -> None:
    assert said in refused(MEMBER | change)


def test_answer_that_no_draw_reads_is_not_asked_for() -> None:
    said = refused(MEMBER, application={"closes_on": "2022-12-31"})
    assert "under_represented is kept for the selection of the mentee, whose places are not" in said
    assert "a sensitive question needs application" in refused(MEMBER, application=None)


def test_sensitive_answer_decides_neither_eligibility_nor_partners() -> None:
    rule = {"mentee": {"answer": "under_represented", "is": 1}}
    lottery = {"closes_on": "2022-12-31", "selection": {"mentee": LOTTERY}}
    said = refused(MEMBER, application=lottery | {"eligibility": rule})
    assert "under_represented is sensitive: nobody may be left out by it" in said
    matching = {"mode": "instant", "criteria": [{"question": "under_represented", "weight": 1}]}
    assert "partners are not found by it" in refused(MEMBER, matching=matching)


@pytest.mark.parametrize(
    ("lottery", "said"),
    [
        ({"seed_on": "2022-12-31"}, "the seed must come after applications have closed"),
        ({"seed_on": "2023-01-24"}, "the results come before the seed"),
        ({"seed_on": "someday"}, "seed_on"),
        ({"waiting_list": -1}, "waiting_list"),
    ],
)
def test_lottery_whose_dates_do_not_agree_is_refused(lottery: dict[str, Any], said: str) -> None:
    rules = {"closes_on": "2022-12-31", "results_on": "2023-01-23"}
    drawn = rules | {"selection": {"mentee": LOTTERY | lottery}}
    assert said in refused(MEMBER, application=drawn)
