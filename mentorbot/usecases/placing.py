"""From an approval to a place: the one place where somebody gets one, or hears of having none."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mentorbot.domain.admission import ApplicationRules, EverybodyApproved, Lottery, Selection
from mentorbot.domain.errors import NotTakingApplications
from mentorbot.domain.messages import MessageKind, by_mail
from mentorbot.domain.model import (
    Application,
    ApplicationState,
    AuditEntry,
    Participant,
    Role,
)
from mentorbot.domain.programme import CAPACITY, ProgrammeFile
from mentorbot.domain.touchpoints import local_instant
from mentorbot.storage import applications, draws, outbox, participants, people, sealed
from mentorbot.storage.applications import Round
from mentorbot.storage.store import Transaction
from mentorbot.usecases import lines
from mentorbot.usecases.messages import enqueue
from mentorbot.usecases.outlook import How, outlook

RESULTS = {
    ApplicationState.SELECTED: MessageKind.PLACE_GIVEN,
    ApplicationState.WAITING_LIST: MessageKind.PLACE_WAITED_FOR,
    ApplicationState.NOT_SELECTED: MessageKind.PLACE_NOT_GIVEN,
}
"""What the selection may bring, and how it is told; it waits for `results_on`."""
TOLD = RESULTS | {
    ApplicationState.APPROVED: MessageKind.APPLICATION_APPROVED,
    ApplicationState.DECLINED: MessageKind.APPLICATION_DECLINED,
}
"""What is said of an application that stands so."""

ANSWERABLE = frozenset(
    {
        ApplicationState.IN_REVIEW,
        ApplicationState.ASKED,
        ApplicationState.APPROVED,
        ApplicationState.SELECTED,
        ApplicationState.WAITING_LIST,
    }
)
"""Where an application may still be told something more."""
EARLIEST_ZONE = "Pacific/Kiritimati"
"""Where each day begins first."""


def rules_of(file: ProgrammeFile) -> ApplicationRules:
    """How people apply; raises NotTakingApplications where they do not."""
    if file.application is None:
        raise NotTakingApplications
    return file.application


def round_of(file: ProgrammeFile) -> Round:
    """The round of applications that runs now; raises NotTakingApplications."""
    return Round(file.id, rules_of(file).cohort)


def draft_of(role: Role, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What a participant's draft holds until the guidelines are acknowledged."""
    kept = {name: value for name, value in answers.items() if name != CAPACITY}
    return {"role": str(role), "answers": kept, "capacity": int(answers.get(CAPACITY, 1))}


def record(
    tx: Transaction, application: Application, actor: str, action: str, now: datetime
) -> None:
    """Note in the audit log who did what with an application; it counts as a decision.

    Words that people wrote stay on the application, where erasing a person finds them.
    """
    application.version += 1
    tx.add(
        AuditEntry(
            tx.workspace_id,
            tx.new_id(),
            now,
            actor,
            f"application.{action}",
            application.application_id,
            {"version": application.version},
        )
    )


def place(tx: Transaction, file: ProgrammeFile, application: Application, now: datetime) -> None:
    """What follows an approval: a place, a place on the waiting list, or the wait for the draw."""
    selection = rules_of(file).selection_of(application.role)
    if isinstance(selection, Lottery):
        _let_wait_for_draw(tx, file, application, now)
    elif _has_room(tx, application, selection):
        settle(tx, file, application, ApplicationState.SELECTED, now)
    else:
        settle(tx, file, application, ApplicationState.WAITING_LIST, now)


def _let_wait_for_draw(
    tx: Transaction, file: ProgrammeFile, application: Application, now: datetime
) -> None:
    """Before the draw, wait for it; after it, behind all who were in it."""
    draw = lines.of(tx, application)
    if draw is None or draw.placed_at is None:
        tell(tx, file, application, MessageKind.APPLICATION_APPROVED, now)
        return
    lines.join(tx, draw, application.application_id)
    settle(tx, file, application, ApplicationState.WAITING_LIST, now)
    fill(tx, file, now)


def _has_room(tx: Transaction, application: Application, selection: Selection) -> bool:
    if isinstance(selection, EverybodyApproved):
        return True
    round_ = Round(application.programme_id, application.cohort)
    taken = applications.count(tx, round_, ApplicationState.SELECTED, application.role)
    return taken < selection.places


def settle(
    tx: Transaction,
    file: ProgrammeFile,
    application: Application,
    state: ApplicationState,
    now: datetime,
) -> None:
    """Record what the selection brought an applicant, and let them hear when results are due."""
    application.state = state
    record(tx, application, "system", str(state), now)
    if state is ApplicationState.SELECTED and not offer(tx, application):
        return
    zone = zone_of(tx, file, application.slack_user_id)
    tell(tx, file, application, RESULTS[state], now, results_at(file, zone))


def offer(tx: Transaction, application: Application) -> bool:
    """Let a selected applicant begin: their answers wait for the guidelines to be acknowledged.

    Returns whether there is anything to begin: who holds the role already is left alone, as is,
    for now, who is not in the workspace yet.
    """
    if application.slack_user_id is None:
        return True
    participant = participants.of_person(tx, application.programme_id, application.slack_user_id)
    if participant is None:
        participant = tx.add(
            Participant(
                tx.workspace_id, tx.new_id(), application.programme_id, application.slack_user_id
            )
        )
    if has_become_role(application, participant):
        return False
    participant.draft = draft_of(application.role, application.answers)
    return True


def give_up(
    tx: Transaction, file: ProgrammeFile, application: Application, actor: str, now: datetime
) -> None:
    """Take an application back; a place that comes free goes to the first of the waiting list."""
    had_place = application.state is ApplicationState.SELECTED
    application.state = ApplicationState.WITHDRAWN
    record(tx, application, actor, "withdraw", now)
    sealed.erase(tx, application.application_id)
    who = application.slack_user_id
    held = participants.of_person(tx, application.programme_id, who) if had_place and who else None
    if held is not None and held.draft is not None and held.draft["role"] == application.role:
        held.draft = None
    if had_place:
        fill(tx, file, now)


def has_become_role(application: Application, held: Participant | None) -> bool:
    """Whether an application has brought the role that somebody holds."""
    is_selected = application.state is ApplicationState.SELECTED
    return is_selected and held is not None and held.is_enrolled and held.role is application.role


def left(
    tx: Transaction,
    file: ProgrammeFile,
    participant: Participant,
    now: datetime,
    role: Role | None = None,
) -> None:
    """Somebody leaves the programme, or one role in it, and with it the place given for that."""
    if file.application is None:
        return
    for held in applications.of_person(tx, round_of(file), participant.slack_user_id):
        if held.state is ApplicationState.SELECTED and role in (None, held.role):
            give_up(tx, file, held, participant.slack_user_id, now)


def fill(tx: Transaction, file: ProgrammeFile, now: datetime) -> None:
    """Give places that are free to those who wait for one, in their order.

    That ends where nobody can be matched any more who comes now, on no date that is known: a place
    would bring them no partner.
    """
    is_open = outlook(tx, file, now).how in (
        How.AT_ONCE,
        How.ON_DATE,
        How.REVIEWED,
        How.BALLOT,
        How.ON_REQUEST,
    )
    if file.application is None or not is_open:
        return
    for role in Role:
        selection = file.application.selection_of(role)
        if isinstance(selection, Lottery) and not lines.is_placed(tx, round_of(file), role):
            continue
        while waiting := lines.next_in_line(tx, round_of(file), role):
            if not _has_room(tx, waiting, selection):
                break
            settle(tx, file, waiting, ApplicationState.SELECTED, now)


def take_over(tx: Transaction, file: ProgrammeFile, now: datetime) -> None:
    """Let those who wait go by the selection that the file has now.

    Who waits for a draw that it does not have any more is placed; who is on a waiting list that no
    draw has made will be in the draw that it has.
    """
    if file.application is None:
        return
    for role in Role:
        if isinstance(file.application.selection_of(role), Lottery):
            if draws.of_round(tx, round_of(file), role) is None:
                _leave_to_draw(tx, file, role, now)
            continue
        for application_id in draws.approved(tx, round_of(file), role):
            place(tx, file, tx.session.get_one(Application, (tx.workspace_id, application_id)), now)


def _leave_to_draw(tx: Transaction, file: ProgrammeFile, role: Role, now: datetime) -> None:
    while waiting := lines.next_in_line(tx, round_of(file), role):
        waiting.state = ApplicationState.APPROVED
        record(tx, waiting, "system", str(waiting.state), now)
        tx.session.flush()
        tell(tx, file, waiting, MessageKind.APPLICATION_APPROVED, now)


def results_at(file: ProgrammeFile, time_zone: str) -> datetime | None:
    """When somebody in a time zone hears of the results; None where each hears at once."""
    if file.application is None or file.application.results_on is None:
        return None
    return local_instant(file.application.results_on, file.touchpoints.at, time_zone)


def move_results(tx: Transaction, file: ProgrammeFile, now: datetime) -> None:
    """Who is still to hear of a place or none hears so on the day that the file has now."""
    if file.application is None:
        return
    for kind in (*RESULTS.values(), MessageKind.INVITATION):
        for told in outbox.waiting_of(tx, file.id, kind):
            about = applications.application(tx, told.params["application_id"])
            if about is not None and about.cohort == rules_of(file).cohort:
                zone = zone_of(tx, file, about.slack_user_id)
                told.not_before_at = max(now, results_at(file, zone) or now)
    for told in outbox.waiting_of(tx, file.id, MessageKind.DRAW_PUBLISHED):
        told.not_before_at = max(now, results_at(file, file.time_zone) or now)


def zone_of(tx: Transaction, file: ProgrammeFile, slack_user_id: str | None) -> str:
    """The zone of somebody's clock: the programme's, where no account is known."""
    person = people.person(tx, slack_user_id) if slack_user_id else None
    return person.time_zone if person else file.time_zone


def is_told(tx: Transaction, file: ProgrammeFile, slack_user_id: str | None, now: datetime) -> bool:
    """Whether somebody may know what the selection brought them."""
    at = results_at(file, zone_of(tx, file, slack_user_id))
    return at is None or at <= now


def takes_answers(tx: Transaction, application: Application) -> bool:
    """Whether its applicant may still answer sensitive questions: not once a draw is settled."""
    return application.state in ANSWERABLE and lines.of(tx, application) is None


def has_heard(tx: Transaction, file: ProgrammeFile, now: datetime) -> bool:
    """Whether anybody, wherever they are, may know what the selection brought them."""
    at = results_at(file, EARLIEST_ZONE)
    is_due = at is None or at <= now
    return is_due and any(applications.count(tx, round_of(file), state) for state in RESULTS)


def is_held_back(
    tx: Transaction, file: ProgrammeFile, participant: Participant, now: datetime
) -> bool:
    """Whether a participant's draft is a place that they are not to know of yet."""
    is_known = is_told(tx, file, participant.slack_user_id, now)
    return not is_known and has_offer(tx, file, participant)


def has_offer(tx: Transaction, file: ProgrammeFile, participant: Participant) -> bool:
    """Whether a participant's draft is a place that they were given."""
    if participant.draft is None or file.application is None:
        return False
    found = applications.of_person(tx, round_of(file), participant.slack_user_id)
    return any(
        it.state is ApplicationState.SELECTED and it.role == participant.draft["role"]
        for it in found
    )


def tell(
    tx: Transaction,
    file: ProgrammeFile,
    application: Application,
    kind: MessageKind,
    now: datetime,
    not_before: datetime | None = None,
) -> None:
    """Let an applicant hear of their application, while it stands as it does.

    Who is not in the workspace hears by e-mail, and of a place by being invited.
    """
    reader = application.slack_user_id
    if reader is None and application.email is not None:
        reader = by_mail(application.application_id)
        kind = MessageKind.INVITATION if kind is MessageKind.PLACE_GIVEN else kind
    if reader is None:
        return
    enqueue(
        tx,
        kind,
        [reader],
        programme_id=file.id,
        subject=application.application_id,
        occurrence=application.version,
        now=now,
        not_before=max(now, not_before) if not_before else None,
        application_id=application.application_id,
        state=str(application.state),
    )
