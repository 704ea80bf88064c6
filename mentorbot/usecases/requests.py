"""Requests: a mentee asks a mentor, who accepts, declines or suggests somebody else."""

from datetime import datetime, timedelta

from mentorbot.domain.errors import (
    AlreadyAsked,
    InvalidAnswers,
    MentorNotFree,
    NoPlaceLeft,
    NoRequests,
    Refusal,
    Stale,
    TooManyPartners,
    TooManyRequests,
)
from mentorbot.domain.matching.closeness import shared_answers
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Milestone, MilestoneKind, Pairing, Participant, Role
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.requests import MOST_CHARACTERS, MentorRequest, Requests, RequestState
from mentorbot.storage import concerns, pairings, participants, partings, requests
from mentorbot.storage.store import Transaction
from mentorbot.usecases import finding
from mentorbot.usecases.enrolment import enrolled_or_refuse, programme_or_refuse
from mentorbot.usecases.finding import Wanted
from mentorbot.usecases.matching import introduce_asked, match_waiting
from mentorbot.usecases.request_ends import Asked, asked, note, settle, take_back, tell

REMINDED_BEFORE = timedelta(days=2)
"""How long before a request expires its mentor is reminded of it."""


def rules_or_refuse(file: ProgrammeFile) -> Requests:
    """What a programme allows; raises NoRequests where nobody is asked."""
    if file.matching.requests is None:
        raise NoRequests(programme=file.name)
    return file.matching.requests


def ask(
    tx: Transaction, slack_user_id: str, mentor_id: str, words: str, now: datetime
) -> MentorRequest:
    """Ask a mentor of the directory; a place of theirs is held until they answer or time is up.

    Raises NoRequests, NotEnrolled, Stale for somebody who is no mentee, AlreadyAsked, MentorNotFree
    for one who is gone or has no place, TooManyRequests, TooManyPartners, InvalidAnswers.
    """
    file = parse_stored(programme_or_refuse(tx).definition)
    rules, mentee = rules_or_refuse(file), _mentee_or_refuse(tx, file, slack_user_id)
    words = words.strip()
    if len(words) > MOST_CHARACTERS:
        too_long = {"found": len(words), "most": MOST_CHARACTERS}
        raise InvalidAnswers({"note": ("form.too_long", too_long)})
    mentor = check_asking(tx, file, mentee, mentor_id, now)
    entry = (tx.workspace_id, tx.new_id(), file.id, mentee.participant_id, mentor.participant_id)
    expires_at = now + timedelta(days=rules.answer_within_days)
    found = tx.add(MentorRequest(*entry, words, now, expires_at))
    note(tx, found, slack_user_id, "request.ask", now)
    tell(tx, MessageKind.REQUEST_MADE, found, mentor, now)
    _remind_later(tx, found, mentor, now)
    tell(tx, MessageKind.REQUEST_EXPIRED, found, mentee, now, expires_at)
    kind = MilestoneKind.REQUEST_OVER
    tx.add(
        Milestone(tx.workspace_id, f"{found.request_id}:{kind}", file.id, kind, None, expires_at)
    )
    return found


def could_ask(
    tx: Transaction, file: ProgrammeFile, mentee: Participant, mentor_id: str, now: datetime
) -> bool:
    """Whether somebody may ask a mentor now, so that it is worth offering."""
    try:
        check_asking(tx, file, mentee, mentor_id, now)
    except Refusal:
        return False
    return _takes_part(mentee, Role.MENTEE)


def with_or_asked(tx: Transaction, mentee: Participant, now: datetime) -> set[str]:
    """The mentors of somebody, and those whom they have asked and who are still to answer."""
    mine = requests.of_mentee(tx, mentee.participant_id)
    return _partners(tx, mentee) | {it.mentor_id for it in mine if it.is_open(now)}


def _mentee_or_refuse(tx: Transaction, file: ProgrammeFile, slack_user_id: str) -> Participant:
    mentee = enrolled_or_refuse(tx, file.id, slack_user_id)
    if mentee.role is not Role.MENTEE or not mentee.is_active:
        raise Stale
    return mentee


def check_asking(
    tx: Transaction, file: ProgrammeFile, mentee: Participant, mentor_id: str, now: datetime
) -> Participant:
    """The mentor whom somebody may ask now; raises as `ask`."""
    rules = rules_or_refuse(file)
    mentor = participants.participant(tx, mentor_id)
    if mentor is None or mentor.programme_id != file.id or not _takes_part(mentor, Role.MENTOR):
        raise MentorNotFree
    mine = requests.of_mentee(tx, mentee.participant_id)
    waiting = [it for it in mine if it.is_open(now)]
    if mentor_id in {it.mentor_id for it in waiting} or mentor_id in _partners(tx, mentee):
        raise AlreadyAsked
    if len(waiting) >= rules.open_at_once:
        raise TooManyRequests(most=rules.open_at_once)
    _check_partners(tx, rules, mentee, len(waiting))
    if _are_apart(tx, mentee, mentor) or not _has_place(tx, mentor, now):
        raise MentorNotFree
    return mentor


def _are_apart(tx: Transaction, mentee: Participant, mentor: Participant) -> bool:
    return mentor.slack_user_id in partings.apart_from(tx, mentee.slack_user_id)


def _takes_part(one: Participant, role: Role) -> bool:
    return one.role is role and one.is_active


def _partners(tx: Transaction, mentee: Participant) -> set[str]:
    running = pairings.of_participant(tx, mentee.participant_id)
    members = (m for it in running for m in pairings.members(tx, it.pairing_id))
    return {it.participant_id for it in members} - {mentee.participant_id}


def _check_partners(
    tx: Transaction, rules: Requests, mentee: Participant, waiting: int = 0
) -> None:
    mine = mentee.participant_id
    if pairings.partners_now(tx, [mine]).get(mine, 0) + waiting >= rules.partners_at_once:
        raise TooManyPartners(most=rules.partners_at_once)


def _has_place(tx: Transaction, mentor: Participant, now: datetime) -> bool:
    """Whether a mentor has a place that no partner and no other open request holds."""
    theirs = mentor.participant_id
    taken = pairings.partners_now(tx, [theirs]).get(theirs, 0)
    held = requests.held(tx, [theirs], now).get(theirs, 0)
    is_on_hold = concerns.held_among(tx, [mentor.slack_user_id])
    return taken + held < mentor.capacity and not is_on_hold


def accept(tx: Transaction, request_id: str, slack_user_id: str, now: datetime) -> Pairing:
    """The mentor says yes: both are introduced, also where a newer file has nobody ask any more.

    Raises Stale for a request that is answered, withdrawn or expired, or is to somebody else,
    NoPlaceLeft where their places are taken by now, TooManyPartners where the mentee's are.
    """
    found = to_answer(tx, request_id, slack_user_id, now)
    participants.lock(tx, found.request.programme_id)
    file = parse_stored(programme_or_refuse(tx, found.request.programme_id).definition)
    mentor, mentee = found.mentor, found.mentee
    taken = pairings.partners_now(tx, [mentor.participant_id]).get(mentor.participant_id, 0)
    if taken >= mentor.capacity or concerns.held_among(tx, [mentor.slack_user_id]):
        raise NoPlaceLeft
    if file.matching.requests is not None:
        _check_partners(tx, file.matching.requests, mentee)
    settle(found.request, RequestState.ACCEPTED, now)
    tx.session.flush()
    note(tx, found.request, slack_user_id, "request.accept", now)
    weights = {it.question: it.weight for it in file.matching.criteria}
    telling = file.matching.telling
    reasons = list(shared_answers(telling(mentor.answers), telling(mentee.answers), weights))
    return introduce_asked(tx, file, mentor, mentee, reasons, now)


def to_answer(tx: Transaction, request_id: str, slack_user_id: str, now: datetime) -> Asked:
    """A request that a mentor is to answer; raises Stale."""
    found = asked(tx, request_id)
    if found is None or found.mentor.slack_user_id != slack_user_id:
        raise Stale
    both = _takes_part(found.mentor, Role.MENTOR) and _takes_part(found.mentee, Role.MENTEE)
    if not found.request.is_open(now) or not both or _are_apart(tx, found.mentee, found.mentor):
        raise Stale
    return found


def decline(
    tx: Transaction,
    request_id: str,
    slack_user_id: str,
    colleague_id: str | None,
    now: datetime,
) -> None:
    """The mentor says no, perhaps with a colleague who may fit; the mentee is offered them.

    Raises Stale, and InvalidAnswers for a colleague who has no place or is no mentor.
    """
    found = to_answer(tx, request_id, slack_user_id, now)
    colleague = participants.participant(tx, colleague_id) if colleague_id else None
    if colleague_id and (
        colleague is None
        or colleague.programme_id != found.request.programme_id
        or colleague.participant_id == found.mentor.participant_id
        or not _takes_part(colleague, Role.MENTOR)
        or _are_apart(tx, found.mentee, colleague)
        or not _has_place(tx, colleague, now)
    ):
        raise InvalidAnswers({"colleague": ("requests.no_place", {})})
    found.request.colleague_id = colleague.participant_id if colleague else None
    settle(found.request, RequestState.DECLINED, now)
    note(tx, found.request, slack_user_id, "request.decline", now)
    tell(tx, MessageKind.REQUEST_DECLINED, found.request, found.mentee, now)
    match_waiting(tx, found.request.programme_id, now)


def withdraw(tx: Transaction, request_id: str, slack_user_id: str, now: datetime) -> None:
    """The mentee takes a request back, and the mentor hears so. Raises Stale."""
    found = asked(tx, request_id)
    if found is None or found.mentee.slack_user_id != slack_user_id:
        raise Stale
    if not found.request.is_open(now):
        raise Stale
    take_back(tx, found, slack_user_id, now)
    tx.session.flush()
    match_waiting(tx, found.request.programme_id, now)


def let_go(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """The time of a request is over: the place that it held is there for those who wait."""
    milestone.done_at = now
    match_waiting(tx, file.id, now)


def next_best(
    tx: Transaction, file: ProgrammeFile, mentee: Participant, now: datetime
) -> Participant | None:
    """The mentor with a place who shares most with somebody, of those they have not asked."""
    if file.directory is None:
        return None
    asked_before = {it.mentor_id for it in requests.of_mentee(tx, mentee.participant_id)}
    wanted = Wanted(only_free=True)
    found = finding.among(tx, file, file.directory, mentee.slack_user_id, wanted, now)
    for one in found.mentors:
        mentor = one.participant_id
        if mentor not in asked_before and could_ask(tx, file, mentee, mentor, now):
            return one
    return None


def own(
    tx: Transaction, programme_id: str, slack_user_id: str, now: datetime
) -> tuple[list[Asked], list[Asked]]:
    """What somebody has asked and is still open, and what they are to answer."""
    held = participants.of_person(tx, programme_id, slack_user_id)
    if held is None or not held.is_enrolled:
        return [], []
    mine = [it for it in requests.of_mentee(tx, held.participant_id) if it.is_open(now)]
    theirs = requests.open_of_mentor(tx, held.participant_id, now)
    both: list[list[Asked]] = []
    for some in (mine, theirs):
        known = (asked(tx, it.request_id) for it in some)
        both.append([it for it in known if it is not None])
    return both[0], both[1]


def _remind_later(
    tx: Transaction, found: MentorRequest, mentor: Participant, now: datetime
) -> None:
    at = found.expires_at - REMINDED_BEFORE
    if at > now:
        tell(tx, MessageKind.REQUEST_REMINDED, found, mentor, now, at)
