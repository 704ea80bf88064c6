"""Who applied under an e-mail address comes to the workspace: the application becomes theirs."""

from collections.abc import Mapping
from datetime import datetime

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Application, ApplicationState, AuditEntry
from mentorbot.domain.programme import parse_stored
from mentorbot.storage import applications, imports, participants, people
from mentorbot.storage.applications import Round
from mentorbot.storage.store import Transaction
from mentorbot.usecases import placing


def link(tx: Transaction, accounts: Mapping[str, str], now: datetime) -> None:
    """Give applications to the accounts of those who sent them; `accounts` are by address.

    The addresses are ones that Slack has confirmed, in small letters; accounts of nobody who is
    known here are passed over. A draft in Slack gives way to what was sent elsewhere. Who was
    selected is welcomed, and has only the guidelines left to acknowledge.
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
        if found.state is ApplicationState.SELECTED:
            _welcome(tx, found, now)


def _welcome(tx: Transaction, application: Application, now: datetime) -> None:
    programme = participants.programme(tx, application.programme_id)
    file = parse_stored(programme.definition) if programme else None
    if file is None or file.application is None or file.application.cohort != application.cohort:
        return
    if placing.offer(tx, application):
        zone = placing.zone_of(tx, file, application.slack_user_id)
        due_at = placing.results_at(file, zone)
        placing.tell(tx, file, application, MessageKind.PLACE_GIVEN, now, due_at)
