"""Queries about those who wait for a partner: all of them, or only the first in line."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, exists, or_, select

from mentorbot.domain.model import Participant, ParticipantState, Role
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.participants.c
_seat, _pairing = tables.memberships.c, tables.pairings.c
_has_partner = exists().where(
    _seat.workspace_id == _t.workspace_id,
    _seat.participant_id == _t.participant_id,
    _pairing.workspace_id == _seat.workspace_id,
    _pairing.pairing_id == _seat.pairing_id,
    _pairing.ended_at.is_(None),
)
_IN_TURN = (
    (_t.is_front_of_queue.is_(True), ~_has_partner),
    (_t.is_front_of_queue.is_(True), _has_partner),
    (_t.is_front_of_queue.is_(False), ~_has_partner),
    (_t.is_front_of_queue.is_(False), _has_partner),
)
"""Who lost a partner, then who has none, then by when they began to wait."""


def everyone(tx: Transaction, programme_id: str) -> list[tuple[str, Role]]:
    """The ids and roles of active people who wait, in the order in which they will be matched."""
    order = (_t.is_front_of_queue.desc(), _has_partner, _t.waiting_since_at, _t.participant_id)
    query = _waiting(tx, programme_id).with_only_columns(_t.participant_id, _t.role)
    return [(row[0], row[1]) for row in tx.session.execute(query.order_by(*order))]


def first(tx: Transaction, programme_id: str, role: Role) -> Participant | None:
    """The one who is matched next in a role."""
    for turn in _IN_TURN:
        query = _by_wait(_waiting(tx, programme_id).where(_t.role == role, *turn))
        if found := tx.session.scalars(query.limit(1)).first():
            return found
    return None


def ready(
    tx: Transaction,
    programme_id: str,
    versions: Mapping[Role, int],
    among: Collection[str] | None = None,
) -> list[Participant]:
    """Those who wait and may be matched; with `among`, of these participants alone.

    Their account is there, and they accepted this version of their role's guidelines or a later
    one.
    """
    query = _ready(tx, programme_id, versions)
    if among is not None:
        query = query.where(_t.participant_id.in_(among))
    return list(tx.session.scalars(_by_wait(query)))


def some_ready(
    tx: Transaction, programme_id: str, versions: Mapping[Role, int], role: Role, at_most: int
) -> list[Participant]:
    """Some of those who wait in a role and may be matched, those who waited longest first."""
    query = _ready(tx, programme_id, versions).where(_t.role == role)
    return list(tx.session.scalars(query.order_by(_t.waiting_since_at).limit(at_most)))


def first_ready(
    tx: Transaction,
    programme_id: str,
    versions: Mapping[Role, int],
    role: Role,
    at_least: int,
    zone: ZoneInfo,
) -> list[Participant]:
    """The first in line of those who may be matched, each waiting class as a whole.

    A class are those whose turn is the same and whose wait began on the same day in the zone.
    There are fewer than asked for only where no more wait.
    """
    found: list[Participant] = []
    for turn in _IN_TURN:
        wanted = at_least - len(found)
        if wanted <= 0:
            break
        query = _ready(tx, programme_id, versions).where(_t.role == role, *turn)
        nth = query.with_only_columns(_t.waiting_since_at).order_by(_t.waiting_since_at)
        last = tx.session.scalar(nth.offset(wanted - 1).limit(1))
        if last is not None:
            query = query.where(_t.waiting_since_at < _next_midnight(last, zone))
        found += tx.session.scalars(_by_wait(query))
    return found


def _next_midnight(at: datetime, zone: ZoneInfo) -> datetime:
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).astimezone(UTC)


def _by_wait(query: Select[Participant]) -> Select[Participant]:
    return query.order_by(_t.is_front_of_queue.desc(), _t.waiting_since_at, _t.participant_id)


def _ready(tx: Transaction, programme_id: str, versions: Mapping[Role, int]) -> Select[Participant]:
    person, accepted = tables.people.c, tables.acknowledgements.c
    has_accepted = exists().where(
        accepted.workspace_id == _t.workspace_id,
        accepted.participant_id == _t.participant_id,
        accepted.role == _t.role,
        or_(*(and_(_t.role == role, accepted.version >= versions[role]) for role in Role)),
    )
    return (
        _waiting(tx, programme_id)
        .join(
            tables.people,
            and_(person.workspace_id == _t.workspace_id, person.slack_user_id == _t.slack_user_id),
        )
        .where(person.is_deactivated.is_(False), has_accepted)
    )


def _waiting(tx: Transaction, programme_id: str) -> Select[Participant]:
    return select(Participant).where(
        _t.workspace_id == tx.workspace_id,
        _t.programme_id == programme_id,
        _t.waiting_since_at.is_not(None),
        _t.state == ParticipantState.ACTIVE,
    )
