"""A ballot in a programme's file: what it takes, refuses, warns of and says."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mentorbot.domain.ballots import Ballot
from mentorbot.domain.changes import Running, changes
from mentorbot.domain.errors import BallotUnderWay, InvalidProgramme
from mentorbot.domain.programme import ProgrammeFile, read_programme
from mentorbot.domain.prudence import warnings
from mentorbot.programmes import preset
from mentorbot.slack.described import programme_in_words
from tests.world import words

BEFORE_ALL = date(2026, 11, 1)
OPENED_AT = datetime(2027, 1, 4, 17, tzinfo=UTC)
BALLOT: dict[str, Any] = {"choices": 3, "hours": 48, "reminder_hours": 12}


def file_with(mode: str = "ranked", ballot: dict[str, Any] | None = None, **more: Any) -> Any:
    """The IMG file in which people choose by a ballot, as data."""
    given = {} if ballot is None else {"ballot": BALLOT | ballot}
    criteria = [{"question": "specialty", "weight": 1}]
    matching = {"mode": mode, "criteria": criteria, **given, **more}
    return preset("img").model_dump(mode="json") | {"matching": matching}


def read(mode: str = "ranked", ballot: dict[str, Any] | None = None, **more: Any) -> ProgrammeFile:
    """The IMG file in which people choose by a ballot."""
    return ProgrammeFile.model_validate(file_with(mode, ballot or {}, **more))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (file_with("ranked"), "mode: ranked needs a ballot"),
        (file_with("two_sided"), "mode: two_sided needs a ballot"),
        (file_with("instant", {}), "a ballot belongs to mode: ranked"),
        (file_with("two_sided", {"order": "generous"}), "order belongs to mode: ranked"),
        (file_with(ballot={"opens_at": "17:00"}), "opens_at needs opens_on"),
        (
            file_with(ballot={"opens_on": "2027-01-04", "opens_at": "17:00Z"}),
            "opens_at is in the programme's zone",
        ),
        (file_with(ballot={"shown": ["salary"]}), "the form has no question 'salary'"),
        (file_with(ballot={"shown": ["hopes"]}), "hopes is not asked of those who are chosen from"),
        (file_with(ballot={"shown": ["place", "place"]}), "place is shown twice"),
        (file_with(ballot={"choices": 0}), "greater than or equal to 1"),
    ],
)
def test_ballot_that_means_nothing_is_refused(data: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ProgrammeFile.model_validate(data)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"id": "mail", "kind": "email", "label": "Your address"}, "never read it"),
        ({"id": "mail", "kind": "attestation", "label": "I will"}, "there is nothing to read"),
        (
            {
                "id": "mail",
                "kind": "consent",
                "label": "I am",
                "sensitive": True,
                "required": False,
                "purpose": "The draw.",
                "keep_for": "selection",
            },
            "voters never read the answers",
        ),
    ],
)
def test_no_ballot_shows_addresses_or_sensitive_answers(
    question: dict[str, Any], said: str
) -> None:
    data = file_with(ballot={"shown": ["mail"]}) | {"application": {"through": ["slack"]}}
    data["form"] = [*data["form"], question]
    with pytest.raises(ValueError, match=said):
        ProgrammeFile.model_validate(data)


@pytest.mark.parametrize(
    ("ballot", "more", "key"),
    [
        ({"hours": 12}, {}, "ballot_no_reminder"),
        ({"order": "rank_maximal"}, {}, "ballot_strands"),
        ({"opens_on": "2027-01-04"}, {"on": "2027-01-05"}, "ballot_too_long"),
    ],
)
def test_unwise_ballot_is_warned_of(ballot: dict[str, Any], more: dict[str, Any], key: str) -> None:
    sound = {it for it, _ in warnings(read(), BEFORE_ALL)}
    assert {it for it, _ in warnings(read(ballot=ballot, **more), BEFORE_ALL)} - sound == {key}


def test_ballot_with_more_choices_than_places_for_mentors_is_warned_of() -> None:
    selection = {"mentor": {"mode": "first_come", "places": 2}}
    data = file_with(ballot={}) | {"application": {"through": ["slack"], "selection": selection}}
    found = dict(warnings(ProgrammeFile.model_validate(data), BEFORE_ALL))
    assert found["ballot_choices"] == {"choices": 3, "mentors": 2}


def test_ballot_in_the_past_is_warned_of() -> None:
    found = dict(warnings(read(ballot={"opens_on": "2026-10-01"}), BEFORE_ALL))
    assert found["ballot_missed"] == {"on": date(2026, 10, 1)}


def test_ballot_closes_after_its_hours_and_reminds_before() -> None:
    ballot = Ballot(choices=3, hours=48, reminder_hours=12)
    assert ballot.closes_at(OPENED_AT) == OPENED_AT + timedelta(hours=48)
    assert ballot.reminder_at(OPENED_AT) == OPENED_AT + timedelta(hours=36)
    assert Ballot(choices=3, hours=12).reminder_at(OPENED_AT) is None


def test_rules_of_an_open_ballot_cannot_change_and_dates_can() -> None:
    running = Running(ballot=BallotUnderWay(on="2027-01-06T17:00:00+00:00"))
    (refused,) = changes(read(), read(ballot={"choices": 2}), running)
    assert refused.refusal is running.ballot
    (taken,) = changes(read(), read(on="2027-02-01"), running)
    assert taken.refusal is None
    (later,) = changes(read(), read(ballot={"choices": 2}), Running())
    assert later.refusal is None


@pytest.mark.parametrize("mode", ["ranked", "two_sided"])
def test_ballot_is_described_in_words(mode: str) -> None:
    ballot = {"opens_on": "2027-01-04", "opens_at": "17:00", "shown": ["place", "specialty"]}
    file = read(mode, ballot, on="2027-01-11")
    told = words({"blocks": programme_in_words(file, "en")})
    for fragment in (
        "opens on 4 January 2027 at 17:00 (Europe/London), for 48 hours",
        "up to 3 choices",
        "12 hours before the end",
        "matched on 11 January 2027",
        "Coordinators see who has voted",
    ):
        assert fragment in told


def test_evergreen_programme_with_a_ballot_says_what_becomes_of_latecomers() -> None:
    data = file_with(ballot={}) | {"cycle": {"months": 3, "repeats": "evergreen"}}
    with pytest.raises(ValueError, match="write late: instant"):
        ProgrammeFile.model_validate(data)


def test_mistake_in_a_ballot_is_told_by_its_line() -> None:
    text = "matching:\n  mode: ranked\n  ballot: {choices: 3, hours: 48, secret: true}\n"
    with pytest.raises(InvalidProgramme, match="secret"):
        read_programme(text)
