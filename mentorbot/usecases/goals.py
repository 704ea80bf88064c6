"""Goals and actions: a mentee writes them down, and shares each with their mentors or not."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from mentorbot.domain.errors import InvalidAnswers, NoGoals, Stale, TooManyGoals
from mentorbot.domain.goals import MOST_CHARACTERS, MOST_OPEN, Goal, GoalKind, GoalRules
from mentorbot.domain.model import AuditEntry, Participant, Role
from mentorbot.domain.programme import parse_stored
from mentorbot.storage import goals, pairings, participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases.enrolment import enrolled_or_refuse, programme_or_refuse


class Written(NamedTuple):
    """A goal or an action, opened."""

    goal: Goal
    text: str


def rules_or_refuse(tx: Transaction, programme_id: str) -> GoalRules:
    """What a programme says of goals; raises NoGoals where it has none written down."""
    rules = parse_stored(programme_or_refuse(tx, programme_id).definition).goals
    if rules is None:
        raise NoGoals
    return rules


def own(tx: Transaction, programme_id: str, slack_user_id: str) -> list[Written]:
    """What a mentee has written down, open and done; raises SecretKeyMissing."""
    found = participants.of_person(tx, programme_id, slack_user_id)
    return _opened(tx, goals.of_participants(tx, [found.participant_id])) if found else []


def open_actions(tx: Transaction, participant: Participant) -> list[str]:
    """The words of a mentee's actions that are still to be done; raises SecretKeyMissing."""
    found = goals.of_participants(tx, [participant.participant_id])
    waiting = (it for it in found if it.kind is GoalKind.ACTION and it.done_at is None)
    return [it.text for it in _opened(tx, waiting)]


def open_goals(tx: Transaction, participant: Participant) -> list[str]:
    """The words of all that a mentee still wants to reach or do; raises SecretKeyMissing."""
    found = goals.of_participants(tx, [participant.participant_id])
    return [it.text for it in _opened(tx, (it for it in found if it.done_at is None))]


def shared_with(
    tx: Transaction, programme_id: str, slack_user_id: str
) -> list[tuple[str, list[Written]]]:
    """What the mentees of somebody's running pairings share, by Slack id; SecretKeyMissing."""
    mentor = participants.of_person(tx, programme_id, slack_user_id)
    running = pairings.of_participant(tx, mentor.participant_id) if mentor else []
    members = [m for pairing in running for m in pairings.members(tx, pairing.pairing_id)]
    mentees = {m.participant_id: m for m in members if m is not mentor and m.role is Role.MENTEE}
    found = goals.of_participants(tx, list(mentees))
    return [
        (
            mentee.slack_user_id,
            _opened(tx, (it for it in found if it.participant_id == name and it.is_shared)),
        )
        for name, mentee in mentees.items()
    ]


def _opened(tx: Transaction, found: Iterable[Goal]) -> list[Written]:
    return [Written(it, str(tx.vault.open(it.sealed, it.goal_id))) for it in found]


def add(
    tx: Transaction,
    programme_id: str,
    slack_user_id: str,
    kind: GoalKind,
    text: str,
    *,
    is_shared: bool,
    now: datetime,
) -> Goal:
    """Write a goal or an action down.

    Raises InvalidAnswers without words or past 300 characters, TooManyGoals, NoGoals, NotEnrolled,
    Stale for somebody who is no mentee, SecretKeyMissing.
    """
    rules_or_refuse(tx, programme_id)
    mentee = enrolled_or_refuse(tx, programme_id, slack_user_id)
    if mentee.role is not Role.MENTEE:
        raise Stale
    known = goals.of_participants(tx, [mentee.participant_id])
    if sum(it.done_at is None for it in known) >= MOST_OPEN:
        raise TooManyGoals(most=MOST_OPEN)
    goal_id = tx.new_id()
    sealed = tx.vault.seal(_checked(text), goal_id)
    entry = (tx.workspace_id, goal_id, mentee.participant_id, kind, sealed, is_shared, now)
    found = tx.add(Goal(*entry))
    _note(tx, found, slack_user_id, "goal.add", now)
    return found


def change(
    tx: Transaction,
    goal_id: str,
    slack_user_id: str,
    text: str,
    *,
    is_shared: bool,
    is_done: bool,
    now: datetime,
) -> Goal:
    """Write one's own goal or action anew. Raises as `add`, and Stale where it is gone."""
    found = own_or_refuse(tx, goal_id, slack_user_id)
    found.sealed = tx.vault.seal(_checked(text), goal_id)
    found.is_shared = is_shared
    found.done_at = (found.done_at or now) if is_done else None
    tx.session.flush()
    _note(tx, found, slack_user_id, "goal.change", now)
    return found


def take_out(tx: Transaction, goal_id: str, slack_user_id: str, now: datetime) -> None:
    """Delete one's own goal or action; raises Stale where it is gone."""
    found = own_or_refuse(tx, goal_id, slack_user_id)
    _note(tx, found, slack_user_id, "goal.take_out", now)
    goals.take_out(tx, found)


def own_or_refuse(tx: Transaction, goal_id: str, slack_user_id: str) -> Goal:
    """A goal or an action of somebody's own; raises Stale."""
    found = goals.goal(tx, goal_id)
    owner = participants.participant(tx, found.participant_id) if found else None
    if found is None or owner is None or owner.slack_user_id != slack_user_id:
        raise Stale
    return found


def text_of(tx: Transaction, found: Goal) -> str:
    """The words of a goal or an action; raises SecretKeyMissing."""
    return str(tx.vault.open(found.sealed, found.goal_id))


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise InvalidAnswers({"text": ("form.missing", {})})
    if len(text) > MOST_CHARACTERS:
        too_long = {"found": len(text), "most": MOST_CHARACTERS}
        raise InvalidAnswers({"text": ("form.too_long", too_long)})
    return text


def _note(tx: Transaction, found: Goal, actor: str, action: str, now: datetime) -> None:
    details = {
        "kind": str(found.kind),
        "shared": found.is_shared,
        "done": found.done_at is not None,
    }
    tx.add(AuditEntry(tx.workspace_id, tx.new_id(), now, actor, action, found.goal_id, details))
