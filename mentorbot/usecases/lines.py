"""The order in which people wait for a place: that of the draw, else that of applying."""

import json
from typing import Any

from mentorbot.domain.draws import Draw, number_of, ticket_of
from mentorbot.domain.model import Application, Role
from mentorbot.storage import applications, draws
from mentorbot.storage.applications import Round
from mentorbot.storage.store import Transaction


def of(tx: Transaction, application: Application) -> Draw | None:
    """The draw that an application is for, once it is committed to."""
    round_ = Round(application.programme_id, application.cohort)
    return draws.of_round(tx, round_, application.role)


def is_placed(tx: Transaction, round_: Round, role: Role) -> bool:
    """Whether everybody in a draw knows, or may know, what it brought them."""
    draw = draws.of_round(tx, round_, role)
    return draw is not None and draw.placed_at is not None


def is_under_way(tx: Transaction, round_: Round, role: Role) -> bool:
    """Whether a draw is committed to, and its places are not all given yet."""
    draw = draws.of_round(tx, round_, role)
    return draw is not None and draw.is_under_way


def next_in_line(tx: Transaction, round_: Round, role: Role) -> Application | None:
    """Who of those on a role's waiting list is the next to get a place."""
    draw = draws.of_round(tx, round_, role)
    first = draws.first_waiting(tx, _line(tx, draw)) if draw is not None else None
    return first or applications.next_in_line(tx, round_, role)


def place_in_line(tx: Transaction, waiting: Application) -> int:
    """The place of an application on the waiting list of its role, from 1."""
    draw = of(tx, waiting)
    if draw is None or draw.line is None:
        return applications.place_in_line(tx, waiting)
    return 1 + draws.waiting_before(tx, _line(tx, draw), waiting.application_id)


def begin(tx: Transaction, draw: Draw, application_ids: list[str]) -> None:
    """Keep the order that a draw gave to those without a place."""
    draw.line = keep(tx, draw, application_ids)


def join(tx: Transaction, draw: Draw, application_id: str) -> None:
    """Let an application that came after the draw wait behind all others."""
    others = [it for it in _line(tx, draw) if it != application_id]
    draw.line = keep(tx, draw, [*others, application_id])


def holds(tx: Transaction, draw: Draw) -> frozenset[str]:
    """The applications that a draw's line has."""
    return frozenset(_line(tx, draw))


def number(tx: Transaction, application: Application) -> str | None:
    """An applicant's own number in the draw, while it can still be found out."""
    draw = of(tx, application)
    if draw is None or draw.salt is None:
        return None
    found = number_of(str(opened(tx, draw, draw.salt)), application.application_id)
    return found if found in draw.numbers else None


def ticket(tx: Transaction, application: Application) -> str | None:
    """What an applicant goes by on the waiting list, while it can still be found out."""
    draw = of(tx, application)
    if draw is None or draw.salt is None:
        return None
    found = ticket_of(str(opened(tx, draw, draw.salt)), application.application_id)
    return found if found in draw.waiting else None


def keep(tx: Transaction, draw: Draw, what: Any) -> str:
    """What leads from a draw to people, encrypted where the draw knows of members."""
    return tx.vault.seal(what, draw.place) if draw.is_sealed else json.dumps(what)


def opened(tx: Transaction, draw: Draw, kept: str) -> Any:
    """What was kept so; raises SecretKeyMissing."""
    return tx.vault.open(kept, draw.place) if draw.is_sealed else json.loads(kept)


def _line(tx: Transaction, draw: Draw) -> list[str]:
    return list(opened(tx, draw, draw.line)) if draw.line is not None else []
