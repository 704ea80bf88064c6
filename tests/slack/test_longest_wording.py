"""Every message and view is valid for Slack with the longest names, answers and programme file."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from mentorbot.bootstrap import MentorBot, build
from mentorbot.domain import errors
from mentorbot.domain.concerns import ConcernKind
from mentorbot.domain.eligibility import Verdict
from mentorbot.domain.equity import LEAST, STAGES, table
from mentorbot.domain.goals import MOST_CHARACTERS, MOST_OPEN, Goal, GoalKind
from mentorbot.domain.imports import Fault, Rejected
from mentorbot.domain.match_review import MOST_APPROVALS
from mentorbot.domain.meetings import Format, Meeting, Told
from mentorbot.domain.messages import Message, MessageKind, MessageState, by_mail
from mentorbot.domain.model import (
    Application,
    ApplicationState,
    CheckInAnswer,
    NextCycle,
    Pairing,
    Person,
    Role,
)
from mentorbot.domain.partings import Wish
from mentorbot.domain.permissions import ALLOWED, Appointment, TeamRole
from mentorbot.domain.programme import ProgrammeFile, Question, parse_stored
from mentorbot.mail import compose
from mentorbot.programmes import preset
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.demo import INVITE_URL, demo_settings
from mentorbot.sandbox.validation import validate_message, validate_posted, validate_view
from mentorbot.slack import advice as advice_surface
from mentorbot.slack import app as surfaces
from mentorbot.slack import blocks, enrolment, home
from mentorbot.slack import equity as equity_surface
from mentorbot.slack import goals as goals_surface
from mentorbot.slack import match_edits as match_edits_surface
from mentorbot.slack import match_review as match_review_surface
from mentorbot.slack import meetings as meetings_surface
from mentorbot.slack import selection as selection_surface
from mentorbot.slack import sensitive as sensitive_surface
from mentorbot.slack import team as team_surface
from mentorbot.slack.concern_cases import case_view
from mentorbot.slack.oversight import overview_blocks
from mentorbot.slack.posting import EVENT_TYPE
from mentorbot.slack.rendering import Rendered, render
from mentorbot.storage import anonymous as stored_anonymous
from mentorbot.storage import appointments, draws, migration, pairings, participants
from mentorbot.storage import sessions as stored_sessions
from mentorbot.storage import surveys as stored_surveys
from mentorbot.storage.store import Transaction
from mentorbot.usecases import (
    acquaintances,
    admin,
    advice,
    agreements,
    anonymous,
    applying,
    attending,
    ballots,
    calendar,
    check_ins,
    closing,
    concerns,
    ending,
    handing_in,
    inviting,
    match_review,
    meetings,
    membership,
    oversight,
    pace,
    pauses,
    placing,
    recommending,
    requests,
    reviewing,
    selecting,
    sensitive,
    sessions,
    surveys,
    team,
    tick,
    voting,
)
from mentorbot.usecases import equity as equity_report
from mentorbot.usecases.concerns import Report as Reported
from mentorbot.usecases.enrolment import acknowledge, leave, save_form
from mentorbot.usecases.goals import Written
from mentorbot.usecases.importing import Report
from mentorbot.usecases.listing import Listed
from mentorbot.usecases.match_edits import Option, Way, Weighed
from mentorbot.usecases.match_review import InReview, ProposedPair
from mentorbot.usecases.messages import enqueue, tell_coordinators
from mentorbot.usecases.standing import standing
from mentorbot.wording import escape, languages, say
from tests.world import MONDAY

assert surfaces.SURFACES, "importing the surfaces registers the renderers"
WORKSPACE, CHANNEL, COORDINATOR = "T0123456789", "C0123456789", "U0COORDINATOR"
SENSITIVE = {"required": False, "sensitive": True, "purpose": "&" * 150, "keep_for": "cycle"}
MENTOR, MENTEES = "U0MENTOR00000", [f"U0MENTEE000{n:02d}" for n in range(8)]


def swelling(length: int, start: str = "") -> str:
    """Text of a length that grows fivefold when it is escaped."""
    return (start + "&<>" * length)[:length]


def longest_file(locale: str, version: int = 1) -> ProgrammeFile:
    """The programme file at every limit of its schema."""
    options = [swelling(75, f"{n} ") for n in range(100)]
    both = {"label": swelling(150), "hint": swelling(150)}
    form = [
        {"id": "specialty", "kind": "choice", "options": options, **both},
        {"id": "place", "kind": "text", "most": 3000, **both},
        {"id": "languages", "kind": "choices", "options": options, **both},
        {"id": "hopes", "kind": "long_text", "most": 3000, "roles": ["mentee"], **both},
        {"id": "offer", "kind": "long_text", "most": 3000, "roles": ["mentor"], **both},
        {"id": "capacity", "kind": "number", "most": 100, "roles": ["mentor"], **both},
        *({"id": f"q{n}", "kind": "long_text", "most": 3000, **both} for n in range(12)),
        *({"id": it, "kind": "consent", **SENSITIVE, **both} for it in ("member", "other")),
    ]
    guides = [
        *[{"title": swelling(150), "url": "https://a.uk/" + "x" * 487}] * 4,
        *[{"title": swelling(150), "text": swelling(2500)}] * 4,
    ]
    address = "x" * 240 + "@example.org"
    data = preset("img").model_dump(mode="json")
    data["touchpoints"]["tip"] = {"first_day": 6, "every_days": 7}
    data |= {
        "name": swelling(60),
        "purpose": swelling(2500),
        "languages": list(dict.fromkeys([locale, "en"])),
        "form": form,
        "guidelines": {
            role: {"version": version, "points": [swelling(2500)] * 12}
            for role in ("mentor", "mentee")
        },
        "guides": dict.fromkeys(("mentor", "mentee"), guides),
        "contacts": [{"name": swelling(150), "title": swelling(150), "email": address}] * 8,
        "advisers": {"question": "specialty"},
        "directory": {"shown": ["specialty", "offer", *(f"q{n}" for n in range(12))]},
        "starters": [swelling(2500)] * 20,
        "tips": [{"text": swelling(2500)}],
        "library": {
            "items": [
                {"title": swelling(150), "url": f"https://a.uk/{n:0487d}", "topic": swelling(75)}
                for n in range(200)
            ]
        },
        "first_meeting": {"boundaries": [swelling(150)] * 6, "prompts": [swelling(150)] * 6},
        "application": {
            "through": ["import"],
            "closes_on": "2026-11-30",
            "eligibility": {"mentee": {"all": [_no_way(number) for number in range(50)]}},
            "facts": [{"id": f"f{n}", "label": swelling(150)} for n in range(10)],
            "selection": {
                "mentor": {
                    "mode": "lottery",
                    "places": 1,
                    "reserved": 1,
                    "newcomers_first": True,
                    "waiting_list": 0,
                    "member_question": "member",
                    "seed_source": swelling(400),
                },
                "mentee": {"mode": "first_come", "places": 1},
            },
        },
        "agreement": {
            "ask_day": 4,
            "due_day": 12,
            "questions": [
                {"id": f"q{n}", "kind": "long_text", "most": 3000, **both} for n in range(12)
            ],
        },
        "goals": {"examples": [swelling(150)] * 12},
        "coverage": {"within_days": 1},
        "meetings": {"least_hours": 500, "usual_minutes": 479},
        "signposts": [{"label": swelling(150), "url": "https://a.uk/" + "x" * 487}] * 8,
        "certificate": {
            "organisation": swelling(150),
            "signatories": [{"name": swelling(150), "title": swelling(150)}] * 3,
        },
    }
    return ProgrammeFile.model_validate(data)


def _no_way(number: int) -> dict[str, Any]:
    """A condition that nobody meets, with the longest reason there is."""
    return {"answer": "place", "is": f"{number} {swelling(70)}", "why": swelling(150, f"{number} ")}


def longest_answers(file: ProgrammeFile, role: Role) -> dict[str, Any]:
    return {question.id: _longest_answer(question) for question in file.questions_for(role)}


def _longest_answer(question: Question) -> Any:
    if question.kind == "choice":
        return question.options[-1]
    if question.kind == "choices":
        return list(question.options)
    return str(question.most) if question.kind == "number" else swelling(question.most)


@dataclass
class Story:
    """Use cases over a real database; each message is rendered when it is put in the outbox."""

    bot: MentorBot
    clock: VirtualClock
    locale: str
    seen: dict[MessageKind, list[Rendered]] = field(default_factory=dict)
    rendered: set[str] = field(default_factory=set)

    def act(self, use_case: Any, *args: Any, **values: Any) -> Any:
        with self.bot.store.begin(WORKSPACE) as tx:
            result = use_case(tx, *args, **values)
        with self.bot.store.read(WORKSPACE) as tx:
            for message in tx.session.scalars(select(Message)):
                if message.message_id not in self.rendered:
                    self.rendered.add(message.message_id)
                    self.seen.setdefault(message.kind, []).append(render(tx, message, INVITE_URL))
        return result

    def pass_days(self, days: int) -> None:
        for _day in range(days):
            self.clock.set(self.clock() + timedelta(days=1))
            while self._do_what_is_due():
                pass

    def _do_what_is_due(self) -> bool:
        with self.bot.store.read(WORKSPACE) as tx:
            found = tick.due(tx, self.clock())
        for item in found:
            now = self.clock()
            foreseen = self.act(tick.foresee, item, now) if item.needs_foresight else None
            self.act(tick.handle, item, now, foreseen)
        return bool(found)

    def person(self, slack_user_id: str) -> Person:
        return Person(
            WORKSPACE, slack_user_id, swelling(255), locale=self.locale, seen_at=self.clock()
        )

    def join(self, file: ProgrammeFile, slack_user_id: str, role: Role) -> None:
        self.act(membership.joined, self.person(slack_user_id), self.clock())
        given = longest_answers(file, role)
        self.act(save_form, "img", slack_user_id, role, given)
        now = self.clock()
        self.act(acknowledge, "img", slack_user_id, role, 1, now)
        self.clock.set(now + timedelta(minutes=1))


def _pairing_of(tx: Transaction, slack_user_id: str) -> str:
    found = participants.of_person(tx, "img", slack_user_id)
    assert found is not None
    return pairings.of_participant(tx, found.participant_id)[-1].pairing_id


def live_through(story: Story) -> None:
    """Everything that makes the bot speak."""
    act, clock, file = story.act, story.clock, longest_file(story.locale)
    act(admin.know_workspace, "W" * 200, "U0BOT", clock())
    act(membership.joined, story.person(COORDINATOR), clock())
    act(admin.set_up, file, CHANNEL, COORDINATOR, clock())
    for mentee in MENTEES:
        story.join(file, mentee, Role.MENTEE)
    story.join(file, MENTOR, Role.MENTOR)
    story.join(file, "U0MENTOR00001", Role.MENTOR)
    waiting = [f"U0WAITING00{n:02d}" for n in range(3)]
    for slack_user_id in waiting:
        story.join(file, slack_user_id, Role.MENTOR)
    for slack_user_id in ("U0MENTOR00001", waiting[0]):
        act(leave, "img", slack_user_id, clock())
    act(membership.joined_channel, waiting[0], CHANNEL, clock())
    act(admin.update, longest_file(story.locale, 2), COORDINATOR, clock())
    story.pass_days(5)
    pairing_id = act(_pairing_of, MENTEES[0])
    act(check_ins.answer, pairing_id, 1, MENTEES[0], CheckInAnswer.HELP, clock())
    act(check_ins.answer, pairing_id, 1, MENTOR, CheckInAnswer.MET, clock())
    day = clock().date()
    act(meetings.log, pairing_id, MENTOR, Told(day, 719, Format.IN_PERSON, day), clock())
    agreed = {f"q{n}": swelling(3000) for n in range(12)}
    act(agreements.write, pairing_id, MENTEES[0], agreed, 0, clock())
    act(agreements.sign, pairing_id, MENTOR, 1, clock())
    act(pauses.pause, "img", MENTEES[1], 3, clock())
    story.pass_days(4)
    story.pass_days(3)
    act(check_ins.answer, pairing_id, 2, MENTOR, CheckInAnswer.MET, clock())
    story.pass_days(7)
    act(check_ins.answer, pairing_id, 3, MENTOR, CheckInAnswer.MET, clock())
    story.pass_days(6)
    words = {"helped_with": swelling(1500), "could_improve": swelling(1500)}
    act(closing.give_feedback, pairing_id, MENTEES[0], rating=5, now=clock(), **words)
    act(closing.choose, pairing_id, MENTEES[0], NextCycle.OPT_OUT, clock())
    act(leave, "img", MENTEES[2], clock())
    ended = act(_pairing_of, MENTEES[3])
    act(pace.set_cadence, ended, MENTEES[3], "three_weeks", clock())
    why = {"reason": swelling(1000), "wish": Wish.AGAIN}
    act(ending.end_pair, ended, MENTEES[3], now=clock(), **why)
    _report(story)
    _get_to_know(story)
    _apply(story)
    _work_as_a_team(story)
    act(_go_on_as_group)
    act(_introduce_by_mail)
    for kind in MessageKind:
        act(_give_up, kind)
    story.pass_days(6)
    _draw(story)
    _live_by_dates(story)
    _choose_by_ballot(story)
    _review_pairs(story)
    _attend(story)
    _ask_mentors(story)
    _survey(story)


def _report(story: Story) -> None:
    """A concern that nobody reads for a while, then a case from its beginning to its end."""
    act, clock = story.act, story.clock
    told = Reported(ConcernKind.OTHER, swelling(2500), (MENTEES[5],), is_immediate=True)
    concern, _count = act(concerns.report, "img", MENTEES[4], told, clock())
    story.pass_days(1)
    act(concerns.hold, concern.concern_id, COORDINATOR, clock())
    act(concerns.release, concern.concern_id, COORDINATOR, clock())
    act(concerns.end, concern.concern_id, COORDINATOR, clock())
    words = swelling(2500)
    act(concerns.write, concern.concern_id, COORDINATOR, words, clock(), closes=True)
    case = act(concerns.look, concern.concern_id, COORDINATOR, clock())
    open_case = replace(case, concern=replace(case.concern, closed_at=None), can_hold=True)
    for shown in (case, open_case):
        view = case_view(shown, "Europe/London", partial(say, locale=story.locale), story.locale)
        validate_view(view, surface="modal")


def _get_to_know(story: Story) -> None:
    """A question without a name and its answer, introductions, and somebody who came by a code."""
    act, clock = story.act, story.clock
    key = ("img", Role.MENTOR)
    with story.bot.store.read(WORKSPACE) as tx:
        mentors = [it.slack_user_id for it in participants.active_in_role(tx, *key)]
        mentees = participants.active_in_role(tx, "img", Role.MENTEE)
        running = [(it, pairings.of_participant(tx, it.participant_id)) for it in mentees]
        paired, (pair, *_others) = next((it, found) for it, found in running if found)
        members = pairings.members(tx, pair.pairing_id)
    mentor, mentee = members[0].slack_user_id, paired.slack_user_id
    other = next(it for it in mentors if it != mentor)
    for who in mentors:
        act(anonymous.toggle, "img", who, clock())
    question = act(anonymous.ask, "img", mentee, swelling(1000), clock())
    with story.bot.store.read(WORKSPACE) as tx:
        told = [it.participant_id for it in stored_anonymous.relays(tx, question.question_id)]
        by_id = participants.users(tx, told)
    act(anonymous.answer, question.question_id, by_id[told[0]], swelling(2000), clock())
    for last in (acquaintances.agree, acquaintances.decline):
        wish = ("img", mentor, paired.participant_id, other, swelling(1000), clock())
        found = act(acquaintances.propose, *wish)
        act(acquaintances.agree, found.held.acquaintance_id, mentee, clock())
        act(last, found.held.acquaintance_id, other, clock())
    code = act(recommending.code_of, "img", mentor, clock())
    act(recommending.come_by, "U0CAMEBY0000", code, clock())
    new, file = "U0CAMEBY0000", longest_file(story.locale, 2)
    act(membership.joined, story.person(new), clock())
    act(save_form, "img", new, Role.MENTEE, longest_answers(file, Role.MENTEE))
    act(acknowledge, "img", new, Role.MENTEE, 2, clock())
    act(pauses.pause, "img", new, 60, clock())


def _survey(story: Story) -> None:
    """A mandatory survey with the longest words, answered by one, and its answers as a file."""
    act, clock = story.act, story.clock
    file = file_of_surveys(story.locale, clock().date())
    act(admin.set_up, file, "C0SURVEYS00", COORDINATOR, clock())
    for who in MENTEES[:2]:
        act(save_form, file.id, who, Role.MENTEE, longest_answers(file, Role.MENTEE))
        act(acknowledge, file.id, who, Role.MENTEE, 1, clock())
    story.pass_days(2)
    with story.bot.store.read(WORKSPACE) as tx:
        (held,) = stored_surveys.of_programme(tx, file.id)
    given = {f"q{n}": swelling(3000) for n in range(30)}
    act(surveys.respond, held.survey_id, MENTEES[0], given, clock())
    act(calendar.ask_for_file, file.id, MENTEES[0], clock())
    story.pass_days(9)
    act(_asks_for_file, held.survey_id, clock())
    story.pass_days(6)


def file_of_surveys(locale: str, today: date) -> ProgrammeFile:
    """A programme with a survey on the day after one, at every limit."""
    data = longest_file(locale).model_dump(mode="json") | {"id": "surveys", "application": None}
    data["form"] = [it for it in data["form"] if not it["sensitive"]]
    asked = {"kind": "long_text", "most": 3000, "label": swelling(150), "hint": swelling(150)}
    survey = {"id": "s", "title": swelling(150), "intro": swelling(2500), "mandatory": True}
    survey |= {"opens_on": (today + timedelta(days=1)).isoformat(), "days": 14}
    data["surveys"] = [survey | {"questions": [asked | {"id": f"q{n}"} for n in range(30)]}]
    return ProgrammeFile.model_validate(data)


def _asks_for_file(tx: Transaction, survey_id: str, now: datetime) -> None:
    tx.meant = lambda _tx: "surveys"
    surveys.ask_for_file(tx, survey_id, COORDINATOR, now)


def _ask_mentors(story: Story) -> None:
    """Requests that are declined, withdrawn, returned and expired, with the longest words."""
    act, clock = story.act, story.clock
    file = file_of_requests(story.locale)
    act(admin.set_up, file, "C0REQUESTS0", COORDINATOR, clock())
    mentors = [MENTOR, "U0ASKED000001", "U0ASKED000002", "U0ASKED000003"]
    for who, role in (*((it, Role.MENTOR) for it in mentors), (MENTEES[0], Role.MENTEE)):
        act(membership.joined, story.person(who), clock())
        act(save_form, file.id, who, role, longest_answers(file, role))
        act(acknowledge, file.id, who, role, 1, clock())
    asked = [act(_asks, who, clock()) for who in mentors]
    act(requests.decline, asked[0], mentors[0], None, clock())
    act(requests.withdraw, asked[1], MENTEES[0], clock())
    act(pauses.pause, file.id, mentors[2], 9, clock())
    pairing_id = act(_accepts, asked[3], mentors[3], clock()).pairing_id
    act(pace.propose, pairing_id, MENTEES[0], 12, clock())
    act(pace.decline, pairing_id, mentors[3], 1, clock())
    act(pace.propose, pairing_id, mentors[3], 12, clock())
    act(pace.agree, pairing_id, MENTEES[0], 2, clock())


def _accepts(tx: Transaction, request_id: str, mentor: str, now: datetime) -> Pairing:
    tx.meant = lambda _tx: "requests"
    return requests.accept(tx, request_id, mentor, now)


def file_of_requests(locale: str) -> ProgrammeFile:
    """An evergreen programme in which mentees ask mentors, with the longest answers."""
    data = longest_file(locale).model_dump(mode="json") | {"id": "requests", "application": None}
    data["form"] = [it for it in data["form"] if not it["sensitive"]]
    data["matching"] = {"mode": "request", "requests": {"open_at_once": 10, "partners_at_once": 10}}
    data["cycle"] = {"days": 60, "repeats": "evergreen"}
    data["extension"] = {"months": [6, 12]}
    return ProgrammeFile.model_validate(data)


def _asks(tx: Transaction, mentor: str, now: datetime) -> str:
    tx.meant = lambda _tx: "requests"
    found = participants.of_person(tx, "requests", mentor)
    assert found is not None
    made = requests.ask(tx, MENTEES[0], found.participant_id, swelling(1000), now)
    return made.request_id


def _attend(story: Story) -> None:
    """A required session with one place: moved, called off and held, with a yes too many."""
    act, clock = story.act, story.clock
    file = file_of_sessions(story.locale, clock().date())
    act(admin.set_up, file, "C0SESSIONS0", COORDINATOR, clock())
    for who, role in ((MENTOR, Role.MENTOR), *((it, Role.MENTEE) for it in MENTEES[:2])):
        act(save_form, file.id, who, role, longest_answers(file, role))
        act(acknowledge, file.id, who, role, 1, clock())
    story.pass_days(2)
    with story.bot.store.read(WORKSPACE) as tx:
        held = [it.session_id for it in stored_sessions.of_programme(tx, file.id)]
    for session_id in held:
        for who in (MENTOR, MENTEES[0]):
            act(attending.answer, session_id, who, is_coming=True, now=clock())
    act(sessions.move, held[0], COORDINATOR, clock() + timedelta(days=1), clock())
    story.pass_days(1)
    act(sessions.call_off, held[1], COORDINATOR, clock())
    story.pass_days(9)


def file_of_sessions(locale: str, today: date) -> ProgrammeFile:
    """A programme with sessions some days away, whose words are as long as can be."""
    data = longest_file(locale).model_dump(mode="json") | {"id": "sessions", "application": None}
    data["form"] = [it for it in data["form"] if not it["sensitive"]]
    session = {"kind": "support_group", "at": "12:00", "places": 1, "invite_days": 2}
    session |= {"title": swelling(150), "about": swelling(2500), "place": swelling(150)}
    session |= {"link": "https://a.uk/" + "x" * 487, "presence": "required"}
    session |= {"make_up": swelling(2500)}
    data["sessions"] = [
        session | {"id": f"s{number}", "on": (today + timedelta(days=3 + number)).isoformat()}
        for number in range(3)
    ]
    return ProgrammeFile.model_validate(data)


def _introduce_by_mail(tx: Transaction) -> None:
    """A letter to the mentee of a pair, by the longest application that there is."""
    pairing_id = _pairing_of(tx, MENTEES[0])
    mentee = pairings.members(tx, pairing_id)[-1]
    application = next(it for it in tx.session.scalars(select(Application)) if it.email)
    enqueue(
        tx,
        MessageKind.INTRODUCTION_LETTER,
        [by_mail(application.application_id)],
        programme_id="img",
        subject="letter",
        now=MONDAY,
        pairing_id=pairing_id,
        application_id=application.application_id,
        state=str(application.state),
        member=mentee.participant_id,
    )


def _go_on_as_group(tx: Transaction) -> None:
    enqueue(
        tx,
        MessageKind.GROUP_GOES_ON,
        [MENTOR, *MENTEES[:6]],
        programme_id="img",
        subject="group",
        now=MONDAY,
        pairing_id=_pairing_of(tx, MENTEES[0]),
        leaver="U" * 20,
    )


def _draw(story: Story) -> None:
    """One place for two: one of them gets it, and one does not."""
    act, now = story.act, story.clock()
    act(_in_img, selecting.commit, Role.MENTOR, COORDINATOR, now)
    act(_all_is_sent)
    act(_in_img, selecting.draw, Role.MENTOR, "&" * 200, COORDINATOR, now)
    story.pass_days(1)


def _in_img(tx: Transaction, use_case: Any, *args: Any) -> None:
    use_case(tx, participants.programme(tx, "img"), *args)


def _all_is_sent(tx: Transaction) -> None:
    for message in tx.session.scalars(select(Message)):
        message.state = MessageState.SENT


def file_of_dates(locale: str, today: date) -> ProgrammeFile:
    """A programme whose dates lie ahead of a day, with stages."""

    def on(days: int) -> str:
        return (today + timedelta(days=days)).isoformat()

    guide = {"title": swelling(150), "text": swelling(2500)}
    stages = [
        {"id": f"s{number}", "name": swelling(75, f"{number} "), "months": 1, "guide": guide}
        | {"starters": [swelling(2500)] * 20}
        for number in range(10)
    ]
    stages[8]["then"] = "s9"
    data = longest_file(locale).model_dump(mode="json") | {
        "id": "dates",
        "stages": stages,
        "matching": {"mode": "best", "on": on(12), "by": on(13)},
        "cycle": {"starts_on": on(20), "ends_on": on(55), "join_until_day": 7, "repeats": "once"},
    }
    data["application"] = {
        "opens_on": on(2),
        "closes_on": on(6),
        "next_opens_on": on(30),
        "validation": "none",
    }
    data["advisers"] = None
    data["form"] = [it for it in data["form"] if it["id"] != "capacity"]
    return ProgrammeFile.model_validate(data)


def _live_by_dates(story: Story) -> None:
    """From the wish to hear of the opening to the end of a programme."""
    act, clock = story.act, story.clock
    file = file_of_dates(story.locale, clock().date())
    act(admin.set_up, file, "C0DATES0000", COORDINATOR, clock())
    act(_in_dates, applying.tell_when_open, MENTEES[0], clock())
    story.pass_days(2)
    act(_in_dates, applying.save, MENTEES[0], Role.MENTEE, {}, clock())
    story.pass_days(5)
    for who, role in ((MENTOR, Role.MENTOR), (MENTEES[1], Role.MENTEE), (MENTEES[2], Role.MENTEE)):
        answers = longest_answers(file, role)
        if role is Role.MENTEE:
            answers["stage"] = file.stages[8].name
        act(_is_selected, file, who, role, answers, clock())
        act(acknowledge, "dates", who, role, 1, clock())
    story.pass_days(70)


def _in_dates(tx: Transaction, use_case: Any, *args: Any) -> None:
    use_case(tx, participants.programme(tx, "dates"), *args)


def _is_selected(
    tx: Transaction,
    file: ProgrammeFile,
    who: str,
    role: Role,
    answers: dict[str, Any],
    now: datetime,
) -> None:
    selected = ApplicationState.SELECTED
    found = Application(WORKSPACE, f"dates {who}", "dates", 1, role, "import", selected, now)
    found.slack_user_id, found.answers = who, file.check_answers(role, answers)
    placing.offer(tx, tx.add(found))


def _choose_by_ballot(story: Story) -> None:
    """A ballot that comes to nothing, and one that somebody opens."""
    act, clock = story.act, story.clock
    file = file_of_ballots(story.locale, clock().date())
    act(admin.set_up, file, "C0BALLOTS00", COORDINATOR, clock())
    story.pass_days(3)
    for who, role in ((MENTOR, Role.MENTOR), *((it, Role.MENTEE) for it in MENTEES[:3])):
        act(save_form, file.id, who, role, longest_answers(file, role))
        act(acknowledge, file.id, who, role, 1, clock())
    ballot = act(ballots.open_ballot, file, COORDINATOR, clock())
    story.pass_days(1)
    act(_votes_for, MENTEES[0], ballot.ballot_id, MENTOR, clock())
    act(pauses.pause, file.id, MENTOR, 9, clock())
    story.pass_days(2)


def _review_pairs(story: Story) -> None:
    """Pairs are proposed, reviewed until after the deadline and found anew; then one returns."""
    act, clock = story.act, story.clock
    on, by = ((clock().date() + timedelta(days=it)).isoformat() for it in (1, 4))
    data = longest_file(story.locale).model_dump(mode="json")
    data |= {"id": "reviews", "application": None}
    data["form"] = [it for it in data["form"] if not it["sensitive"]]
    review = {"approvals": 1}
    data["matching"] |= {"mode": "best", "on": on, "by": by, "late": None, "review": review}
    file = ProgrammeFile.model_validate(data)
    act(admin.set_up, file, "C0REVIEWS00", COORDINATOR, clock())
    for who, role in ((MENTOR, Role.MENTOR), (MENTEES[0], Role.MENTEE)):
        act(save_form, file.id, who, role, longest_answers(file, role))
        act(acknowledge, file.id, who, role, 1, clock())
    story.pass_days(5)
    shown = act(_among_reviews, match_review.look, COORDINATOR, clock()).shown
    act(_among_reviews, match_review.start_over, COORDINATOR, shown, clock())
    story.pass_days(3)
    act(_among_reviews, match_review.approve, COORDINATOR, shown, clock())
    act(_among_reviews, _edit_of_another, shown, clock())
    act(_among_reviews, match_review.approve, COORDINATOR, shown, clock())
    act(pauses.pause, file.id, MENTOR, 9, clock())
    act(_among_reviews, match_review.send, COORDINATOR, shown, clock())
    story.pass_days(3)
    whats = {it.params["what"] for it in act(_asked_to_review)}
    assert whats == {"made", "due", "anew", "edited", "approved", "returned"}


def _among_reviews(tx: Transaction, use_case: Any, *args: Any) -> Any:
    tx.meant = lambda _tx: "reviews"
    return use_case(tx, *args)


def _edit_of_another(tx: Transaction, shown: str, now: datetime) -> None:
    """Somebody else has put the same two together, and the approval is cleared."""
    file, draft = match_review.held(tx, COORDINATOR)
    match_review.put(tx, file, draft, draft.proposals or [], MENTEES[5], "together", now)
    assert match_review.look(tx, COORDINATOR, now).shown == shown


def _asked_to_review(tx: Transaction) -> list[Message]:
    return list(
        tx.session.scalars(select(Message).where(Message.kind == MessageKind.MATCHING_REVIEW))
    )


def file_of_ballots(locale: str, today: date) -> ProgrammeFile:
    """A programme with a ballot that opens on the day after one, and a matching soon after."""
    data = longest_file(locale).model_dump(mode="json") | {"id": "ballots", "application": None}
    opens_on, on = ((today + timedelta(days=days)).isoformat() for days in (1, 2))
    ballot = {"choices": 10, "hours": 72, "reminder_hours": 30, "opens_on": opens_on}
    data["matching"] = {"mode": "ranked", "on": on, "ballot": ballot}
    data["form"] = [it for it in data["form"] if not it["sensitive"]]
    return ProgrammeFile.model_validate(data)


def _votes_for(tx: Transaction, voter: str, ballot_id: str, chosen: str, now: datetime) -> None:
    tx.meant = lambda _tx: "ballots"
    found = participants.of_person(tx, "ballots", chosen)
    assert found is not None
    voting.vote(tx, voter, ballot_id, [found.participant_id], now)


def _work_as_a_team(story: Story) -> None:
    """Somebody is given every role and loses them; an adviser is asked."""
    act, now, specialty = story.act, story.clock(), swelling(75, "99 ")
    for role in TeamRole:
        wanted = {"specialty": specialty if role is TeamRole.ADVISER else ""}
        act(team.appoint, "img", MENTEES[7], role, COORDINATOR, now, **wanted)
    act(advice.ask, "img", specialty, MENTEES[6], swelling(1000), now)
    for number in range(24):
        whose = (WORKSPACE, "img", f"U0GONE{number:04}", TeamRole.ADVISER)
        act(appointments.appoint, Appointment(*whose, swelling(75, str(number)), now, "U1"))
    act(_drops_specialties, now)
    act(team.appoint, "img", MENTEES[7], TeamRole.ADVISER, COORDINATOR, now, specialty=specialty)
    act(team.dismiss, "img", MENTEES[7], TeamRole.VIEWER, COORDINATOR, now)
    act(team.lost, MENTEES[7], now)
    act(team.appoint, "img", MENTEES[7], TeamRole.OWNER, COORDINATOR, now)
    act(team.dismiss, "img", COORDINATOR, TeamRole.OWNER, COORDINATOR, now)
    act(team.appoint, "img", COORDINATOR, TeamRole.COORDINATOR, MENTEES[7], now)
    act(team.lost, MENTEES[7], now)


def _drops_specialties(tx: Transaction, now: datetime) -> None:
    programme = participants.programme(tx, "img")
    assert programme is not None
    file = parse_stored(programme.definition).model_copy(update={"advisers": None})
    team.drop_specialties(tx, file, COORDINATOR, now)


def _apply(story: Story) -> None:
    """One application for each thing that can become of it."""
    act, now = story.act, story.clock()
    act(_take_in, "declined", MENTEES[3], Role.MENTEE, now)
    for reviewed in (MENTEES[2], MENTEES[5]):
        act(_take_in, reviewed, reviewed, Role.MENTEE, now, verdict=Verdict.NEAR_MISS)
        act(reviewing.ask, COORDINATOR, reviewed, 0, swelling(1500), now)
        act(applying.reply, reviewed, reviewed, swelling(1500), now)
        facts = [f"f{n}" for n in range(10)]
        act(reviewing.verify, COORDINATOR, reviewed, 2, facts, now)
        act(reviewing.approve, COORDINATOR, reviewed, 3, now)
    for drawn, who in (("drawn", MENTOR), ("not drawn", MENTEES[7])):
        act(_take_in, drawn, who, Role.MENTOR, now, verdict=Verdict.NEAR_MISS)
        act(reviewing.verify, COORDINATOR, drawn, 0, facts, now)
        act(reviewing.approve, COORDINATOR, drawn, 1, now)
    act(_take_in, "refused", MENTEES[6], Role.MENTEE, now, verdict=Verdict.NEAR_MISS)
    act(reviewing.decline, COORDINATOR, "refused", 0, swelling(1500), now)
    act(_hear_by_mail, now)
    act(_comes_from_elsewhere, MENTEES[6], now)
    act(_hands_files_in, now)


def _take_in(
    tx: Transaction,
    application_id: str,
    who: str,
    role: Role,
    now: datetime,
    verdict: Verdict | None = None,
) -> None:
    """An application from elsewhere: decided by the rules, or left to be reviewed."""
    programme = participants.programme(tx)
    assert programme is not None
    file = parse_stored(programme.definition)
    waits = ApplicationState.IN_REVIEW
    found = Application(WORKSPACE, application_id, "img", 1, role, "import", waits, now)
    found.slack_user_id, found.name = who, swelling(255)
    found.answers = file.check_answers(role, longest_answers(file, role))
    tx.add(found)
    if verdict is None:
        applying.submit(tx, file, found, {}, now)
    else:
        found.verdict, found.submitted_at = verdict, now


def _comes_from_elsewhere(tx: Transaction, who: str, now: datetime) -> None:
    """Somebody's address is found in Slack under which they have applied elsewhere."""
    _take_in(tx, "elsewhere", who, Role.MENTOR, now, verdict=Verdict.NEAR_MISS)
    found = tx.session.get_one(Application, (WORKSPACE, "elsewhere"))
    found.slack_user_id, found.email = None, "elsewhere@example.org"
    tx.session.flush()
    inviting.link(tx, {"elsewhere@example.org": who}, now)


def _hands_files_in(tx: Transaction, now: datetime) -> None:
    """Files of which nothing, or a little of everything, could be taken."""
    faults = tuple(Fault(swelling(150), "form.not_on_offer") for _question in range(20))
    report = Report(rows=100_000, new=1, rejected=99_999)
    report.reject([Rejected(number, faults, ()) for number in range(100_000, 100_050)])
    report.states.update(map(str, ApplicationState))
    for number in range(3):
        handing_in.hand_in(tx, "img", "mentee", f"F{number}", "", COORDINATOR, now)
    runs = [handing_in.take(tx, now) for _number in range(3)]
    assert all(runs)
    handing_in.done(tx, runs[0], report, [swelling(500, str(n)) for n in range(30)], now)
    listed = Listed(100_000, 100_000, 100_000, tuple(range(100_000, 100_020)), 100_000)
    handing_in.listed(tx, runs[1], "x" * 40, listed, now)
    values = {"column": swelling(500), "meant": swelling(500), "near": "x" * 40}
    handing_in.refused(tx, runs[2], errors.ImportRefused("imports.no_such_question", **values), now)


def _hear_by_mail(tx: Transaction, now: datetime) -> None:
    """One who applied elsewhere for each thing that can become of it."""
    programme = participants.programme(tx, "img")
    assert programme is not None
    file = parse_stored(programme.definition)
    for number, (state, kind) in enumerate([*placing.TOLD.items(), *placing.TOLD.items()]):
        role, name = Role.MENTEE, f"elsewhere {number}"
        found = Application(WORKSPACE, name, "img", 1, role, "import", state, now)
        found.name, found.email = swelling(255), f"{number:242}@example.org".replace(" ", "x")
        found.submitted_at = now
        found.decision_reason = swelling(1500) if number < len(placing.TOLD) else None
        found.reasons = [["eligibility.why", {"why": swelling(150)}]] * 50
        placing.tell(tx, file, tx.add(found), kind, now)


def _give_up(tx: Transaction, kind: MessageKind) -> None:
    found = [MENTOR, *MENTEES[:7]] if kind is MessageKind.INTRODUCTION else [CHANNEL]
    tell_coordinators(
        tx,
        MessageKind.UNREACHABLE,
        programme_id="img",
        subject=str(kind),
        now=MONDAY,
        whom=found,
        what=str(kind),
        why="x" * 200,
        about=found[0],
        in_doubt=kind is MessageKind.INTRODUCTION,
    )


@pytest.fixture(scope="module", params=languages())
def story(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("long")
    clock = VirtualClock(MONDAY)
    settings = demo_settings(folder, "http://127.0.0.1:9/", "x", "y")
    bot = build(settings, clock=clock, rng=random.Random(1))
    migration.upgrade(bot.store.engine)
    told = Story(bot, clock, request.param)
    live_through(told)
    yield told
    bot.store.close()


CUT_THROUGH = re.compile(r"(?:&[a-z]*|<[^<>]*)…$")


def check_cuts(node: Any) -> None:
    """No text ends in half an entity, mention or link."""
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            assert not CUT_THROUGH.search(node["text"]), node["text"][-40:]
        for value in node.values():
            check_cuts(value)
    elif isinstance(node, list):
        for value in node:
            check_cuts(value)


@pytest.mark.parametrize("kind", MessageKind)
def test_the_longest_message_of_each_kind_is_valid(story: Story, kind: MessageKind) -> None:
    assert story.seen.get(kind), "nothing in the story makes the bot say this"
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": "0" * 20}}
    for rendered in story.seen[kind]:
        if rendered.letter is not None:
            compose(rendered.letter, "MentorBot <mentorbot@example.org>", "0" * 32, MONDAY)
            continue
        shown = {"text": rendered.text, "blocks": rendered.blocks, "metadata": metadata}
        validate_posted(shown)
        assert rendered.text.strip()
        check_cuts(rendered.blocks)


def test_the_longest_certificate_is_a_page(story: Story) -> None:
    (certificate, *_more) = story.seen[MessageKind.CERTIFICATE]
    assert certificate.attachment is not None
    assert certificate.attachment.content.startswith(b"%PDF")
    assert len(certificate.attachment.name) <= 255


def _with_standing(story: Story, slack_user_id: str) -> dict[str, Any]:
    with story.bot.store.read(WORKSPACE) as tx:
        return home.home_view(standing(tx, slack_user_id, story.clock()), story.locale)


@pytest.mark.parametrize("who", [MENTOR, *MENTEES, COORDINATOR, "U0WAITING0002", "U0STRANGER000"])
def test_the_longest_home_is_valid(story: Story, who: str) -> None:
    view = _with_standing(story, who)
    validate_view(view, surface="home")
    check_cuts(view)


@pytest.mark.parametrize("role", Role)
def test_the_longest_forms_of_a_role_are_valid(story: Story, role: Role) -> None:
    file = longest_file(story.locale)
    with story.bot.store.read(WORKSPACE) as tx:
        held = participants.of_person(tx, "img", MENTOR if role is Role.MENTOR else MENTEES[0])
    assert held is not None
    assert held.answers
    for is_new in (True, False):
        for known in (None, held):
            view = enrolment.form_view(file, role, known, story.locale, new=is_new)
            validate_view(view, surface="modal")
    view = enrolment.guidelines_view(role, file.guidelines[role], file.guides[role], story.locale)
    validate_view(view, surface="modal")
    check_cuts(view)


def test_the_longest_steps_of_a_draw_are_valid(story: Story) -> None:
    file, say_it = longest_file(story.locale), partial(say, locale=story.locale)
    with story.bot.store.read(WORKSPACE) as tx:
        (drawn,) = draws.every(tx)
    lottery = selecting.lottery_of(file, Role.MENTOR)
    prospect = selecting.Prospect(Role.MENTOR, lottery, lottery.rules(), 100_000, 100_000)
    for view in (
        selection_surface.commit_view(prospect, say_it),
        selection_surface.seed_view(drawn, say_it),
        selection_surface.draw_view(drawn, "&" * selection_surface.SEED_MOST, say_it),
        selection_surface.outcome_view(drawn, say_it),
    ):
        validate_view(view, surface="modal")
        check_cuts(view)


def test_the_longest_forms_of_a_meeting_are_valid(story: Story) -> None:
    rules, say_it = longest_file(story.locale).meetings, partial(say, locale=story.locale)
    assert rules is not None
    day = story.clock().date()
    partners = [blocks.option(swelling(255), f"{n:040}") for n in range(100)]
    told = Told(day, 719, Format.IN_PERSON, day)
    found = Meeting(WORKSPACE, "x" * 40, "x" * 40, *told, "x" * 40, story.clock())
    for view in (
        meetings_surface.meeting_view(rules, told, partners, say_it),
        meetings_surface.correction_view(rules, found, say_it),
    ):
        validate_view(view, surface="modal")
        check_cuts(view)


def test_the_longest_pairs_before_a_reviewer_are_valid(story: Story) -> None:
    """As many as a page holds, on a page between two others, with every button and line."""
    locale = story.locale
    everyone = [f"U{number:010}" for number in range(MOST_APPROVALS)]
    reasons = [{"question": str(it), "shared": [swelling(75)] * 9} for it in range(9)]
    pairs = [
        ProposedPair(
            *everyone[:2],
            reasons,
            bool(number % 2),
            *("x" * 40, "y" * 40),
            ((everyone[2], swelling(300)),) * 9,
        )
        for number in range(3 * match_review_surface.PAIRS_ON_PAGE)
    ]
    left = dict.fromkeys(Role, 9999)
    for needed in (0, 2):
        found = InReview(
            longest_file(locale),
            tuple(pairs),
            "f" * 64,
            tuple(everyone),
            needed,
            1,
            left,
            may_send=True,
            by=story.clock().date(),
            can_undo=True,
        )
        for page in range(3):
            for reader in ("U1", everyone[0]):
                say_it = partial(say, locale=locale)
                shown = match_review_surface.review_view(found, reader, page, say_it, locale)
                validate_view(shown, surface="modal")
                check_cuts(shown)


def test_the_longest_change_of_a_pair_is_valid(story: Story) -> None:
    say_it, metadata = partial(say, locale=story.locale), " ".join(["x" * 64] * 6)
    pairs = (("U0123456789", "U9876543210"),) * 60
    options = [Option(way, [], pairs, pairs, 9_999_999) for way in Way]
    for view in (
        match_edits_surface.change_view(metadata, say_it),
        match_edits_surface.weighed_view(
            Weighed(9999, 9_999_999, tuple(options), 20), "U0", metadata, say_it, story.locale
        ),
    ):
        validate_view(view, surface="modal")
        check_cuts(view)


def test_the_longest_goals_are_valid(story: Story) -> None:
    rules, say_it = longest_file(story.locale).goals, partial(say, locale=story.locale)
    assert rules is not None
    now, text = story.clock(), swelling(MOST_CHARACTERS)
    written = [
        Written(Goal(WORKSPACE, f"{n:040}", "m", kind, "", is_shared=True, made_at=now), text)
        for n in range(MOST_OPEN)
        for kind in GoalKind
    ]
    done = [
        Written(replace(it.goal, done_at=now), text) for it in written[: goals_surface.DONE_SHOWN]
    ]
    for view in (
        goals_surface.own_view(rules, [*written[:MOST_OPEN], *done], say_it),
        goals_surface.own_view(rules, [], say_it),
        goals_surface.shared_view([("U0123456789", written)] * 3, say_it),
        goals_surface.goal_view(say_it, GoalKind.ACTION, text, ["done"], metadata="x" * 40),
    ):
        validate_view(view, surface="modal")
        check_cuts(view)


def test_the_longest_confidential_form_is_valid(story: Story) -> None:
    file = longest_file(story.locale)
    asked = [
        sensitive.Asked(question, story.clock(), is_open=True)
        for question in file.sensitive_for(Role.MENTOR) * 10
    ]
    with story.bot.store.read(WORKSPACE) as tx:
        drawn = tx.get(Application, "drawn")
    assert drawn is not None
    view = sensitive_surface.form_view(file, drawn, asked[:2], story.locale)
    validate_view(view, surface="modal")
    check_cuts(view)


def test_the_longest_equity_report_is_valid(story: Story) -> None:
    say_it = partial(say, locale=story.locale)
    counts = {swelling(1000, f"{n} "): [LEAST * 10**6] * len(STAGES) for n in range(90)}
    (question, *_more) = longest_file(story.locale).sensitive_for(Role.MENTOR)
    report = equity_report.Report(Role.MENTOR, question, table(counts))
    shown = equity_surface.reports_shown([report] * 9, say_it, story.locale)
    validate_message({"text": "Equity", "blocks": shown})
    check_cuts(shown)


def test_the_longest_view_of_a_team_is_valid(story: Story) -> None:
    file, now = longest_file(story.locale), story.clock()
    specialties = file.specialties
    found = [
        Appointment(WORKSPACE, "img", "U0123456789", TeamRole.ADVISER, specialty, now, "U1")
        for specialty in specialties[: team_surface.MEMBERS_SHOWN]
    ]
    say_it = partial(say, locale=story.locale)
    for may in ALLOWED[TeamRole.OWNER], ALLOWED[TeamRole.COORDINATOR]:
        view = team_surface.team_view(file, found, may, say_it)
        validate_view(view, surface="modal")
        check_cuts(view)


def test_the_longest_list_of_advisers_is_valid(story: Story) -> None:
    known = longest_file(story.locale).specialties
    found = {it: [f"U0ADVISER{n:02d}" for n in range(40)] for it in known[: advice_surface.SHOWN]}
    say_it = partial(say, locale=story.locale)
    shown = advice_surface.adviser_blocks(found, say_it, story.locale)
    validate_message({"text": "Advisers", "blocks": shown})
    check_cuts(shown)


def test_the_longest_overview_is_valid(story: Story) -> None:
    with story.bot.store.read(WORKSPACE) as tx:
        found = oversight.overviews(tx, COORDINATOR)
    say_it = partial(say, locale=story.locale)
    shown = [it for one in found for it in overview_blocks(one, say_it, story.locale)]
    assert shown
    validate_message({"text": "Programmes", "blocks": shown})
    check_cuts(shown)


@given(st.text(alphabet="&<>@!|ab ", max_size=60), st.integers(min_value=5, max_value=80))
def test_no_cut_goes_through_an_entity_a_mention_or_a_link(text: str, most: int) -> None:
    markup = f"{escape(text)}<@U0123456789>{escape(text)}<https://a.uk|{escape(text)}>"
    cut = blocks.clip_markup(markup, most)
    assert len(cut) <= most
    assert cut == markup or not CUT_THROUGH.search(cut)
    assert cut.count("<") == cut.count(">")


def test_long_lines_fill_as_many_sections_as_they_need() -> None:
    lines = [f"{n} {swelling(1000)}" for n in range(60)]
    made = blocks.bulleted(lines)
    assert len(made) + 2 <= 50
    shown = "\n".join(block["text"]["text"] for block in made)
    assert [line.split()[1] for line in shown.splitlines()] == [str(n) for n in range(60)]
    validate_message({"text": "People", "blocks": made})
