"""Eligibility: any, all and not over what is known of an applicant, with the reason told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from mentorbot.domain.conditions import WORDS, Condition, Facts
from mentorbot.domain.eligibility import UNCONFIRMED, Verdict, decide, faults
from mentorbot.domain.questions import AnyQuestion, Question

CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
QUESTION: TypeAdapter[AnyQuestion] = TypeAdapter(Question)
IMS = {
    "any": [
        {"all": [{"answer": "degree", "is": "Master's"}, {"answer": "year", "at_least": 2}]},
        {"all": [{"answer": "degree", "is": "PhD"}, {"answer": "year", "at_least": 3}]},
    ]
}
DEGREE = {"id": "degree", "kind": "choice", "label": "Degree", "options": ["Master's", "PhD"]}
YEAR = {"id": "year", "kind": "number", "label": "Year", "most": 9}
BORN = {"id": "began", "kind": "date", "label": "Since when"}
FORM = {str(it["id"]): QUESTION.validate_python(it) for it in (DEGREE, YEAR, BORN)}


def rule(written: Any) -> Condition:
    """A condition as the programme file has it."""
    return CONDITION.validate_python(written)


@pytest.mark.parametrize(
    ("degree", "year", "verdict"),
    [
        ("Master's", 2, Verdict.ELIGIBLE),
        ("Master's", 3, Verdict.ELIGIBLE),
        ("Master's", 1, Verdict.NEAR_MISS),
        ("PhD", 3, Verdict.ELIGIBLE),
        ("PhD", 2, Verdict.NEAR_MISS),
        ("PhD", 1, Verdict.INELIGIBLE),
        ("Diploma", 4, Verdict.INELIGIBLE),
        (None, 4, Verdict.INELIGIBLE),
        ("PhD", None, Verdict.INELIGIBLE),
    ],
)
def test_second_year_master_or_third_year_phd(
    degree: str | None, year: int | None, verdict: Verdict
) -> None:
    found = decide(rule(IMS), Facts({"degree": degree, "year": year}))
    assert found.verdict is verdict
    assert bool(found.reasons) is (verdict is not Verdict.ELIGIBLE)


def test_reason_told_is_of_the_nearest_way_in() -> None:
    found = decide(rule(IMS), Facts({"degree": "PhD", "year": 2}))
    assert found.reasons == (("eligibility.at_least", {"question": "year", "wanted": "3"}),)


def test_programmes_own_words_come_before_ours() -> None:
    written = {"answer": "year", "at_least": 2, "why": "It begins in the second year."}
    found = decide(rule(written), Facts({"year": 1}))
    assert found.reasons == (("eligibility.why", {"why": "It begins in the second year."}),)


@pytest.mark.parametrize(
    ("written", "facts", "holds"),
    [
        ({"answer": "a", "one_of": ["x", "y"]}, Facts({"a": "y"}), True),
        ({"answer": "a", "one_of": ["x", "y"]}, Facts({"a": ["z", "x"]}), True),
        ({"answer": "a", "one_of": ["x", "y"]}, Facts({"a": ["z"]}), False),
        ({"answer": "a", "one_of": ["x", "y"]}, Facts(), False),
        ({"answer": "a", "at_most": 3}, Facts({"a": 3}), True),
        ({"answer": "a", "at_most": 3}, Facts({"a": 4}), False),
        ({"answer": "a", "at_most": 3}, Facts({"a": "3"}), False),
        ({"answer": "a", "at_least": "2024-02-29"}, Facts({"a": "2024-02-29"}), True),
        ({"answer": "a", "at_least": "2024-02-29"}, Facts({"a": "2024-02-28"}), False),
        ({"answer": "a", "at_most": "2024-02-29"}, Facts({"a": "soon"}), False),
        ({"listed_in": "members"}, Facts(lists={"members"}), True),
        ({"listed_in": "members"}, Facts(lists={"others"}), False),
        ({"email_domain": ["utoronto.ca"]}, Facts(emails=["a@mail.utoronto.ca"]), True),
        ({"email_domain": ["utoronto.ca"]}, Facts(emails=["b@c.org", "a@UTORONTO.CA"]), True),
        ({"email_domain": ["utoronto.ca"]}, Facts(emails=["a@notutoronto.ca"]), False),
        ({"email_domain": ["utoronto.ca"]}, Facts(), False),
        ({"not": {"answer": "a", "is": 1}, "why": "Not one."}, Facts({"a": 1}), False),
        ({"not": {"answer": "a", "is": 1}, "why": "Not one."}, Facts({"a": 2}), True),
    ],
)
def test_each_condition_holds_for_what_it_says(written: Any, facts: Facts, holds: bool) -> None:
    assert (decide(rule(written), facts).verdict is Verdict.ELIGIBLE) is holds


def test_every_condition_is_among_those_tried_here() -> None:
    assert set(WORDS) == {
        *("all", "any", "not", "is", "one_of", "at_least", "at_most"),
        *("listed_in", "email_domain"),
    }


def test_near_miss_is_by_the_files_own_measure() -> None:
    strict = {"answer": "year", "at_least": 5, "near": 0}
    wide = {"answer": "began", "at_most": "2026-01-31", "near": 14}
    assert decide(rule(strict), Facts({"year": 4})).verdict is Verdict.INELIGIBLE
    assert decide(rule(wide), Facts({"began": "2026-02-14"})).verdict is Verdict.NEAR_MISS
    assert decide(rule(wide), Facts({"began": "2026-02-15"})).verdict is Verdict.INELIGIBLE


MEMBERS = {"listed_in": "members"}
SUPPOSED = Facts({"year": 2}, ["a@utoronto.ca"], {"members"})


@pytest.mark.parametrize(
    ("written", "verdict", "more"),
    [
        (MEMBERS, Verdict.NEAR_MISS, 0),
        ({"email_domain": ["utoronto.ca"]}, Verdict.NEAR_MISS, 0),
        ({"all": [MEMBERS, {"email_domain": ["utoronto.ca"]}]}, Verdict.NEAR_MISS, 0),
        ({"all": [MEMBERS, {"answer": "year", "at_least": 3}]}, Verdict.NEAR_MISS, 1),
        ({"not": MEMBERS, "why": "For others."}, Verdict.NEAR_MISS, 1),
    ],
)
def test_address_that_nobody_has_confirmed_decides_nothing(
    written: Any, verdict: Verdict, more: int
) -> None:
    found = decide(rule(written), Facts({"year": 2}), SUPPOSED)
    assert found.verdict is verdict
    assert found.reasons[0] == UNCONFIRMED
    assert len(found.reasons) == 1 + more


@pytest.mark.parametrize(
    ("written", "verdict"),
    [
        ({"all": [MEMBERS, {"answer": "year", "at_least": 9}]}, Verdict.INELIGIBLE),
        ({"any": [MEMBERS, {"answer": "year", "at_least": 2}]}, Verdict.ELIGIBLE),
        ({"answer": "year", "at_least": 3}, Verdict.NEAR_MISS),
    ],
)
def test_address_that_would_change_nothing_is_not_spoken_of(written: Any, verdict: Verdict) -> None:
    found = decide(rule(written), Facts({"year": 2}), SUPPOSED)
    assert found == decide(rule(written), Facts({"year": 2}))
    assert found.verdict is verdict


def test_without_a_rule_everybody_may() -> None:
    assert decide(None, Facts()).verdict is Verdict.ELIGIBLE


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ({}, "exactly one of these words: all, any, not, is, one_of"),
        ({"answer": "a"}, "exactly one of these words"),
        ({"answer": "a", "is": "x", "one_of": ["y"]}, "exactly one of these words"),
        ({"answer": "a", "is": True}, "valid string"),
        ({"answer": "a", "at_least": "soon"}, "date"),
        ({"not": {"answer": "a", "is": "x"}}, "why"),
        ({"all": []}, "at least 1"),
        ({"email_domain": ["@utoronto"]}, "pattern"),
        ({"answer": "a", "is": "x", "wy": "typo"}, "wy"),
        ("all", "exactly one of these words"),
    ],
)
def test_condition_that_makes_no_sense_is_named(written: Any, named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        rule(written)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        (IMS, []),
        ({"answer": "degre", "is": "PhD"}, ["the form has no question 'degre'"]),
        ({"answer": "degree", "is": "Phd"}, ["degree has no option 'Phd'"]),
        (
            {"answer": "degree", "at_least": 2},
            ["at_least needs a question of the kind number, and degree is none"],
        ),
        (
            {"answer": "year", "at_most": "2026-01-31"},
            ["at_most needs a question of the kind date, and year is none"],
        ),
        ({"not": {"answer": "x", "is": 1}, "why": "No."}, ["the form has no question 'x'"]),
    ],
)
def test_condition_that_can_never_be_decided_is_found(written: Any, fault: list[str]) -> None:
    assert faults(rule(written), FORM) == fault


leaves = st.builds(
    lambda name, value: {"answer": name, "is": value},
    st.sampled_from("abc"),
    st.integers(0, 1),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda it: {"all": it}),
        st.lists(inner, min_size=1, max_size=3).map(lambda it: {"any": it}),
        inner.map(lambda it: {"not": it, "why": "Not so."}),
    ),
    max_leaves=8,
)
people = st.fixed_dictionaries({name: st.integers(0, 1) for name in "abc"})


def truth(written: Any, answers: dict[str, int]) -> bool:
    """What a condition means, said once more."""
    if "all" in written:
        return all(truth(it, answers) for it in written["all"])
    if "any" in written:
        return any(truth(it, answers) for it in written["any"])
    if "not" in written:
        return not truth(written["not"], answers)
    return bool(answers[written["answer"]] == written["is"])


@given(conditions, people)
def test_decision_is_what_logic_says(written: Any, answers: dict[str, int]) -> None:
    found = decide(rule(written), Facts(answers))
    assert (found.verdict is Verdict.ELIGIBLE) is truth(written, answers)
    assert bool(found.reasons) is not truth(written, answers)


@given(conditions)
def test_condition_is_stored_and_read_again(written: Any) -> None:
    first = rule(written)
    assert CONDITION.validate_json(CONDITION.dump_json(first)) == first
