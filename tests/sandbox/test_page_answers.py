"""What a person of the workspace would answer: whose it is, and that it fits the forms."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from mentorbot.domain.model import Role
from mentorbot.domain.programme import Question
from mentorbot.programmes import preset
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.population import Population, Resident
from mentorbot.sandbox.server import Sandbox

PLAN = Population.read()
AMARA, ZOE = "U0AMARA000", "U0ZOE00000"


@pytest.fixture(scope="module")
def browser() -> Iterator[httpx.Client]:
    with (
        Sandbox(VirtualClock(datetime(2026, 11, 23, 10, 0, tzinfo=UTC))) as sandbox,
        httpx.Client(base_url=sandbox.url, timeout=10) as client,
    ):
        yield client


def test_page_is_told_only_what_the_acting_person_would_answer(browser: httpx.Client) -> None:
    amara = browser.get("/_page/state", params={"as": AMARA}).json()["answers"]
    zoe = browser.get("/_page/state", params={"as": ZOE}).json()["answers"]
    assert (amara["specialty"], amara["level"]) == ("Paediatrics", "Registrar or specialty trainee")
    assert (zoe["place"], zoe["level"]) == ("Leeds", "Foundation doctor")
    assert amara["rating"] == zoe["rating"]


def test_own_answers_come_before_anybodys() -> None:
    shared = PLAN.answers["hopes"]
    assert PLAN.answers_of(ZOE)["hopes"] != shared
    assert PLAN.answers_of(AMARA)["hopes"] == shared


def fits(question: Question, answer: object) -> bool:
    """Whether the programme's form would take this answer."""
    if question.kind == "choice":
        return answer in question.options
    if question.kind == "choices":
        return isinstance(answer, list) and set(answer) <= set(question.options)
    if question.kind == "number":
        return question.least <= int(str(answer)) <= question.most
    return isinstance(answer, str) and 0 < len(answer) <= question.most


@pytest.mark.parametrize("person", PLAN.people, ids=lambda person: person.id)
def test_everybody_has_an_answer_to_every_question_of_either_role(person: Resident) -> None:
    answers = PLAN.answers_of(person.id)
    questions = {
        question.id: question for role in Role for question in preset("img").questions_for(role)
    }
    assert questions.keys() <= answers.keys()
    assert [key for key, question in questions.items() if not fits(question, answers[key])] == []
