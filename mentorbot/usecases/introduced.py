"""The introduction as a letter, too: who one's partner is, with the guides of one's role."""

from collections.abc import Sequence
from datetime import datetime

from mentorbot.domain.messages import MessageKind, by_mail
from mentorbot.domain.model import ApplicationState, Pairing, Participant
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.storage import applications
from mentorbot.storage.store import Transaction
from mentorbot.usecases.messages import enqueue


def by_email(
    tx: Transaction,
    file: ProgrammeFile,
    pairing: Pairing,
    members: Sequence[Participant],
    now: datetime,
) -> None:
    """Write to those of a new pair whose confirmed address is known, where the file says so."""
    if not file.first_meeting.by_email:
        return
    for member in members:
        mine = (
            it
            for it in reversed(applications.everywhere(tx, member.slack_user_id))
            if it.programme_id == file.id and it.role is member.role and it.email
        )
        found = next((it for it in mine if it.state is ApplicationState.SELECTED), None)
        if found is not None:
            enqueue(
                tx,
                MessageKind.INTRODUCTION_LETTER,
                [by_mail(found.application_id)],
                programme_id=file.id,
                subject=pairing.pairing_id,
                now=now,
                pairing_id=pairing.pairing_id,
                application_id=found.application_id,
                state=str(found.state),
                member=member.participant_id,
            )
