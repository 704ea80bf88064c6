"""How people apply, as a file says it: what does not fit is named where it stands."""

from datetime import date
from typing import Any

import pytest
import yaml

from mentorbot.domain.admission import EverybodyApproved, FirstCome, Lottery
from mentorbot.domain.errors import InvalidProgramme
from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile, read_programme
from mentorbot.domain.selection import LotteryRules
from mentorbot.programmes import preset
from tests.lottery import MEMBER

SOURCE = {"mode": "lottery", "places": 5, "seed_source": "the next draw"}


def data(form: tuple[dict[str, Any], ...] = (), **rules: Any) -> dict[str, Any]:
    """The IMG programme with these rules of applying, and more questions."""
    found: dict[str, Any] = preset("img").model_dump(mode="json")
    more = {"application": rules, "lists": {"members": "Members"}, "form": [*found["form"], *form]}
    return found | more


def mistakes(form: tuple[dict[str, Any], ...] = (), **rules: Any) -> str:
    """What is said of rules that do not fit."""
    with pytest.raises(InvalidProgramme) as refused:
        read_programme(yaml.safe_dump(data(form, **rules)))
    return str(refused.value)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"through": []}, "application.through: "),
        ({"through": ["pigeon"]}, "application.through.0: found 'pigeon'; allowed: slack, import"),
        ({"cohort": 0}, "application.cohort: "),
        ({"validation": "maybe"}, "validation: found 'maybe'; allowed: none, coordinator"),
        ({"near_misses": "perhaps"}, "near_misses: found 'perhaps'; allowed: review, refuse"),
        (
            {"opens_on": "2027-02-01", "closes_on": "2027-01-31"},
            "application.closes_on: applications close before they open on 2027-02-01",
        ),
        (
            {"closes_on": "2027-01-31", "next_opens_on": "2027-01-31"},
            "application.next_opens_on: this round takes applications until 2027-01-31",
        ),
        (
            {"next_opens_on": "2027-01-31"},
            "application.next_opens_on: applications never close: give closes_on, too",
        ),
        (
            {"closes_on": "2027-01-31", "results_on": "2027-01-31"},
            "application.results_on: the results come while applications are taken",
        ),
        (
            {"opens_on": "2027-01-31", "results_on": "2027-01-30"},
            "application.results_on: the results come while applications are taken",
        ),
        (
            {"validation": "none", "facts": [{"id": "a", "label": "A"}]},
            "application.facts: facts are verified by a coordinator",
        ),
        (
            {"facts": [{"id": "a", "label": "A"}, {"id": "a", "label": "B"}]},
            "application.facts.1.id: two facts share the id a",
        ),
        (
            {"eligibility": {"mentee": {"answer": "shoe", "is": "42"}}},
            "application.eligibility.mentee: the form has no question 'shoe'",
        ),
        (
            {"eligibility": {"mentee": {"answer": "offer", "is": "x"}}},
            "application.eligibility.mentee: the form has no question 'offer'",
        ),
        (
            {"eligibility": {"mentee": {"answer": "level", "is": "Baron"}}},
            "level has no option 'Baron'",
        ),
        (
            {"eligibility": {"mentor": {"answer": "place", "at_least": 2}}},
            "at_least needs a question of the kind number, and place is none",
        ),
        (
            {"eligibility": {"mentor": {"all": [{"any": [{"listed_in": "guests"}]}]}}},
            "application.eligibility.mentor: there is no list 'guests' under lists",
        ),
        ({"eligibility": {"mentor": {"is": 1, "at_least": 1}}}, "exactly one of these words"),
        ({"eligibility": {"mentor": {"not": {"listed_in": "members"}}}}, "why is needed here"),
        ({"selection": {"mentee": {"mode": "first_come"}}}, "places: missing"),
        ({"selection": {"mentee": {"mode": "auction"}}}, "allowed: all, first_come, lottery"),
        ({"selection": {"mentee": SOURCE}}, "a lottery needs closes_on"),
        (
            {"selection": {"mentee": SOURCE | {"reserved": 2}}},
            "reserved places need member_question",
        ),
        (
            {"selection": {"mentee": SOURCE | {"reserved": 6, "member_question": "level"}}},
            "there are more reserved places than places",
        ),
        (
            {"selection": {"mentee": SOURCE | {"member_question": "level"}}},
            "level: reserved places need a consent with sensitive: true",
        ),
        (
            {"selection": {"mentee": SOURCE | {"member_question": "shoe"}}},
            "shoe: the mentee is asked no such question",
        ),
        (
            {"selection": {"mentee": SOURCE | {"past_list": "ghosts"}}},
            "past_list: there is no list 'ghosts' under lists",
        ),
        (
            {
                "closes_on": "2027-01-31",
                "selection": {"mentee": SOURCE | {"seed_on": "2027-01-31"}},
            },
            "seed_on: the seed must come after applications have closed",
        ),
        (
            {
                "closes_on": "2027-01-31",
                "results_on": "2027-02-02",
                "selection": {"mentee": SOURCE | {"seed_on": "2027-02-03"}},
            },
            "application.results_on: the results come before the seed of 2027-02-03",
        ),
    ],
)
def test_rule_that_does_not_fit_is_named_where_it_stands(rules: dict[str, Any], said: str) -> None:
    assert said in mistakes(**rules)


def test_answer_that_no_draw_reads_is_not_asked_for_one() -> None:
    assert "make it the lottery's member_question" in mistakes((MEMBER,), validation="none")


def test_rules_at_the_edge_are_taken() -> None:
    lottery = SOURCE | {
        "reserved": 5,
        "member_question": MEMBER["id"],
        "past_list": "members",
        "seed_on": "2027-02-02",
    }
    rules = {
        "opens_on": "2027-02-01",
        "closes_on": "2027-02-01",
        "results_on": "2027-02-02",
        "selection": {"mentee": lottery},
    }
    application = ProgrammeFile.model_validate(data((MEMBER,), **rules)).application
    assert application is not None
    assert application.opens_on == application.closes_on == date(2027, 2, 1)


def test_places_are_for_everybody_unless_the_file_says_otherwise() -> None:
    rules = {"selection": {"mentor": {"mode": "first_come", "places": 3}}}
    application = ProgrammeFile.model_validate(data(**rules)).application
    assert application is not None
    assert application.selection_of(Role.MENTOR) == FirstCome(mode="first_come", places=3)
    assert application.selection_of(Role.MENTEE) == EverybodyApproved(mode="all")


def test_facts_are_verified_of_the_roles_they_are_about() -> None:
    facts = [{"id": "a", "label": "A", "roles": ["mentee"]}, {"id": "b", "label": "B"}]
    application = ProgrammeFile.model_validate(data(facts=facts)).application
    assert application is not None
    assert [fact.id for fact in application.facts_of(Role.MENTOR)] == ["b"]
    assert [fact.id for fact in application.facts_of(Role.MENTEE)] == ["a", "b"]


def test_draw_is_committed_to_the_rules_alone() -> None:
    lottery = Lottery.model_validate(SOURCE | {"places": 7, "newcomers_first": True})
    assert lottery.rules() == LotteryRules(places=7, newcomers_first=True)
