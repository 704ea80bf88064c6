"""Queries about cycles, pairings, and what people said in them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from mentorbot.domain.model import (
    CheckIn,
    Choice,
    ClosingStage,
    Cycle,
    EndReason,
    Feedback,
    Membership,
    NextCycle,
    Pairing,
    Participant,
    Role,
)
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction, among

_p = tables.pairings.c
_m = tables.memberships.c
_c = tables.cycles.c


def open_cycle(tx: Transaction, programme_id: str) -> Cycle | None:
    """The cycle that runs now."""
    return tx.session.scalars(
        select(Cycle)
        .where(
            _c.workspace_id == tx.workspace_id,
            _c.programme_id == programme_id,
            _c.closed_at.is_(None),
        )
        .order_by(_c.number)
    ).first()


def last_cycle_number(tx: Transaction, programme_id: str) -> int:
    """The number of the newest cycle; 0 before the first."""
    newest = tx.session.scalar(
        select(func.max(_c.number)).where(
            _c.workspace_id == tx.workspace_id, _c.programme_id == programme_id
        )
    )
    return newest or 0


def newest_cycle(tx: Transaction, programme_id: str) -> Cycle | None:
    """The newest cycle, over or not."""
    mine = (_c.workspace_id == tx.workspace_id, _c.programme_id == programme_id)
    query = select(Cycle).where(*mine).order_by(_c.number.desc()).limit(1)
    return tx.session.scalars(query).first()


def pairing(tx: Transaction, pairing_id: str) -> Pairing | None:
    """A pairing by id."""
    return tx.get(Pairing, pairing_id)


def conversation(tx: Transaction, pairing_id: str) -> str | None:
    """The conversation that a pairing talks in, whatever else is in its row."""
    pairing = tables.pairings.c
    mine = (pairing.workspace_id == tx.workspace_id, pairing.pairing_id == pairing_id)
    return tx.session.scalar(select(pairing.channel_id).where(*mine))


def talks_in(tx: Transaction, pairing_id: str, channel_id: str) -> None:
    """Note the conversation that a pairing talks in, without reading the row."""
    pairing = tables.pairings.c
    mine = (pairing.workspace_id == tx.workspace_id, pairing.pairing_id == pairing_id)
    tx.session.execute(update(tables.pairings).where(*mine).values(channel_id=channel_id))


def members(tx: Transaction, pairing_id: str) -> list[Participant]:
    """Those in a pairing, mentor first."""
    table = tables.participants.c
    return list(
        tx.session.scalars(
            select(Participant)
            .join(
                tables.memberships,
                (_m.workspace_id == table.workspace_id)
                & (_m.participant_id == table.participant_id),
            )
            .where(_m.workspace_id == tx.workspace_id, _m.pairing_id == pairing_id)
            .order_by(_m.role.desc(), table.participant_id)
        )
    )


def move_out(tx: Transaction, pairing_id: str, participant_id: str, apart_id: str) -> None:
    """Move a mentee's place in a group, and what they said in it, to another pairing."""
    found = tx.get(Membership, pairing_id, participant_id)
    if found is None:
        return
    tx.add(Membership(tx.workspace_id, apart_id, participant_id, found.role))
    tx.session.flush()
    for table, who in (
        (tables.check_ins, "participant_id"),
        (tables.feedbacks, "from_participant_id"),
    ):
        mine = (
            table.c.workspace_id == tx.workspace_id,
            table.c.pairing_id == pairing_id,
            table.c[who] == participant_id,
        )
        tx.session.execute(update(table).where(*mine).values(pairing_id=apart_id))
    tx.session.delete(found)
    tx.session.flush()


def role_in(tx: Transaction, pairing_id: str, participant_id: str) -> Role | None:
    """The role somebody has in a pairing, None for outsiders."""
    membership = tx.get(Membership, pairing_id, participant_id)
    return membership.role if membership else None


def of_participant(
    tx: Transaction, participant_id: str, *, active_only: bool = True
) -> list[Pairing]:
    """A participant's pairings, oldest first."""
    query = (
        select(Pairing)
        .join(
            tables.memberships,
            (_m.workspace_id == _p.workspace_id) & (_m.pairing_id == _p.pairing_id),
        )
        .where(_m.workspace_id == tx.workspace_id, _m.participant_id == participant_id)
        .order_by(_p.introduced_at, _p.pairing_id)
    )
    return list(tx.session.scalars(query.where(_p.ended_at.is_(None)) if active_only else query))


def partners_in_cycle(
    tx: Transaction, programme_id: str, cycle_number: int, participant_id: str
) -> list[str]:
    """The Slack user ids of the mentors, or mentees, that somebody has in a cycle, in order."""
    mine = tables.memberships.alias("mine")
    theirs = tables.memberships.alias("theirs")
    person = tables.participants.c
    query = (
        select(person.slack_user_id)
        .join(
            theirs,
            (theirs.c.workspace_id == person.workspace_id)
            & (theirs.c.participant_id == person.participant_id),
        )
        .join(
            mine,
            (mine.c.workspace_id == theirs.c.workspace_id)
            & (mine.c.pairing_id == theirs.c.pairing_id),
        )
        .join(
            tables.pairings,
            (_p.workspace_id == mine.c.workspace_id) & (_p.pairing_id == mine.c.pairing_id),
        )
        .where(
            mine.c.workspace_id == tx.workspace_id,
            mine.c.participant_id == participant_id,
            theirs.c.role != mine.c.role,
            _p.programme_id == programme_id,
            _p.cycle_number == cycle_number,
            _p.ended_at.is_(None),
        )
        .order_by(_p.introduced_at, _p.pairing_id, theirs.c.participant_id)
    )
    return list(tx.session.scalars(query))


def is_closing(tx: Transaction, programme_id: str, now: datetime) -> bool:
    """Whether a cycle of the programme is being closed, and not everyone is matched yet."""
    under_way = select(_c.number).where(
        _c.workspace_id == tx.workspace_id,
        _c.programme_id == programme_id,
        _c.closing_stage.is_not(None),
        _c.closing_stage != ClosingStage.TELLING,
        _c.ends_at <= now,
    )
    return tx.session.scalar(under_way.limit(1)) is not None


def is_another_ending(tx: Transaction, cycle: Cycle) -> bool:
    """Whether another cycle of the programme is due by now whose people are not sent on yet."""
    others = select(_c.number).where(
        _c.workspace_id == tx.workspace_id,
        _c.programme_id == cycle.programme_id,
        _c.number != cycle.number,
        _c.ends_at <= (cycle.closed_at or cycle.ends_at),
    )
    sending_on = _c.closing_stage.in_((ClosingStage.ENDING, ClosingStage.SENDING_ON))
    waits = others.where(_c.closed_at.is_(None))
    goes_on = others.where(_c.closing_stage.is_not(None), sending_on)
    return any(tx.session.scalar(it.limit(1)) is not None for it in (waits, goes_on))


def closed_with(tx: Transaction, cycle: Cycle, after: str | None, most: int) -> list[Participant]:
    """Those whose pairing ended with a cycle, by id, from after an id on."""
    person = tables.participants.c
    whose = (
        select(_m.participant_id)
        .join(
            tables.pairings, (_m.workspace_id == _p.workspace_id) & (_m.pairing_id == _p.pairing_id)
        )
        .where(
            _p.workspace_id == tx.workspace_id,
            _p.programme_id == cycle.programme_id,
            _p.cycle_number == cycle.number,
            _p.end_reason == EndReason.CLOSED,
            _m.participant_id > (after or ""),
        )
        .distinct()
        .order_by(_m.participant_id)
        .limit(most)
    )
    ids = list(tx.session.scalars(whose))
    query = select(Participant).where(
        person.workspace_id == tx.workspace_id, person.participant_id.in_(ids)
    )
    return list(tx.session.scalars(query.order_by(person.participant_id)))


def in_cycle(
    tx: Transaction,
    programme_id: str,
    cycle_number: int,
    *,
    active_only: bool = False,
    most: int | None = None,
) -> list[Pairing]:
    """The pairings of a cycle, oldest first."""
    query = (
        select(Pairing)
        .where(
            _p.workspace_id == tx.workspace_id,
            _p.programme_id == programme_id,
            _p.cycle_number == cycle_number,
        )
        .order_by(_p.introduced_at, _p.pairing_id)
        .limit(most)
    )
    return list(tx.session.scalars(query.where(_p.ended_at.is_(None)) if active_only else query))


def partners_now(tx: Transaction, participant_ids: Sequence[str]) -> dict[str, int]:
    """How many active pairings each of these participants has; those with none are left out."""
    rows = tx.session.execute(
        select(_m.participant_id, func.count())
        .join(
            tables.pairings, (_m.workspace_id == _p.workspace_id) & (_m.pairing_id == _p.pairing_id)
        )
        .where(
            _m.workspace_id == tx.workspace_id,
            _m.participant_id.in_(participant_ids),
            _p.ended_at.is_(None),
        )
        .group_by(_m.participant_id)
    )
    return {row[0]: row[1] for row in rows}


def last_ended(tx: Transaction, participant_ids: Sequence[str]) -> dict[str, datetime]:
    """When the last pairing of each of some participants ended; those without one are left out."""
    query = (
        select(_m.participant_id, func.max(_p.ended_at))
        .join(
            tables.pairings, (_m.workspace_id == _p.workspace_id) & (_m.pairing_id == _p.pairing_id)
        )
        .where(
            _m.workspace_id == tx.workspace_id,
            among(tx, _m.participant_id, participant_ids),
            _p.ended_at.is_not(None),
        )
        .group_by(_m.participant_id)
    )
    return {row[0]: row[1] for row in tx.session.execute(query)}


def seats_ever(tx: Transaction, participant_ids: Sequence[str]) -> int:
    """How many seats these participants have or had in pairings, all together."""
    query = select(func.count()).where(
        _m.workspace_id == tx.workspace_id, _m.participant_id.in_(participant_ids)
    )
    return tx.session.scalar(query) or 0


def introduced_since(tx: Transaction, programme_id: str, since: datetime) -> list[Pairing]:
    """The pairings of a programme that run, and were made at an instant or after it."""
    pairing = tables.pairings.c
    query = select(Pairing).where(
        pairing.workspace_id == tx.workspace_id,
        pairing.programme_id == programme_id,
        pairing.ended_at.is_(None),
        pairing.introduced_at >= since,
    )
    return list(tx.session.scalars(query.order_by(pairing.introduced_at, pairing.pairing_id)))


def past_pairs(tx: Transaction, participant_ids: Sequence[str]) -> set[tuple[str, str]]:
    """Every (mentor, mentee) of these participants who have been, or are, in a pairing.

    Both ways round: two who have swapped roles know each other too.
    """
    mentor = tables.memberships.alias("mentor")
    mentee = tables.memberships.alias("mentee")
    rows = tx.session.execute(
        select(mentor.c.participant_id, mentee.c.participant_id)
        .join(
            mentee,
            (mentor.c.workspace_id == mentee.c.workspace_id)
            & (mentor.c.pairing_id == mentee.c.pairing_id),
        )
        .where(
            mentor.c.workspace_id == tx.workspace_id,
            mentor.c.role == Role.MENTOR,
            mentee.c.role == Role.MENTEE,
            mentee.c.participant_id.in_(participant_ids),
        )
    )
    return {pair for one, other in rows for pair in ((one, other), (other, one))}


def check_in(
    tx: Transaction, pairing_id: str, participant_id: str, occurrence: int
) -> CheckIn | None:
    """One question of a check-in."""
    return tx.get(CheckIn, pairing_id, participant_id, occurrence)


def check_ins(tx: Transaction, pairing_id: str, participant_id: str) -> list[CheckIn]:
    """Every check-in a person was asked in a pairing, in order."""
    table = tables.check_ins.c
    return list(
        tx.session.scalars(
            select(CheckIn)
            .where(
                table.workspace_id == tx.workspace_id,
                table.pairing_id == pairing_id,
                table.participant_id == participant_id,
            )
            .order_by(table.occurrence)
        )
    )


def asked_before(tx: Transaction, participant_id: str, cycle_number: int) -> int:
    """How many times somebody was asked to check in, in the cycles before one."""
    asked = tables.check_ins.c
    times = (
        select(_p.cycle_number, asked.occurrence)
        .select_from(tables.memberships)
        .join(
            tables.pairings, (_m.workspace_id == _p.workspace_id) & (_m.pairing_id == _p.pairing_id)
        )
        .join(
            tables.check_ins,
            (asked.workspace_id == _m.workspace_id)
            & (asked.pairing_id == _m.pairing_id)
            & (asked.participant_id == _m.participant_id),
        )
        .where(
            _m.workspace_id == tx.workspace_id,
            _m.participant_id == participant_id,
            _p.cycle_number < cycle_number,
        )
        .distinct()
    )
    return tx.session.scalar(select(func.count()).select_from(times.subquery())) or 0


def feedback(tx: Transaction, pairing_id: str, from_participant_id: str) -> Feedback | None:
    """The feedback a mentee gave in a pairing."""
    return tx.get(Feedback, pairing_id, from_participant_id)


def choice(
    tx: Transaction, programme_id: str, cycle_number: int, participant_id: str
) -> Choice | None:
    """What somebody wants after a cycle."""
    return tx.get(Choice, programme_id, cycle_number, participant_id)


def wishes_to_rest(tx: Transaction, participant_id: str) -> list[Choice]:
    """What a participant has chosen to rest after, of the cycles that still run."""
    chosen = tables.choices.c
    return list(
        tx.session.scalars(
            select(Choice)
            .join(
                tables.pairings,
                (_p.workspace_id == chosen.workspace_id)
                & (_p.programme_id == chosen.programme_id)
                & (_p.cycle_number == chosen.cycle_number),
            )
            .join(
                tables.memberships,
                (_m.workspace_id == _p.workspace_id)
                & (_m.pairing_id == _p.pairing_id)
                & (_m.participant_id == chosen.participant_id),
            )
            .join(
                tables.cycles,
                (_c.workspace_id == chosen.workspace_id)
                & (_c.programme_id == chosen.programme_id)
                & (_c.number == chosen.cycle_number),
            )
            .where(
                _m.workspace_id == tx.workspace_id,
                _m.participant_id == participant_id,
                chosen.wish == NextCycle.OPT_OUT,
                _c.closed_at.is_(None),
            )
        ).unique()
    )
