"""What a step of a pairing's plan brings, from plain data."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Role
from mentorbot.domain.programme import Rhythm
from mentorbot.domain.steps import Brought, Reader, Schedule, bring
from mentorbot.domain.tips import Tip, tip_for
from mentorbot.domain.touchpoints import Kind, plan
from mentorbot.programmes import preset

FILE = preset("img")
STARTS_ON, ENDS_ON = date(2026, 11, 23), date(2026, 12, 21)
POINTS = plan(FILE.touchpoints, STARTS_ON, ENDS_ON)
AMARA = Reader("amara", "U0AMARA", is_active=True, time_zone="Europe/London")
ZOE = Reader("zoe", "U0ZOE", is_active=True, time_zone="Africa/Lagos")

LINA, OMAR = (
    ZOE._replace(participant_id=name, slack_user_id=f"U0{name.upper()}")
    for name in ("lina", "omar")
)


def step_of(kind: Kind) -> int:
    return next(number for number, point in enumerate(POINTS) if point.kind is kind)


def brought_at(kind: Kind, *readers: Reader, days_late: float = 0) -> Brought:
    """What a pairing's first step of a kind brings, on its day or later."""
    step = step_of(kind)
    on = datetime.combine(POINTS[step].on, FILE.touchpoints.at, UTC)
    pairing = Schedule("p", "img", 1, STARTS_ON, ENDS_ON, step, on - timedelta(hours=1), readers)
    return bring(FILE, POINTS, pairing, on + timedelta(days=days_late))


def said(brought: Brought) -> list[tuple[MessageKind, list[str]]]:
    return [(one.kind, one.recipients) for one in brought.said]


def away(reader: Reader) -> Reader:
    return Reader(reader.participant_id, reader.slack_user_id, False, reader.time_zone)


def silent(reader: Reader) -> Reader:
    return Reader(reader.participant_id, reader.slack_user_id, True, reader.time_zone, unanswered=2)


def test_check_in_asks_each_at_their_own_hour() -> None:
    brought = brought_at(Kind.CHECK_IN, AMARA, ZOE)
    assert said(brought) == [(MessageKind.CHECK_IN, ["U0AMARA"]), (MessageKind.CHECK_IN, ["U0ZOE"])]
    hours = [one.not_before_at.hour for one in brought.said]
    assert hours == [10, 9]
    assert [(one.participant_id, one.asked_at.hour) for one in brought.asked] == [
        ("amara", 10),
        ("zoe", 9),
    ]


def test_step_leads_to_the_next_one_at_the_first_readers_hour() -> None:
    brought = brought_at(Kind.STARTER, AMARA, ZOE)
    assert brought.next_step == step_of(Kind.STARTER) + 1
    following = datetime.combine(POINTS[brought.next_step].on, FILE.touchpoints.at, UTC)
    assert brought.next_due_at == following - timedelta(hours=1)


def test_starter_goes_to_all_at_once_when_it_is_the_hour_for_each() -> None:
    (starter,) = brought_at(Kind.STARTER, AMARA, ZOE).said
    assert starter.recipients == ["U0AMARA", "U0ZOE"]
    assert starter.not_before_at.hour == 10


def test_nobody_is_asked_while_one_is_away() -> None:
    brought = brought_at(Kind.CHECK_IN, AMARA, away(ZOE))
    assert (brought.said, brought.asked) == ([], [])
    assert brought.next_step == step_of(Kind.CHECK_IN) + 1


def test_closing_asks_those_who_are_there() -> None:
    brought = brought_at(Kind.CLOSING, AMARA, away(ZOE))
    assert said(brought) == [(MessageKind.CLOSING, ["U0AMARA"])]


def test_reminder_goes_to_those_who_owe_something() -> None:
    done = Reader(
        "amara", "U0AMARA", is_active=True, time_zone="UTC", owes_feedback=False, has_chosen=True
    )
    assert said(brought_at(Kind.REMINDER, done, ZOE)) == [(MessageKind.REMINDER, ["U0ZOE"])]


def test_silence_of_one_is_told_to_the_partner() -> None:
    brought = brought_at(Kind.CHECK_IN, AMARA, silent(ZOE))
    assert said(brought)[0] == (MessageKind.QUIET_PARTNER, ["U0AMARA"])
    assert [silence.who for silence in brought.silences] == [["U0ZOE"]]


def test_silence_of_both_is_told_to_both() -> None:
    brought = brought_at(Kind.CHECK_IN, silent(AMARA), silent(ZOE))
    assert said(brought)[0] == (MessageKind.QUIET_PAIR, ["U0AMARA", "U0ZOE"])


def test_silence_of_a_mentee_is_not_told_to_the_others_of_a_group() -> None:
    brought = brought_at(Kind.CHECK_IN, AMARA, silent(ZOE), LINA, silent(OMAR))
    of_silence = [it for it in brought.said if it.kind is MessageKind.QUIET_PARTNER]
    assert [(it.recipients, it.params["silent"]) for it in of_silence] == [
        (["U0AMARA"], ["U0ZOE"]),
        (["U0AMARA"], ["U0OMAR"]),
    ]
    assert len({it.subject for it in (*of_silence, *brought.silences)}) == 2
    assert [silence.who for silence in brought.silences] == [["U0ZOE"], ["U0OMAR"]]


def test_silence_of_a_groups_mentor_is_told_to_the_mentees_who_are_there() -> None:
    brought = brought_at(Kind.CHECK_IN, silent(AMARA), ZOE, silent(LINA), away(OMAR))
    of_silence = [it for it in brought.said if it.kind is MessageKind.QUIET_PARTNER]
    assert [(it.recipients, it.params["silent"]) for it in of_silence] == [(["U0ZOE"], ["U0AMARA"])]
    assert [silence.who for silence in brought.silences] == [["U0AMARA"], ["U0LINA"]]


def test_pairing_that_is_late_takes_every_step_that_is_due() -> None:
    brought = brought_at(Kind.CHECK_IN, AMARA, ZOE, days_late=60)
    assert brought.next_due_at is None
    assert brought.next_step == len(POINTS)
    kinds = {one.kind for one in brought.said}
    assert {MessageKind.CHECK_IN, MessageKind.CLOSING, MessageKind.REMINDER} <= kinds


def test_pairing_due_past_its_plan_is_refused() -> None:
    spoilt = Schedule(
        "p", "img", 1, STARTS_ON, ENDS_ON, 99, datetime(2026, 11, 23, tzinfo=UTC), [AMARA]
    )
    with pytest.raises(IndexError):
        bring(FILE, POINTS, spoilt, datetime(2026, 11, 24, tzinfo=UTC))


def test_tips_are_for_a_role_and_for_the_stage_of_the_pairs_mentee() -> None:
    both, mentors = Tip(text="For all."), Tip(text="For mentors.", roles=(Role.MENTOR,))
    later = Tip(text="For the second year.", stages=("two",))
    tips = (mentors, both, later)
    assert [tip_for(tips, Role.MENTOR, None, number) for number in (1, 2, 3)] == [
        mentors,
        both,
        mentors,
    ]
    assert [tip_for(tips, Role.MENTEE, "two", number) for number in (1, 2, 3)] == [
        both,
        later,
        both,
    ]
    assert tip_for((mentors,), Role.MENTEE, None, 1) is None


def test_each_of_a_group_gets_the_tip_of_their_own_stage() -> None:
    tips = tuple(Tip(text=f"In year {it}.", stages=(it,)) for it in ("one", "two"))
    rhythm = Rhythm(first_day=6, every_days=7)
    touchpoints = FILE.touchpoints.model_copy(update={"tip": rhythm})
    file = FILE.model_copy(update={"tips": tips, "touchpoints": touchpoints})
    points = plan(touchpoints, STARTS_ON, ENDS_ON)
    step = next(number for number, point in enumerate(points) if point.kind is Kind.TIP)
    at = datetime.combine(points[step].on, touchpoints.at, UTC)
    zoe, lina = ZOE._replace(stage="one"), LINA._replace(stage="two")
    group = Schedule("p", "img", 1, STARTS_ON, ENDS_ON, step, at, [AMARA, zoe, lina])
    given = {it.recipients[0]: it.params["tip"] for it in bring(file, points, group, at).said}
    assert given == {"U0AMARA": tips[0].key, "U0ZOE": tips[0].key, "U0LINA": tips[1].key}
