"""Every form of applying and reviewing is valid for Slack with the longest file and answers."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from mentorbot.domain.eligibility import UNCONFIRMED
from mentorbot.domain.model import Application, ApplicationState, AuditEntry, Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.sandbox.validation import validate_view
from mentorbot.slack import applications, cases, ids, meant, places
from mentorbot.usecases.reviewing import MOST_AT_ONCE, Case
from mentorbot.wording import languages, say
from tests.slack.test_longest_wording import check_cuts, longest_answers, longest_file, swelling
from tests.world import MONDAY

WHO = "U0123456789A"


def check(view: dict[str, Any]) -> None:
    """A modal is valid as it is sent, with its programme told."""
    sent = meant.stamped_view(view, "i" * 40)
    validate_view(sent, surface="modal")
    check_cuts(sent)
    assert len(sent["private_metadata"]) <= 3000


@pytest.fixture(params=languages())
def locale(request: pytest.FixtureRequest) -> str:
    """Each language there is."""
    found: str = request.param
    return found


def answered(file: ProgrammeFile, role: Role) -> dict[str, Any]:
    return file.check_answers(role, longest_answers(file, role))


@pytest.mark.parametrize("role", Role)
def test_the_longest_pages_of_an_application_are_valid(locale: str, role: Role) -> None:
    file = longest_file(locale)
    pages = applications.pages_of(file, role)
    assert len(pages) > 2
    for answers in ({}, answered(file, role)):
        for number in range(len(pages)):
            for is_changed in (False, True):
                check(
                    applications.page_view(
                        file, role, answers, number, locale, is_changed=is_changed
                    )
                )
    check(applications.check_view(file, role, answered(file, role), locale, is_changed=True))


def application(state: ApplicationState = ApplicationState.IN_REVIEW, **more: Any) -> Application:
    """An application with the longest of everything."""
    why = [["eligibility.why", {"why": swelling(150, f"{number} ")}] for number in range(50)]
    given: dict[str, Any] = {
        "slack_user_id": WHO,
        "name": swelling(255),
        "reasons": why,
        "question": swelling(1500),
        "reply": swelling(1500),
        "assigned_to": WHO,
        "submitted_at": MONDAY,
        "version": 10**6,
        "unconfirmed_email": "x" * 242 + "@example.org",
    }
    return Application(
        "T0", "a" * 40, "img", 1, Role.MENTOR, "slack", state, MONDAY, **given | more
    )


@pytest.mark.parametrize("facts", [[], [f"f{n}" for n in range(10)]])
@pytest.mark.parametrize("state", [ApplicationState.IN_REVIEW, ApplicationState.SELECTED])
def test_the_longest_application_before_a_reviewer_is_valid(
    locale: str, state: ApplicationState, facts: list[str]
) -> None:
    file = longest_file(locale)
    found = application(state, facts=facts, answers=answered(file, Role.MENTOR))
    history = tuple(
        AuditEntry("T0", f"e{n}", MONDAY + timedelta(hours=n), WHO, action, "a")
        for n, action in enumerate([*cases.DID, "application.strange"] * 9)
    )
    crowd = (found, application(slack_user_id=None)) * 50
    case = Case(found, file, history, left=5000, clear=MOST_AT_ONCE, same_address=crowd)
    check(cases.case_view(case, locale, swelling(500), way=cases.Way.ASKED))


def test_the_longest_refusal_leaves_room_for_what_helps(locale: str) -> None:
    file, found = longest_file(locale), application(ApplicationState.DECLINED)
    found.reasons.append(list(UNCONFIRMED))
    said = places.refusal(found, file, partial(say, locale=locale), locale)
    assert len(said) <= places.LONGEST_REFUSAL
    assert said.endswith(f"|{file.contacts[0].email}>.")


def test_the_longest_forms_of_a_reviewer_are_valid(locale: str) -> None:
    found = application(slack_user_id=None)
    for callback_id, field in (
        (ids.REVIEW_DECLINE_FORM, "reason"),
        (ids.REVIEW_ASK_FORM, "question"),
    ):
        check(cases.words_view(found, callback_id, field, swelling(60), "x" * 60, locale))
    check(cases.clear_view([found] * MOST_AT_ONCE, locale))
    for left in (0, 5000):
        check(cases.end_view(locale, left))
