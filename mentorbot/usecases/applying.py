"""Applying for a role: the draft, the decision at its submission, replies, and withdrawing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from mentorbot.domain.admission import ApplicationRules, Lottery
from mentorbot.domain.conditions import EmailDomain, Facts, ListedIn
from mentorbot.domain.eligibility import Verdict, decide
from mentorbot.domain.errors import (
    AddressTaken,
    AlreadyApplied,
    ApplicationsClosed,
    InvalidAnswers,
    NotOpenYet,
    Stale,
)
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Application, ApplicationState, Programme, Role
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.questions import Email
from mentorbot.domain.touchpoints import local_instant
from mentorbot.domain.windows import Opening, opens_at, window_of
from mentorbot.storage import applications, lists, participants, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases import inviting, placing
from mentorbot.usecases.enrolment import check_role_is_new, programme_or_refuse
from mentorbot.usecases.messages import enqueue
from mentorbot.usecases.outlook import has_ended
from mentorbot.usecases.placing import round_of, rules_of

SLACK, SYSTEM = "slack", "system"
UNDECIDED = frozenset({ApplicationState.IN_REVIEW, ApplicationState.ASKED})
RUNNING = UNDECIDED | {
    ApplicationState.APPROVED,
    ApplicationState.SELECTED,
    ApplicationState.WAITING_LIST,
}
"""Where an application may still lead to a place, or has."""


def seems_running(application: Application, *, is_told: bool) -> bool:
    """Whether an application may lead to a place, as far as its applicant is to know."""
    is_secret = application.state is ApplicationState.NOT_SELECTED and not is_told
    return application.state in RUNNING or is_secret


def check_open(file: ProgrammeFile, now: datetime, time_zone: str) -> None:
    """Raises NotOpenYet or ApplicationsClosed outside the days on which applications are taken.

    The days are told by the clock of somebody in a zone.
    """
    found = window_of(file, now, time_zone)
    if found.opening is Opening.EARLY and found.opens_on:
        raise NotOpenYet(on=found.opens_on.isoformat())
    if not found.is_closed or found.closes_on is None:
        return
    told: dict[str, str] = {"on": found.closes_on.isoformat()}
    if found.next_on is not None:
        told["next_on"] = found.next_on.isoformat()
    elif file.contacts:
        asked = file.contacts[0]
        told |= {"contact": asked.name, "title": asked.title}
        told |= {"email": asked.email} if asked.email else {}
    raise ApplicationsClosed(**told)


def opening_heard_at(file: ProgrammeFile, time_zone: str) -> datetime | None:
    """When somebody in a zone hears that applications are open: at their hour, not before it."""
    opening_at = opens_at(file)
    if opening_at is None:
        return None
    on = opening_at.astimezone(ZoneInfo(time_zone)).date()
    heard_at = local_instant(on, file.touchpoints.at, time_zone)
    if heard_at < opening_at:
        heard_at = local_instant(on + timedelta(days=1), file.touchpoints.at, time_zone)
    return heard_at


def tell_when_open(
    tx: Transaction, programme: Programme, slack_user_id: str, now: datetime
) -> date:
    """Let somebody who is early hear when applications open; again is harmless.

    Returns the day. Raises Stale where they have opened meanwhile, NotTakingApplications.
    """
    file = parse_stored(programme.definition)
    round_, zone = round_of(file), placing.zone_of(tx, file, slack_user_id)
    opening_at, heard_at = opens_at(file), opening_heard_at(file, zone)
    if opening_at is None or heard_at is None or opening_at <= now:
        raise Stale
    enqueue(
        tx,
        MessageKind.APPLICATIONS_OPEN,
        [slack_user_id],
        programme_id=file.id,
        subject=f"{file.id}:{round_.cohort}",
        now=now,
        not_before=heard_at,
    )
    return heard_at.astimezone(ZoneInfo(zone)).date()


def begin(
    tx: Transaction, programme: Programme, slack_user_id: str, role: Role, now: datetime
) -> Application | None:
    """The draft with which somebody goes on applying for a role; None where they begin now.

    Raises AlreadyApplied with the role of what still runs, AlreadyInRole, NotOpenYet,
    ApplicationsClosed, NotTakingApplications, and Stale where the programme is over.
    """
    file = parse_stored(programme.definition)
    known = applications.of_person(tx, round_of(file), slack_user_id)
    if has_ended(tx, file):
        raise Stale
    is_told = placing.is_told(tx, file, slack_user_id, now)
    held = check_role_is_new(tx, programme.programme_id, slack_user_id, role)
    for other in known:
        if placing.has_become_role(other, held):
            continue
        if seems_running(other, is_told=is_told):
            raise AlreadyApplied(role=other.role)
    found = next((it for it in known if it.role is role), None)
    if found is not None and not may_apply_again(found):
        raise AlreadyApplied(role=role)
    check_open(file, now, placing.zone_of(tx, file, slack_user_id))
    return found


def may_apply_again(application: Application) -> bool:
    """Whether an application is a draft, or may become one: taken back, or refused by the rules."""
    declined_by_rule = (
        application.state is ApplicationState.DECLINED and application.decided_by == SYSTEM
    )
    kept = (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)
    return application.state in kept or declined_by_rule


def save(
    tx: Transaction,
    programme: Programme,
    slack_user_id: str,
    role: Role,
    given: Mapping[str, Any],
    now: datetime,
) -> Application:
    """Keep some answers of a draft, cleaned, beside those it has; None stands for no answer.

    Raises what `begin` raises.
    """
    file = parse_stored(programme.definition)
    draft = begin(tx, programme, slack_user_id, role, now)
    if draft is None:
        round_ = round_of(file)
        draft = tx.add(
            Application(
                workspace_id=tx.workspace_id,
                application_id=tx.new_id(),
                programme_id=round_.programme_id,
                cohort=round_.cohort,
                role=role,
                source=SLACK,
                state=ApplicationState.DRAFT,
                started_at=now,
                slack_user_id=slack_user_id,
            )
        )
    elif draft.state is not ApplicationState.DRAFT:
        _begin_again(draft)
    asked = {question.id: question for question in file.questions_for(role)}
    answers = {name: asked[name].clean(value) for name, value in given.items() if name in asked}
    draft.answers = {**draft.answers, **answers}
    return draft


def _begin_again(application: Application) -> None:
    application.state, application.source = ApplicationState.DRAFT, SLACK
    application.verdict = None
    application.reasons, application.facts = [], []
    application.question = application.reply = application.assigned_to = None
    application.decided_at = application.decided_by = application.decision_reason = None
    application.email = application.unconfirmed_email = application.submitted_at = None


def wants_address(file: ProgrammeFile, draft: Application) -> bool:
    """Whether it matters which e-mail address Slack has confirmed for the applicant."""
    return reads_addresses(file, draft.role) or _address_told(file, draft) is not None


def reads_addresses(file: ProgrammeFile, role: Role) -> bool:
    """Whether the file's rules go by the e-mail addresses of applicants for a role.

    Where forms elsewhere are taken too, they tell who has applied both ways.
    """
    rules = rules_of(file)
    if "import" in rules.through:
        return True
    rule, selection = rules.eligibility.get(role), rules.selection_of(role)
    asks = any(isinstance(it, ListedIn | EmailDomain) for it in (rule.leaves() if rule else ()))
    return asks or (isinstance(selection, Lottery) and selection.past_list is not None)


def _address_told(file: ProgrammeFile, draft: Application) -> str | None:
    asked = [it.id for it in file.questions_for(draft.role) if isinstance(it, Email)]
    return next((draft.answers[it] for it in asked if draft.answers.get(it)), None)


def send(
    tx: Transaction,
    programme: Programme,
    slack_user_id: str,
    role: Role,
    now: datetime,
    confirmed: str | None = None,
) -> Application:
    """Submit a draft: the answers are checked once more as a whole, eligibility is decided.

    `confirmed` is the address that Slack has confirmed for the applicant, in small letters, where
    `wants_address` says that it matters. What was sent under it from a form elsewhere is theirs:
    the draft gives way to it, and it is returned.

    Raises InvalidAnswers with every question at fault, AddressTaken, Stale where there is no
    draft, and what `begin` raises.
    """
    file = parse_stored(programme.definition)
    draft = begin(tx, programme, slack_user_id, role, now)
    if draft is None or draft.state is not ApplicationState.DRAFT:
        raise Stale
    draft.answers = file.check_answers(role, draft.answers)
    person = people.person(tx, slack_user_id)
    draft.name = person.name if person else ""
    if confirmed is not None and (known := _under(tx, draft, confirmed)) is not None:
        inviting.link(tx, {confirmed: slack_user_id}, now)
        if known.slack_user_id != slack_user_id:
            raise AddressTaken
        return known
    told = _address_told(file, draft)
    draft.unconfirmed_email = told if told != confirmed else None
    draft.email = confirmed if reads_addresses(file, role) or told == confirmed else None
    submit(tx, file, draft, _lists_with(tx, file, draft), now)
    return draft


def _lists_with(tx: Transaction, file: ProgrammeFile, draft: Application) -> dict[str, set[str]]:
    emails = [it for it in (draft.email, draft.unconfirmed_email) if it is not None]
    return lists.on_lists(tx, file.id, file.lists, emails) if emails else {}


def _under(tx: Transaction, draft: Application, email: str) -> Application | None:
    """The other application for the same under an address, if there is one."""
    for other in applications.with_address(tx, email):
        same = (other.programme_id, other.cohort, other.role)
        if other is not draft and same == (draft.programme_id, draft.cohort, draft.role):
            return other
    return None


class Judgement(NamedTuple):
    """What the rules say of an application; `reasons` are wording keys and their values."""

    state: ApplicationState
    verdict: str
    reasons: list[list[Any]]


def judge(
    rules: ApplicationRules, role: Role, facts: Facts, supposed: Facts | None = None
) -> Judgement:
    """Decide a complete application for a role by the file's rules.

    `supposed` is what would be known if an unconfirmed address were theirs. The state is then
    `declined`, `in_review`, or `approved`, from which `placing.place` goes on.
    """
    found = decide(rules.eligibility.get(role), facts, supposed)
    reasons = [[key, dict(values)] for key, values in found.reasons]
    is_near = found.verdict is Verdict.NEAR_MISS and rules.near_misses == "review"
    if found.verdict is not Verdict.ELIGIBLE and not is_near:
        state = ApplicationState.DECLINED
    elif is_near or rules.validation == "coordinator":
        state = ApplicationState.IN_REVIEW
    else:
        state = ApplicationState.APPROVED
    return Judgement(state, str(found.verdict), reasons)


DECISIONS = {ApplicationState.DECLINED: "decline", ApplicationState.APPROVED: "approve"}
"""What is recorded where the rules alone decide."""


def submit(
    tx: Transaction,
    file: ProgrammeFile,
    application: Application,
    on_lists: Mapping[str, Collection[str]],
    now: datetime,
) -> None:
    """Take a complete application in, from Slack or from a file, and decide what can be decided.

    Its answers are checked already; `submitted_at` is kept where a file has told it. `on_lists`
    says by address which lists it is on. Who is refused reads why at once in Slack, and hears it
    where they applied elsewhere.
    """
    application.submitted_at = application.submitted_at or now
    found = judge(rules_of(file), application.role, *_known_of(application, on_lists))
    application.state, application.verdict, application.reasons = found
    is_from_slack = application.source == SLACK
    actor = application.slack_user_id if is_from_slack else None
    placing.record(tx, application, actor or application.source, "submit", now)
    if application.state is ApplicationState.IN_REVIEW:
        return
    application.decided_at, application.decided_by = now, SYSTEM
    placing.record(tx, application, SYSTEM, DECISIONS[application.state], now)
    if application.state is ApplicationState.APPROVED:
        placing.place(tx, file, application, now)
    elif not is_from_slack:
        placing.tell(tx, file, application, MessageKind.APPLICATION_DECLINED, now)


def _known_of(
    application: Application, on_lists: Mapping[str, Collection[str]]
) -> tuple[Facts, Facts | None]:
    """What is known of an applicant, and what would be if their unconfirmed address were theirs."""
    answers, email, typed = application.answers, application.email, application.unconfirmed_email
    emails = [email] if email else []
    known = frozenset(on_lists.get(email or "", ()))
    facts = Facts(answers, emails, known)
    if typed is None:
        return facts, None
    return facts, Facts(answers, [*emails, typed], known | frozenset(on_lists.get(typed, ())))


def own(tx: Transaction, slack_user_id: str, application_id: str) -> Application:
    """Somebody's own application; raises Stale for anything else."""
    found = applications.application(tx, application_id)
    if found is None or found.slack_user_id != slack_user_id:
        raise Stale
    return found


def asked(tx: Transaction, slack_user_id: str, application_id: str) -> Application:
    """Somebody's own application that a reviewer asks about; raises Stale where none does."""
    found = own(tx, slack_user_id, application_id)
    if found.state is not ApplicationState.ASKED:
        raise Stale
    return found


def reply(
    tx: Transaction, slack_user_id: str, application_id: str, words: str, now: datetime
) -> Application:
    """Answer a reviewer's question; they hear of it, and the application is theirs to decide.

    Raises Stale where nothing is asked any more, InvalidAnswers without words.
    """
    found = asked(tx, slack_user_id, application_id)
    if not words.strip():
        raise InvalidAnswers({"answer": ("form.missing", {})})
    found.reply, found.state = words.strip(), ApplicationState.IN_REVIEW
    placing.record(tx, found, slack_user_id, "reply", now)
    if found.assigned_to:
        enqueue(
            tx,
            MessageKind.REVIEW_WANTED,
            [found.assigned_to],
            programme_id=found.programme_id,
            subject=found.application_id,
            occurrence=found.version,
            now=now,
            application_id=found.application_id,
            state=str(found.state),
            why="replied",
        )
    return found


def withdraw(
    tx: Transaction, slack_user_id: str, application_id: str, now: datetime
) -> Application:
    """Take one's application back, whatever has become of it so far.

    Raises Stale for what is over, or has become a role: who holds one leaves instead.
    """
    found = own(tx, slack_user_id, application_id)
    file = parse_stored(programme_or_refuse(tx, found.programme_id).definition)
    is_told = placing.is_told(tx, file, slack_user_id, now)
    if found.state is not ApplicationState.DRAFT and not seems_running(found, is_told=is_told):
        raise Stale
    held = participants.of_person(tx, found.programme_id, slack_user_id)
    if placing.has_become_role(found, held):
        raise Stale
    placing.give_up(tx, file, found, slack_user_id, now)
    return found


def withdraw_all(tx: Transaction, theirs: Sequence[Application], now: datetime) -> None:
    """Take back all that somebody has applied for who is gone."""
    for found in theirs:
        if found.state in RUNNING or found.state is ApplicationState.DRAFT:
            file = parse_stored(programme_or_refuse(tx, found.programme_id).definition)
            placing.give_up(tx, file, found, SYSTEM, now)
