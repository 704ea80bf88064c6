"""Checklists: a mentee ticks off what is done, and lets their mentors see it or not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from mentorbot.domain.checklists import Checklist, Ticked
from mentorbot.domain.errors import NoChecklist, Stale
from mentorbot.domain.model import Participant, Role
from mentorbot.domain.programme import parse_stored
from mentorbot.storage import checklists, pairings
from mentorbot.storage.store import Transaction
from mentorbot.usecases.enrolment import enrolled_or_refuse, programme_or_refuse


@dataclass(frozen=True)
class Held:
    """A checklist as a mentee has it: the ids of what is done, and whether mentors see it."""

    rules: Checklist
    done: frozenset[str]
    is_shared: bool


def own(tx: Transaction, programme_id: str, slack_user_id: str) -> list[Held]:
    """The checklists of a mentee; raises NotEnrolled, NoChecklist where there is none for them."""
    mentee = enrolled_or_refuse(tx, programme_id, slack_user_id)
    file = parse_stored(programme_or_refuse(tx, programme_id).definition)
    mine = [it for it in file.checklists if it.is_for(mentee.stage)]
    if mentee.role is not Role.MENTEE or not mine:
        raise NoChecklist
    return [_held(tx, it, mentee) for it in mine]


def _held(tx: Transaction, rules: Checklist, mentee: Participant) -> Held:
    known = checklists.ticked(tx, mentee.participant_id, rules.id)
    done = frozenset(known.done if known else ()) & {it.id for it in rules.items}
    return Held(rules, done, known.is_shared if known else False)


def tick(
    tx: Transaction,
    programme_id: str,
    slack_user_id: str,
    checklist_id: str,
    done: Collection[str],
    now: datetime,
    *,
    is_shared: bool,
) -> Held:
    """Keep what a mentee has done of a checklist; raises as `own`, Stale for another's list."""
    held = next(
        (it for it in own(tx, programme_id, slack_user_id) if it.rules.id == checklist_id), None
    )
    if held is None:
        raise Stale
    mentee = enrolled_or_refuse(tx, programme_id, slack_user_id)
    kept = checklists.ticked(tx, mentee.participant_id, checklist_id)
    if kept is None:
        entry = (tx.workspace_id, mentee.participant_id, checklist_id, now)
        kept = tx.add(Ticked(*entry))
    kept.done = [it.id for it in held.rules.items if it.id in done]
    kept.is_shared, kept.changed_at = is_shared, now
    tx.session.flush()
    return _held(tx, held.rules, mentee)


def shared_with(tx: Transaction, programme_id: str, slack_user_id: str) -> list[tuple[str, Held]]:
    """What the mentees of a mentor let them see, by Slack id; raises NotEnrolled."""
    mentor = enrolled_or_refuse(tx, programme_id, slack_user_id)
    file = parse_stored(programme_or_refuse(tx, programme_id).definition)
    running = pairings.of_participant(tx, mentor.participant_id)
    members = [m for it in running for m in pairings.members(tx, it.pairing_id) if m is not mentor]
    mentees = {m.participant_id: m for m in members if m.role is Role.MENTEE}
    by_id = {it.id: it for it in file.checklists}
    return [
        (mentees[it.participant_id].slack_user_id, _held(tx, rules, mentees[it.participant_id]))
        for it in checklists.of_participants(tx, list(mentees))
        if it.is_shared and (rules := by_id.get(it.checklist_id)) is not None
    ]
