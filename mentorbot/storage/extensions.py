"""Queries about pairs that wish to go on longer."""

from collections.abc import Sequence

from sqlalchemy import delete

from mentorbot.domain.pace import Extension
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_choice = tables.choices.c


def extension(tx: Transaction, pairing_id: str) -> Extension | None:
    """A pairing's newest wish to go on longer, open or not."""
    return tx.get(Extension, pairing_id)


def forget_choices(
    tx: Transaction, programme_id: str, cycle_number: int, participant_ids: Sequence[str]
) -> None:
    """Forget what some people wanted after a cycle that goes on."""
    tx.session.flush()
    tx.session.execute(
        delete(tables.choices).where(
            _choice.workspace_id == tx.workspace_id,
            _choice.programme_id == programme_id,
            _choice.cycle_number == cycle_number,
            _choice.participant_id.in_(participant_ids),
        )
    )
    tx.session.expire_all()
