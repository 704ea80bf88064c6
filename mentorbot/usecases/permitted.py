"""Whether somebody may do something in a programme, by the table in `domain/permissions`."""

from mentorbot.domain.errors import NotPermitted
from mentorbot.domain.permissions import Action, who_may
from mentorbot.storage import appointments
from mentorbot.storage.store import Transaction


def may(tx: Transaction, programme_id: str, slack_user_id: str, action: Action) -> bool:
    """Whether one of somebody's roles in the programme, or in every one, allows an action."""
    return action in appointments.actions(tx, programme_id, slack_user_id)


def check(tx: Transaction, programme_id: str, slack_user_id: str, action: Action) -> None:
    """Raises NotPermitted, which says whose business it is, for everybody else."""
    if not may(tx, programme_id, slack_user_id, action):
        raise NotPermitted(roles=" ".join(who_may(action)))
