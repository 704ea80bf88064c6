"""Who applied under an e-mail address comes to the workspace: the application becomes theirs."""

from collections.abc import Mapping
from datetime import datetime

from mentorbot.domain.messages import MessageKind, MessageState, by_mail
from mentorbot.domain.model import Application, ApplicationState, AuditEntry
from mentorbot.domain.programme import parse_stored
from mentorbot.storage import applications, imports, outbox, participants, people
from mentorbot.storage.applications import Round
from mentorbot.storage.store import Transaction
from mentorbot.usecases import placing
from mentorbot.usecases.messages import dedupe_key


def link(tx: Transaction, accounts: Mapping[str, str], now: datetime) -> None:
    """Give applications to the accounts of those who sent them; `accounts` are by address.

    The addresses are ones that Slack has confirmed, in small letters; accounts of nobody who is
    known here are passed over. A draft in Slack gives way to what was sent elsewhere. Who was
    selected is welcomed, and has only the guidelines left to acknowledge; to the others goes what
    a letter would have told them. Where there are sensitive questions, they are asked now.
    """
    for found in imports.unlinked(tx, list(accounts)) if accounts else ():
        slack_user_id = accounts[str(found.email)]
        person = people.person(tx, slack_user_id)
        if person is None or person.is_bot or person.is_deactivated:
            continue
        round_ = Round(found.programme_id, found.cohort)
        others = applications.of_person(tx, round_, slack_user_id)
        same = next((it for it in others if it.role is found.role), None)
        if same is not None and same.state is not ApplicationState.DRAFT:
            continue
        if same is not None:
            applications.discard(tx, same)
        found.slack_user_id = slack_user_id
        tx.add(
            AuditEntry(
                tx.workspace_id,
                tx.new_id(),
                now,
                "system",
                "application.link",
                found.application_id,
                {"version": found.version},
            )
        )
        _tell(tx, found, now)


def _tell(tx: Transaction, application: Application, now: datetime) -> None:
    """Welcome who has a place; the others hear in Slack what no letter has told them yet.

    Whoever applied elsewhere could not answer anything confidential there.
    """
    programme = participants.programme(tx, application.programme_id)
    file = parse_stored(programme.definition) if programme else None
    if file is None or file.application is None or file.application.cohort != application.cohort:
        return
    if file.sensitive_for(application.role) and placing.takes_answers(tx, application):
        placing.tell(tx, file, application, MessageKind.CONFIDENTIAL_ASKED, now)
    kind = placing.TOLD.get(application.state)
    if kind is None:
        return
    has_place = application.state is ApplicationState.SELECTED
    if placing.offer(tx, application) if has_place else _waits(tx, application, kind):
        zone = placing.zone_of(tx, file, application.slack_user_id)
        due_at = placing.results_at(file, zone) if application.state in placing.RESULTS else None
        placing.tell(tx, file, application, kind, now, due_at)


def _waits(tx: Transaction, application: Application, kind: MessageKind) -> bool:
    """Whether there is a letter that has not gone."""
    application_id = application.application_id
    key = dedupe_key(application_id, kind, application.version, [by_mail(application_id)])
    letter = outbox.by_key(tx, key)
    return letter is not None and letter.state is not MessageState.SENT
