"""No workspace sees another's rows, although both use the same ids for everything."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import asdict, is_dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from mentorbot.domain.acquaintances import Acquaintance, CameBy, Recommendation
from mentorbot.domain.agreements import Agreement
from mentorbot.domain.anonymous import AnonymousQuestion, QuestionHearer, Relay
from mentorbot.domain.attending import Answer, Attendance, Came, Session
from mentorbot.domain.checklists import Ticked
from mentorbot.domain.concerns import CaseEntry, CaseEvent, Concern, ConcernKind, Hold
from mentorbot.domain.dates import Feed, digest_of
from mentorbot.domain.draws import Draw
from mentorbot.domain.erasures import Erasure
from mentorbot.domain.goals import Goal, GoalKind
from mentorbot.domain.issuing import IssuerKey
from mentorbot.domain.match_review import EditKind, MatchApproval, MatchDraft, MatchEdit
from mentorbot.domain.meetings import Format, Meeting
from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.domain.model import (
    Acknowledgement,
    Application,
    ApplicationState,
    AuditEntry,
    Certificate,
    CheckIn,
    CheckInAnswer,
    Choice,
    Cycle,
    Feedback,
    ListedAddress,
    Membership,
    Milestone,
    MilestoneKind,
    NextCycle,
    Pairing,
    Participant,
    ParticipantState,
    Person,
    Programme,
    Role,
    Workspace,
)
from mentorbot.domain.pace import Extension
from mentorbot.domain.partings import KeptApart, Parting
from mentorbot.domain.permissions import RUNNERS, Appointment, TeamRole
from mentorbot.domain.requests import MentorRequest
from mentorbot.domain.sealed import SealedAnswer
from mentorbot.domain.surveys import OpenSurvey, Response
from mentorbot.domain.voting import OpenedBallot, Vote
from mentorbot.storage import (
    acquaintances,
    addresses,
    agreements,
    anonymous,
    applications,
    appointments,
    audit,
    certificates,
    channels,
    checklists,
    concerns,
    directory,
    draws,
    extensions,
    feeds,
    goals,
    imports,
    in_line,
    inbox,
    issuer_keys,
    lanes,
    lists,
    match_drafts,
    meetings,
    migration,
    milestones,
    outbox,
    pairings,
    participants,
    partings,
    people,
    reports,
    requests,
    schedule,
    sealed,
    second_looks,
    sending,
    sessions,
    surveys,
    tables,
    touchpoints,
    votes,
)
from mentorbot.storage.sending import Ending
from mentorbot.storage.store import Store, Transaction, open_engine
from mentorbot.usecases.tick import AT_ONCE
from tests.storage.told import TEAM, message
from tests.world import MONDAY

NEIGHBOUR = "T0NEIGHBOR"
MODULES = (
    acquaintances,
    addresses,
    agreements,
    anonymous,
    audit,
    applications,
    appointments,
    certificates,
    channels,
    checklists,
    concerns,
    directory,
    draws,
    extensions,
    feeds,
    goals,
    imports,
    in_line,
    inbox,
    issuer_keys,
    lanes,
    lists,
    match_drafts,
    meetings,
    milestones,
    outbox,
    pairings,
    participants,
    partings,
    people,
    reports,
    requests,
    schedule,
    sealed,
    second_looks,
    sending,
    sessions,
    surveys,
    touchpoints,
    votes,
)
LATER, EARLIER = MONDAY + timedelta(days=1), MONDAY - timedelta(days=1)
DAY = date(2026, 11, 23)
KEY = ("img", 1)
VERSIONS = {Role.MENTOR: 2, Role.MENTEE: 2}
QUESTION = {"pairing_id": "p0", "participant_id": "mentor", "occurrence": 9, "asked_at": MONDAY}
MESSAGE = {
    "message_id": "new",
    "dedupe_key": "new",
    "kind": MessageKind.WELCOME,
    "recipients": ["U1"],
    "programme_id": "img",
    "created_at": MONDAY,
    "not_before_at": MONDAY,
    "params": {},
    "priority": 0,
    "state": MessageState.PENDING,
    "attempt_count": 0,
}

ROUND = applications.Round("img", 1)
"""Of the applications in it, `a0` waits for a place and the others for a review."""


def apart(tx: Transaction) -> str:
    """A pairing with nobody in it."""
    tx.add(Pairing(tx.workspace_id, "apart", "img", 1, DAY, DAY, MONDAY, ended_at=MONDAY))
    tx.session.flush()
    return "apart"


ARGUMENTS: dict[str, Callable[[Transaction], tuple[Any, ...]]] = {
    "addresses.accounts": lambda tx: ("a0@example.org",),
    "addresses.applied_elsewhere": lambda tx: ("a1@example.org",),
    "addresses.erased_at": lambda tx: (["d" * 64],),
    "addresses.every": lambda tx: (),
    "addresses.held": lambda tx: (["U0ZOE00000"], ["a1@example.org", "zoe@example.org"]),
    "addresses.is_known": lambda tx: ("zoe@example.org",),
    "addresses.of_account": lambda tx: ("U0ZOE00000",),
    "addresses.take_out": lambda tx: ("a1@example.org",),
    "agreements.agreement": lambda tx: ("p0",),
    "agreements.every": lambda tx: (),
    "agreements.of_pairings": lambda tx: (["p0", "p1"],),
    "applications.application": lambda tx: ("a0",),
    "applications.approved": lambda tx: (ROUND, Role.MENTOR, 9),
    "applications.clear_cases": lambda tx: (ROUND, "U0HANNAH00", [Role.MENTEE], 9),
    "applications.count": lambda tx: (ROUND, ApplicationState.IN_REVIEW, Role.MENTEE),
    "applications.count_to_review": lambda tx: (ROUND, "U0HANNAH00"),
    "applications.count_sent": lambda tx: (ROUND,),
    "applications.drafts_after": lambda tx: (ROUND, None, 9),
    "applications.everywhere": lambda tx: ("U0ZOE00000",),
    "applications.history": lambda tx: ("a0",),
    "applications.discard": lambda tx: (tx.get(Application, "begun"),),
    "applications.naming": lambda tx: (tx.get(Application, "a1"), "a0@example.org"),
    "applications.next_in_line": lambda tx: (ROUND, Role.MENTEE),
    "applications.count_asked": lambda tx: (ROUND, "U0HANNAH00"),
    "applications.next_asked": lambda tx: (
        ROUND,
        "U0HANNAH00",
        applications.Cursor(False, EARLIER, ""),
    ),
    "applications.next_to_review": lambda tx: (
        ROUND,
        "U0HANNAH00",
        applications.Cursor(False, EARLIER, ""),
    ),
    "applications.of_person": lambda tx: (ROUND, "U0ZOE00000"),
    "applications.place_in_line": lambda tx: (tx.get(Application, "a0"),),
    "applications.with_address": lambda tx: ("a0@example.org",),
    "appointments.actions": lambda tx: ("img", "U0NEIGHBOR"),
    "appointments.advise_no_more": lambda tx: ("img", ["Surgery"]),
    "appointments.appoint": lambda tx: (
        Appointment(TEAM, "img", "U0NEIGHBOR", TeamRole.COORDINATOR, "", MONDAY, "U1"),
    ),
    "appointments.dismiss": lambda tx: ("img", "U0NEIGHBOR", TeamRole.OWNER),
    "appointments.holders": lambda tx: ("img", RUNNERS),
    "appointments.of_person": lambda tx: ("U0NEIGHBOR",),
    "appointments.of_programme": lambda tx: ("img",),
    "appointments.readers": lambda tx: ("img", RUNNERS),
    "audit.last_at": lambda tx: ("img", "programme.set_up"),
    "certificates.certificate": lambda tx: ("c0",),
    "certificates.for_cycle": lambda tx: (*KEY, "mentor"),
    "certificates.next_status_index": lambda tx: (),
    "certificates.of_participant": lambda tx: ("mentor",),
    "certificates.revoked_indexes": lambda tx: (0, 9),
    "certificates.unsigned_after": lambda tx: ("", 9),
    "issuer_keys.every": lambda tx: (),
    "channels.is_looked_through": lambda tx: ("C0THEIRS", "UBOT"),
    "channels.take_in": lambda tx: ("C0THEIRS", ["UBOT", "U0ZOE00000"], MONDAY),
    "directory.mentors": lambda tx: ("img", 1),
    "draws.approved": lambda tx: (ROUND, Role.MENTOR),
    "draws.by_id": lambda tx: ("d0",),
    "draws.every": lambda tx: (),
    "draws.first_waiting": lambda tx: (["a1", "a0"],),
    "draws.of_round": lambda tx: (ROUND, Role.MENTEE),
    "draws.took_part": lambda tx: (ROUND, Role.MENTOR, "past"),
    "draws.waiting_before": lambda tx: (["a1", "a0"], "a0"),
    "goals.every": lambda tx: (),
    "goals.goal": lambda tx: ("g0",),
    "goals.of_participants": lambda tx: (["mentee"],),
    "goals.take_out": lambda tx: (tx.get(Goal, "g0"),),
    "imports.counts": lambda tx: ("img",),
    "imports.forget": lambda tx: ("run",),
    "imports.hand_in": lambda tx: (
        imports.Run("new", "img", "mentee", "F1", "U0HANNAH00", 0),
        MONDAY,
    ),
    "imports.hold": lambda tx: ("run", LATER, 1),
    "imports.keep_meanings": lambda tx: ("img", {"Degree": "degree"}),
    "imports.known": lambda tx: (ROUND, Role.MENTEE, ["a0@example.org", "a1@example.org"]),
    "imports.meanings": lambda tx: ("img",),
    "imports.unlinked": lambda tx: (["a0@example.org", "a1@example.org"],),
    "imports.waiting": lambda tx: (LATER,),
    "inbox.forget_before": lambda tx: (LATER,),
    "inbox.take": lambda tx: ("theirs alone", "U1", MONDAY),
    "inbox.try_out": lambda tx: (),
    "lists.add": lambda tx: ("img", "members", ["zoe@example.org", "new@example.org"]),
    "lists.clear": lambda tx: ("img", "members"),
    "lists.count": lambda tx: ("img", "members"),
    "lists.on_lists": lambda tx: ("img", ["members", "past"], ["zoe@example.org"]),
    "match_drafts.approvals": lambda tx: ("coming",),
    "match_drafts.draft": lambda tx: ("coming",),
    "match_drafts.edits": lambda tx: ("coming",),
    "match_drafts.forget_edits": lambda tx: ("coming",),
    "match_drafts.forget_words_of": lambda tx: ("U0HANNAH00",),
    "match_drafts.undo": lambda tx: (tx.get(MatchEdit, "e0"),),
    "match_drafts.empty_reasons": lambda tx: (["mentee"],),
    "match_drafts.forget": lambda tx: ("coming",),
    "match_drafts.open_of": lambda tx: ("img",),
    "match_drafts.take_back": lambda tx: ("coming", "U0HANNAH00"),
    "meetings.meeting": lambda tx: ("met",),
    "meetings.of_pairings": lambda tx: (["p0", "p1"],),
    "meetings.on_day": lambda tx: ("p0", DAY),
    "meetings.take_out": lambda tx: (tx.get(Meeting, "met"),),
    "milestones.forget": lambda tx: ("coming",),
    "milestones.last_done": lambda tx: ("img", MilestoneKind.MATCHING),
    "milestones.milestone": lambda tx: ("coming",),
    "milestones.pending": lambda tx: ("img",),
    "outbox.waiting_of": lambda tx: ("img", MessageKind.CHECK_IN),
    "outbox.by_key": lambda tx: ("m0",),
    "outbox.cancel_for_pairing": lambda tx: ("p0", MONDAY),
    "outbox.leave_out": lambda tx: ("p0", "U0ZOE00000", MONDAY),
    "outbox.states": lambda tx: ("p0", MessageKind.CHECK_IN),
    "outbox.cancel_for_person": lambda tx: ("U0ZOE00000", MONDAY),
    "outbox.given_up": lambda tx: (EARLIER,),
    "outbox.held_up": lambda tx: ("mail_no_invite_link",),
    "outbox.message": lambda tx: ("m0",),
    "outbox.overdue": lambda tx: (LATER,),
    "outbox.put": lambda tx: ([MESSAGE],),
    "outbox.queues": lambda tx: (MONDAY,),
    "outbox.revive": lambda tx: (MessageKind.WELCOME, "U0ZOE00000", MONDAY),
    "lanes.give_back": lambda tx: ("first",),
    "lanes.hold": lambda tx: ("first", MONDAY, 60),
    "lanes.recover": lambda tx: (MONDAY,),
    "pairings.move_out": lambda tx: ("p0", "mentee", apart(tx)),
    "pairings.check_in": lambda tx: ("p0", "mentee", 1),
    "pairings.asked_before": lambda tx: ("mentee", 99),
    "pairings.check_ins": lambda tx: ("p0", "mentee"),
    "pairings.choice": lambda tx: (*KEY, "mentee"),
    "pairings.closed_with": lambda tx: (tx.get(Cycle, "img", 1), None, 9),
    "pairings.conversation": lambda tx: ("p0",),
    "pairings.feedback": lambda tx: ("p0", "mentee"),
    "pairings.introduced_since": lambda tx: ("img", EARLIER),
    "pairings.in_cycle": lambda tx: KEY,
    "pairings.is_another_ending": lambda tx: (tx.get(Cycle, "img", 1),),
    "pairings.is_closing": lambda tx: ("img", LATER),
    "pairings.last_cycle_number": lambda tx: ("img",),
    "pairings.members": lambda tx: ("p0",),
    "pairings.of_participant": lambda tx: ("mentor",),
    "pairings.newest_cycle": lambda tx: ("img",),
    "pairings.wishes_to_rest": lambda tx: ("mentee",),
    "pairings.open_cycle": lambda tx: ("img",),
    "pairings.pairing": lambda tx: ("p0",),
    "pairings.partners_in_cycle": lambda tx: (*KEY, "mentor"),
    "pairings.partners_now": lambda tx: (["mentor", "mentee", "mentee 1"],),
    "pairings.past_pairs": lambda tx: (["mentor", "mentee", "mentee 1"],),
    "pairings.role_in": lambda tx: ("p0", "mentor"),
    "pairings.talks_in": lambda tx: ("p0", "G0"),
    "extensions.extension": lambda tx: ("p0",),
    "extensions.forget_choices": lambda tx: (*KEY, ["mentee"]),
    "outbox.cancel_kinds": lambda tx: ("p0", [MessageKind.CHECK_IN], MONDAY),
    "concerns.all_open": lambda tx: (),
    "concerns.concern": lambda tx: ("c0",),
    "concerns.every": lambda tx: (),
    "concerns.every_entry": lambda tx: (),
    "concerns.held_among": lambda tx: (["U0AMARA000", "U0STRANGER"],),
    "concerns.hold": lambda tx: (Hold(TEAM, "c0", "U0ZOE00000", MONDAY),),
    "concerns.of_programme": lambda tx: ("img",),
    "concerns.release": lambda tx: ("c0",),
    "concerns.timeline": lambda tx: ("c0",),
    "feeds.by_token": lambda tx: ("token",),
    "feeds.forget": lambda tx: ("U0ZOE00000",),
    "feeds.has_one": lambda tx: ("U0ZOE00000",),
    "acquaintances.acquaintance": lambda tx: ("k0",),
    "acquaintances.came_by": lambda tx: ("img", "U0OMAR0000"),
    "acquaintances.counts": lambda tx: ("img",),
    "acquaintances.open_of_mentor": lambda tx: ("mentor",),
    "acquaintances.recommendation": lambda tx: ("code",),
    "acquaintances.recommendation_of": lambda tx: ("mentor",),
    "anonymous.count_since": lambda tx: ("mentee", EARLIER),
    "anonymous.every": lambda tx: (),
    "anonymous.every_answer": lambda tx: (),
    "anonymous.hear": lambda tx: ("mentor", MONDAY),
    "anonymous.hear_no_more": lambda tx: ("mentor",),
    "anonymous.hearers": lambda tx: ("img",),
    "anonymous.hears": lambda tx: ("mentor",),
    "anonymous.loads": lambda tx: (["mentor"],),
    "anonymous.question": lambda tx: ("q0",),
    "anonymous.relay": lambda tx: ("q0", "mentor"),
    "anonymous.relays": lambda tx: ("q0",),
    "pairings.last_ended": lambda tx: (["mentor", "mentee"],),
    "participants.everyone_in_role": lambda tx: ("img", Role.MENTEE),
    "checklists.of_participants": lambda tx: (["mentee", "mentor"],),
    "checklists.ticked": lambda tx: ("mentee", "l0"),
    "partings.apart_among": lambda tx: (["U0ZOE00000", "U0AMARA000"],),
    "partings.apart_from": lambda tx: ("U0ZOE00000",),
    "partings.every": lambda tx: (),
    "partings.keep_apart": lambda tx: ("U0ZOE00000", ["U0OMAR0000"], MONDAY),
    "partings.parting": lambda tx: ("p0",),
    "participants.acknowledge": lambda tx: ("mentor", Role.MENTOR, 2, MONDAY),
    "participants.active_in_role": lambda tx: ("img", Role.MENTEE),
    "participants.enrolled_after": lambda tx: ("img", None, 9),
    "participants.everyone_after": lambda tx: ("img", None, 9),
    "participants.enrolled": lambda tx: ("img",),
    "participants.enrolments": lambda tx: ("U0ZOE00000",),
    "participants.has_acknowledged": lambda tx: ("mentor", Role.MENTOR, 2),
    "participants.lock": lambda tx: ("img",),
    "participants.of_person": lambda tx: ("img", "U0ZOE00000"),
    "participants.participant": lambda tx: ("mentor",),
    "participants.programme": lambda tx: (),
    "participants.programme_in_channel": lambda tx: ("C0THEIRS00",),
    "participants.users": lambda tx: (["mentor", "mentee"],),
    "participants.programmes": lambda tx: (),
    "in_line.everyone": lambda tx: ("img",),
    "in_line.first": lambda tx: ("img", Role.MENTEE),
    "in_line.first_ready": lambda tx: ("img", VERSIONS, Role.MENTEE, 2, ZoneInfo("UTC")),
    "in_line.some_ready": lambda tx: ("img", VERSIONS, Role.MENTEE, 2),
    "in_line.ready": lambda tx: ("img", VERSIONS),
    "pairings.seats_ever": lambda tx: (["mentor", "mentee"],),
    "people.readers": lambda tx: (["U0ZOE00000", "U0STRANGER"],),
    "people.dms": lambda tx: (["U0ZOE00000", "U1"],),
    "people.first_seen": lambda tx: (Person(TEAM, "U0ZOE00000", "Zoë anew"), MONDAY),
    "people.have_dms": lambda tx: ({"U0ZOE00000": "D0", "U0STRANGER": "D1"},),
    "people.name_and_locale": lambda tx: ("U0ZOE00000",),
    "people.names": lambda tx: (["U0ZOE00000", "U1"],),
    "people.person": lambda tx: ("U0ZOE00000",),
    "people.swept": lambda tx: (LATER,),
    "people.uninstalled": lambda tx: (LATER,),
    "people.workspace": lambda tx: (),
    "reports.applications": lambda tx: ("img",),
    "reports.certificates_owed": lambda tx: ("img",),
    "reports.feedback": lambda tx: ("img", 10),
    "reports.overview": lambda tx: ("img",),
    "reports.pairs": lambda tx: ("img",),
    "reports.people": lambda tx: ("img",),
    "sealed.answers_to": lambda tx: (ROUND, Role.MENTEE, "member", 1),
    "sealed.end_cycle": lambda tx: ("img", LATER, MONDAY),
    "sealed.end_for": lambda tx: ("img", ["U0ZOE00000"], MONDAY),
    "sealed.end_selection": lambda tx: (ROUND, Role.MENTEE, "member", MONDAY),
    "sealed.erase": lambda tx: ("a0", ["member"]),
    "sealed.erase_due": lambda tx: (["s0"], LATER),
    "sealed.every": lambda tx: (),
    "sealed.of_application": lambda tx: ("a0",),
    "sealed.stages": lambda tx: (ROUND, Role.MENTEE),
    "second_looks.are_due": lambda tx: (MONDAY,),
    "second_looks.due": lambda tx: (MONDAY, 9),
    "second_looks.plan": lambda tx: ("sent 1", LATER),
    "sending.attempts": lambda tx: ("m0", "ambiguous"),
    "sending.claim": lambda tx: ("first", MONDAY, 60, 20),
    "sending.give_back": lambda tx: ([held(tx)],),
    "sending.held": lambda tx: (held(tx),),
    "sending.is_due": lambda tx: (MONDAY,),
    "sending.is_held": lambda tx: (held(tx),),
    "sending.note_file": lambda tx: (held(tx), MONDAY, 60),
    "sending.record_attempt": lambda tx: (outbox.message(tx, "m0"), MONDAY, "sent"),
    "sending.renew": lambda tx: ([held(tx)], MONDAY, 60),
    "sending.repeat_unknown": lambda tx: (MONDAY,),
    "sending.settle": lambda tx: (
        [Ending(outbox.message(tx, "m0"), MessageState.SENT, MONDAY, "1.0")],
    ),
    "requests.held": lambda tx: (["mentor"], EARLIER),
    "requests.of_mentee": lambda tx: ("mentee",),
    "requests.open_of_mentor": lambda tx: ("mentor", EARLIER),
    "requests.request": lambda tx: ("r0",),
    "sessions.among": lambda tx: ("s0", ["U0ZOE00000", "U1"]),
    "sessions.answers": lambda tx: (["s0", "s1"],),
    "sessions.attendance": lambda tx: ("s0", "U0ZOE00000"),
    "sessions.coming_after": lambda tx: ("s0", None, 9),
    "sessions.of_offer": lambda tx: ("img", "evening"),
    "sessions.of_person": lambda tx: ("U0ZOE00000",),
    "sessions.of_programme": lambda tx: ("img", EARLIER),
    "sessions.of_session": lambda tx: ("s0",),
    "sessions.session": lambda tx: ("s0",),
    "sessions.who_came": lambda tx: (["s0"],),
    "schedule.coming": lambda tx: (),
    "schedule.due": lambda tx: (LATER, dict.fromkeys(AT_ONCE, 9)),
    "schedule.next_at": lambda tx: (),
    "schedule.postpone": lambda tx: ("pairing", ("p0",), LATER),
    "schedule.sent_count": lambda tx: (),
    "surveys.forget": lambda tx: (tx.get(OpenSurvey, "v1"),),
    "surveys.of_programme": lambda tx: ("img",),
    "surveys.responded": lambda tx: ("v0", ["mentee", "mentee 1"]),
    "surveys.response": lambda tx: ("v0", "mentee"),
    "surveys.responses": lambda tx: ("v0",),
    "surveys.survey": lambda tx: ("v0",),
    "touchpoints.advance": lambda tx: ([touchpoints.Step("p0", 1, LATER)],),
    "touchpoints.ask": lambda tx: ([QUESTION],),
    "touchpoints.due": lambda tx: (["p0", "p1", "p2"], LATER),
    "votes.ballot": lambda tx: ("b0",),
    "votes.forget": lambda tx: ("b0",),
    "votes.newest": lambda tx: ("img",),
    "votes.of_ballot": lambda tx: ("b0",),
    "votes.take_back": lambda tx: ("b0", "mentee"),
    "votes.vote": lambda tx: ("b0", "mentee"),
    "votes.voters": lambda tx: ("b0", ["mentee", "mentee 1"]),
}


def held(tx: Transaction) -> Message:
    """A message that another has claimed; the neighbour's of the same id by just this claim."""
    found = outbox.message(tx, "held")
    assert found is not None
    return replace(found, lease_by="first")


def walk(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every function of a module that takes a transaction."""
    for name, found in inspect.getmembers(module, inspect.isfunction):
        is_own = found.__module__ == module.__name__ and not name.startswith("_")
        if is_own and next(iter(inspect.signature(found).parameters), "") == "tx":
            yield f"{module.__name__.rpartition('.')[2]}.{name}", found


FUNCTIONS = dict(found for module in MODULES for found in walk(module))


def populate(store: Store, workspace_id: str, rows: int) -> None:
    """A programme with some of everything; ids are the same in every workspace."""
    mine = workspace_id == TEAM
    at = MONDAY if mine else EARLIER
    with store.begin(workspace_id) as tx:
        tx.add(Workspace(workspace_id, workspace_id, "U0BOT00000", at))
        for user in ("U0AMARA000", "U0ZOE00000", "U1", "U0HANNAH00", "U0NEIGHBOR"):
            tx.add(Person(workspace_id, user, f"{user} of {workspace_id}"))
        channel = "C0IMGMENTR" if mine else "C0THEIRS00"
        for programme in ["img"] if mine else ["img", "theirs"]:
            tx.add(Programme(workspace_id, programme, channel, f'"{workspace_id}"', "U1", at))
        coordinator = "U0HANNAH00" if mine else "U0NEIGHBOR"
        given = Appointment(workspace_id, "img", coordinator, TeamRole.OWNER, "", at, "U1")
        appointments.appoint(tx, given)
        if not mine:
            row = {"programme_id": "img", "slack_user_id": "U0AMARA000", "added_at": at}
            tx.add_new(tables.coordinators, [row])
        for number in range(1, rows + 1):
            closed_at = None if number == rows else at
            ends_on = DAY + timedelta(days=number)
            tx.add(Cycle(workspace_id, "img", number, DAY, ends_on, at, closed_at))
        _enrol(tx, mine, rows)
        _pair(tx, mine, rows)
        _write(tx, mine, rows)
        _apply(tx, mine, rows)


def _enrol(tx: Transaction, mine: bool, rows: int) -> None:
    at = MONDAY if mine else EARLIER
    everyone = [("mentor", "U0AMARA000"), ("mentee", "U0ZOE00000"), ("mentee 1", "U1")]
    for name, user in everyone:
        tx.add(
            Participant(
                tx.workspace_id,
                name,
                "img" if mine or name != "mentor" else "theirs",
                user,
                role=Role.MENTOR if name == "mentor" else Role.MENTEE,
                state=ParticipantState.PAUSED if name == "mentee 1" else ParticipantState.ACTIVE,
                answers={"of": tx.workspace_id},
                capacity=rows,
                joined_at=at,
                waiting_since_at=at,
                paused_until_at=at,
            )
        )
    version = 1 if mine else 2
    tx.add(Acknowledgement(tx.workspace_id, "mentor", Role.MENTOR, version, at))


def _apply(tx: Transaction, mine: bool, rows: int) -> None:
    at = MONDAY if mine else EARLIER
    for number in range(rows):
        state = ApplicationState.IN_REVIEW if number else ApplicationState.WAITING_LIST
        tx.add(
            Application(
                tx.workspace_id,
                f"a{number}",
                "img",
                1,
                Role.MENTEE,
                tx.workspace_id,
                state,
                at,
                slack_user_id=None if number else "U0ZOE00000",
                email=f"a{number}@example.org",
                verdict="eligible",
                submitted_at=at,
            )
        )
        noted = f"application.{tx.workspace_id}"
        tx.add(AuditEntry(tx.workspace_id, f"e{number}", at, "U0HANNAH00", noted, "a0"))
    on_list = "members" if mine else "past"
    other = "U0AMARA000" if mine else "U0NEIGHBOR"
    tx.add(KeptApart(tx.workspace_id, other, "U0ZOE00000", at))
    tx.add(Feed(tx.workspace_id, digest_of("token"), "U0ZOE00000", at))
    sealed = f"of {tx.workspace_id}"
    tx.add(Ticked(tx.workspace_id, "mentee", "l0", at, [sealed]))
    tx.add(AnonymousQuestion(tx.workspace_id, "q0", "img", "mentee", sealed, at))
    tx.session.flush()
    tx.add(Relay(tx.workspace_id, "q0", "mentor", at, sealed=sealed))
    tx.add(QuestionHearer(tx.workspace_id, "mentor", at))
    people = ("mentor", "mentee", other)
    tx.add(Acquaintance(tx.workspace_id, "k0", "img", *people, sealed, at))
    tx.add(Recommendation(tx.workspace_id, "code", "img", "mentor", at))
    tx.add(CameBy(tx.workspace_id, "img", "U0OMAR0000", "mentor", at, at if mine else None))
    told = ("img", "U0ZOE00000", ConcernKind.OTHER, f"of {tx.workspace_id}", False, True, at, at)
    tx.add(Concern(tx.workspace_id, "c0", *told))
    tx.session.flush()
    entry = ("c0", "e0", at, "U0HANNAH00", CaseEvent.NOTE, f"of {tx.workspace_id}")
    tx.add(CaseEntry(tx.workspace_id, *entry))
    tx.add(Hold(tx.workspace_id, "c0", other, at))
    tx.add(ListedAddress(tx.workspace_id, "img", on_list, "zoe@example.org"))
    what = "mentee" if mine else "mentor"
    imports.hand_in(tx, imports.Run("run", "img", what, "F0", "U0HANNAH00", 0), at)
    tx.add_new(tables.import_mappings, [{"programme_id": "img", "meanings": {on_list: "degree"}}])
    _draw(tx, mine, at, rows)
    draft = ApplicationState.DRAFT
    begun = Application(tx.workspace_id, "begun", "img", 1, Role.MENTOR, "slack", draft, at)
    begun.slack_user_id = "U0NEIGHBOR" if mine else "U0THEIRS00"
    tx.add(begun)
    for name in ("coming", "mine" if mine else "theirs"):
        tx.add(Milestone(tx.workspace_id, name, "img", MilestoneKind.MATCHING, DAY, LATER))
    pair = {"mentor_id": "mentor", "mentee_id": "mentee", "reasons": [name], "is_repeat": False}
    tx.add(MatchDraft(tx.workspace_id, "coming", "img", 1, at, [pair]))
    tx.session.flush()
    approver = "U0HANNAH00" if mine else "U0NEIGHBOR"
    tx.add(MatchApproval(tx.workspace_id, "coming", approver, name, at))
    said = (EditKind.COMMENT, "mentor", "mentee", "U0HANNAH00", at, name)
    tx.add(MatchEdit(tx.workspace_id, "e0", "coming", *said))
    opened = (MONDAY if mine else LATER, "U0HANNAH00", LATER)
    tx.add(OpenedBallot(tx.workspace_id, "b0", "img", *opened))
    voter, chosen = ("mentee", ["mentor"]) if mine else ("mentee 1", ["theirs"])
    tx.add(Vote(tx.workspace_id, "b0", voter, chosen, at))
    done_at = MONDAY if mine else LATER
    done = MilestoneKind.MATCHING
    tx.add(Milestone(tx.workspace_id, "done", "img", done, None, EARLIER, done_at))


def _draw(tx: Transaction, mine: bool, at: datetime, rows: int) -> None:
    approved = ApplicationState.APPROVED
    for number, who in enumerate(("U0AMARA000", None)):
        one = Application(
            tx.workspace_id, f"m{number}", "img", 1, Role.MENTOR, "slack", approved, at
        )
        one.slack_user_id, one.email = who, f"m{number}@example.org"
        tx.add(one)
    tx.add(ListedAddress(tx.workspace_id, "img", "past", f"m{int(mine)}@example.org"))
    for number in range(rows):
        key = (tx.workspace_id, f"s{number}", "img", f"a{number}", "member")
        tx.add(SealedAnswer(*key, f"of {tx.workspace_id}", 1, at, MONDAY))
    tx.add(Erasure(tx.workspace_id, "d" * 64, "e0", MONDAY if mine else LATER))
    digest = ("a" if mine else "b") * 64
    drawn = Draw(
        *(tx.workspace_id, "d0", "img", 1, Role.MENTEE, {}, "a source", [], [], digest, at),
        *("U0HANNAH00", "salt", None, at),
    )
    tx.add(drawn)


def _pair(tx: Transaction, mine: bool, rows: int) -> None:
    at = MONDAY if mine else EARLIER
    programme = "img" if mine else "theirs"
    for number in range(rows):
        name = f"p{number}"
        pairing = Pairing(tx.workspace_id, name, programme, 1, DAY, DAY, at, next_due_at=at)
        pairing.programme_id = "img"
        pairing.ended_at = at if mine else None
        tx.add(pairing)
        mentee = "mentee" if mine or number else "mentee 1"
        tx.add(Membership(tx.workspace_id, name, "mentor", Role.MENTOR))
        tx.add(Membership(tx.workspace_id, name, mentee, Role.MENTEE))
        agreed = (name, f"of {tx.workspace_id}", 1, "mentee", at, {"mentee": 1})
        tx.session.flush()
        tx.add(Agreement(tx.workspace_id, *agreed))
        tx.add(Extension(tx.workspace_id, name, 1, 3 + rows, "mentee", at))
        tx.add(Parting(tx.workspace_id, name, "mentee", at, f"of {tx.workspace_id}"))
        day = DAY if mine or number else DAY - timedelta(days=1)
        met = Meeting(
            tx.workspace_id,
            f"met {number}" if number else "met",
            name,
            day,
            60 + rows,
            Format.VIDEO,
            None,
            mentee,
            at,
        )
        tx.add(met)
        answer = CheckInAnswer.MET if mine else CheckInAnswer.HELP
        tx.add(CheckIn(tx.workspace_id, name, mentee, 1, at, answer, at))
        tx.add(Feedback(tx.workspace_id, name, mentee, rows, tx.workspace_id, "", at))
        tx.add(
            Certificate(
                *(tx.workspace_id, f"c{number}", "img", number + 1, "mentor", DAY, DAY, 1, at),
                status_index=number if mine else number + rows,
                revoked_at=at,
            )
        )
    tx.add(IssuerKey(tx.workspace_id, "key", f"of {tx.workspace_id}", at))
    for number in range(rows):
        held = (f"s{number}", "img", "evening", number + 1, tx.workspace_id, at, LATER, "123456")
        tx.add(Session(tx.workspace_id, *held))
        opened = (f"v{number}", "img", "survey", number, at, LATER)
        tx.add(OpenSurvey(tx.workspace_id, *opened))
        asked = (f"r{number}", "img", "mentee", "mentor", tx.workspace_id, at, LATER)
        tx.add(MentorRequest(tx.workspace_id, *asked))
    who_answered = "mentee" if mine else "mentee 1"
    said = {"q": tx.workspace_id}
    tx.session.flush()
    tx.add(Response(tx.workspace_id, "v0", who_answered, said, Role.MENTEE))
    answer = Answer.GOING if mine else Answer.WAITING
    going = (answer, at, Came.BY_CODE if mine else Came.MADE_UP, at)
    tx.add(Attendance(tx.workspace_id, "s0", "U0ZOE00000", *going))
    kind = GoalKind.GOAL if mine else GoalKind.ACTION
    tx.add(Goal(tx.workspace_id, "g0", "mentee", kind, f"of {tx.workspace_id}", mine, at))
    wish = NextCycle.CONTINUE if mine else NextCycle.OPT_OUT
    tx.add(Choice(tx.workspace_id, "img", 1, "mentee", wish, at))


def _write(tx: Transaction, mine: bool, rows: int) -> None:
    due_in = 0 if mine else -60
    at = MONDAY if mine else MONDAY - timedelta(hours=1)
    for number in range(rows):
        one = message(tx, f"m{number}", pairing_id="p0", kind=MessageKind.CHECK_IN, due_in=due_in)
        sending.record_attempt(tx, one, MONDAY, "ambiguous")
        message(tx, f"sent {number}", state=MessageState.SENT, look_again_at=at)
        message(tx, f"dead {number}", state=MessageState.DEAD, settled_at=MONDAY)
    sender = "second" if mine else "first"
    message(tx, "held", state=MessageState.SENDING, lease_by=sender, lease_until_at=LATER)
    inbox.take(tx, "mine" if mine else "theirs alone", "U1", MONDAY)
    channels.take_in(tx, "C0MINE" if mine else "C0THEIRS", ["UBOT"], MONDAY)


def open_store(folder: Any, name: str) -> Store:
    numbers = count()
    store = Store(open_engine(f"sqlite:///{folder / name}"), lambda: f"new {next(numbers)}")
    migration.upgrade(store.engine)
    populate(store, TEAM, rows=2)
    return store


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A database in which the workspace is by itself."""
    store = open_store(tmp_path_factory.mktemp("alone"), "alone.db")
    yield store
    store.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A database with a neighbour, who has the same ids and more of everything."""
    store = open_store(tmp_path_factory.mktemp("shared"), "shared.db")
    populate(store, NEIGHBOUR, rows=4)
    yield store
    store.close()


class _Undo(Exception):
    """Nothing that a walked function did is kept."""


def try_out(store: Store, name: str, *, with_rows: bool = True) -> tuple[Any, Any, Any]:
    """What a function answers, and then the rows of the workspace and of its neighbour."""
    seen: list[Any] = []
    try:
        with store.begin(TEAM) as tx:
            answer = FUNCTIONS[name](tx, *ARGUMENTS[name](tx))
            tx.session.flush()
            rows = [rows_of(tx, whose) if with_rows else None for whose in (TEAM, NEIGHBOUR)]
            seen = [told(answer), *rows]
            raise _Undo
    except _Undo:
        return seen[0], seen[1], seen[2]


def told(answer: Any) -> Any:
    """An answer as plain values that can be compared."""
    if is_dataclass(answer) and not isinstance(answer, type):
        return (type(answer).__name__, asdict(answer))
    if isinstance(answer, dict):
        return {key: told(value) for key, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [told(value) for value in answer]
    return answer


def rows_of(tx: Transaction, workspace_id: str) -> dict[str, list[Any]]:
    return {
        table.name: tx.session.execute(
            select(table).where(table.c.workspace_id == workspace_id).order_by(*table.primary_key)
        ).all()
        for table in tables.metadata.sorted_tables
        if "workspace_id" in table.c
    }


def test_every_function_of_storage_is_walked() -> None:
    assert set(FUNCTIONS) == set(ARGUMENTS)
    assert len(FUNCTIONS) > 50


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_neighbour_changes_no_answer_and_is_not_changed(
    alone: Store, shared: Store, name: str
) -> None:
    with shared.read(NEIGHBOUR) as tx:
        before = rows_of(tx, NEIGHBOUR)
    assert all(before[table] for table in ("person", "participant", "pairing", "message", "cycle"))
    by_itself, with_a_neighbour = try_out(alone, name), try_out(shared, name)
    assert with_a_neighbour[0] == by_itself[0]
    assert with_a_neighbour[1] == by_itself[1]
    assert with_a_neighbour[2] == before


def test_key_of_another_workspace_leads_nowhere(shared: Store) -> None:
    with shared.begin(NEIGHBOUR) as tx:
        message(tx, "secret")
    with shared.read(TEAM) as tx:
        assert outbox.message(tx, "secret") is None
        assert outbox.by_key(tx, "secret") is None
        assert tx.get(Person, "U0NOBODY00") is None
        assert participants.programme(tx, "theirs") is None
