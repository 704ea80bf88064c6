"""Taking a person out of every table: what is theirs is emptied, their id becomes a stand-in."""

import re
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    RowMapping,
    String,
    Table,
    Text,
    and_,
    cast,
    delete,
    insert,
    literal,
    not_,
    or_,
    select,
    text,
    union,
    update,
)

from mentorbot.domain.erasures import Erasure, digest_of, is_stand_in
from mentorbot.domain.messages import MessageKind, MessageState
from mentorbot.domain.model import ParticipantState, Role
from mentorbot.storage import match_drafts, tables
from mentorbot.storage.outbox import spelt_out
from mentorbot.storage.store import Transaction

UNSETTLED = (
    MessageState.PENDING,
    MessageState.SENDING,
    MessageState.UNKNOWN,
    MessageState.DEAD,
)
_FAREWELLS = (MessageKind.PARTNER_LEFT, MessageKind.GROUP_GOES_ON)
_INSTALLER = text(
    "UPDATE slack_installations SET user_id = :stand_in, user_token = NULL, user_scopes = NULL,"
    " user_refresh_token = NULL, user_token_expires_at = NULL"
    " WHERE user_id = :slack_user_id AND (team_id = :workspace_id OR (team_id IS NULL AND"
    " enterprise_id = (SELECT enterprise_id FROM workspace WHERE workspace_id = :workspace_id)))"
)


def is_erased(tx: Transaction, slack_user_id: str) -> bool:
    """Whether somebody was erased and has not come back by acting again."""
    erased, people = tables.erased.c, tables.people.c
    digest = digest_of(tx.workspace_id, slack_user_id)
    was = select(erased.erasure_id).where(
        erased.workspace_id == tx.workspace_id, erased.digest == digest
    )
    back = select(people.slack_user_id).where(
        people.workspace_id == tx.workspace_id, people.slack_user_id == slack_user_id
    )
    return tx.session.scalar(was.limit(1)) is not None and tx.session.scalar(back) is None


def erasure_ids(tx: Transaction) -> set[str]:
    """Every erasure that this database has gone through."""
    erased = tables.erased.c
    query = select(erased.erasure_id).where(erased.workspace_id == tx.workspace_id)
    return set(tx.session.scalars(query))


def known_ids(tx: Transaction) -> set[str]:
    """The Slack ids of everybody of whom there is anything."""
    people, audit = tables.people.c, tables.audit_entries.c
    coordinators, appointments = tables.coordinators.c, tables.appointments.c
    programme, message = tables.programmes.c, tables.outbox.c
    application, attendance = tables.applications.c, tables.attendances.c
    mine = tx.workspace_id
    single = union(
        *(
            select(column).where(column.table.c.workspace_id == mine)
            for column in (
                people.slack_user_id,
                application.slack_user_id,
                attendance.slack_user_id,
                coordinators.slack_user_id,
                appointments.slack_user_id,
                programme.set_up_by,
                audit.actor,
                audit.subject,
            )
        )
    )
    found = set(tx.session.scalars(single))
    for recipients in tx.session.scalars(
        select(cast(message.recipients, Text)).where(message.workspace_id == mine).distinct()
    ):
        found.update(re.findall(r"[A-Z0-9]+", recipients))
    return {found_id for found_id in found if found_id and not is_stand_in(found_id)}


def is_known(tx: Transaction, slack_user_id: str) -> bool:
    """Whether there is anything of somebody."""
    return any(_rows_with(tx, table, slack_user_id) for table in _tables())


def cancel_unsettled(tx: Transaction, slack_user_id: str, now: Any) -> None:
    """Cancel what is not settled and is to somebody, alone or in a group, or names them.

    What waits to be said to several is left to their leaving: the others may still hear it. So is
    what tells others that they have left.
    """
    message = tables.outbox.c
    is_to_them = _holds(message.recipients, slack_user_id)
    is_to_several = cast(message.recipients, Text).like("%,%")
    is_farewell = and_(message.kind.in_(_FAREWELLS), not_(is_to_them))
    stays = and_(message.state == MessageState.PENDING, or_(is_to_several, is_farewell))
    tx.session.execute(
        update(tables.outbox)
        .where(
            message.workspace_id == tx.workspace_id,
            message.state.in_(spelt_out(UNSETTLED)),
            or_(is_to_them, _holds(message.params, slack_user_id)),
            not_(stays),
        )
        .values(
            state=MessageState.CANCELLED,
            settled_at=now,
            intent_at=None,
            lease_by=None,
            lease_until_at=None,
        )
    )


def take_out(tx: Transaction, slack_user_id: str, stand_in: str, now: Any) -> None:
    """Empty what is a person's own, and put a stand-in in place of their id everywhere.

    Counts, dates and the partners' side remain. They must have left their programmes before.
    """
    tx.session.flush()
    mine = _participant_ids(tx, slack_user_id)
    _delete_from_lists(tx, slack_user_id)
    _empty_words(tx, slack_user_id, mine)
    if mine:
        _insert_stand_in(tx, stand_in)
        _empty_participants(tx, mine, stand_in, now)
        match_drafts.empty_reasons(tx, mine)
    match_drafts.forget_words_of(tx, slack_user_id)
    runs = tables.import_runs.c
    tx.session.execute(
        delete(tables.import_runs).where(
            runs.workspace_id == tx.workspace_id, runs.asked_by == slack_user_id
        )
    )
    for table in (tables.coordinators, tables.appointments, tables.people):
        columns = table.c
        tx.session.execute(
            delete(table).where(
                columns.workspace_id == tx.workspace_id, columns.slack_user_id == slack_user_id
            )
        )
    for table in _tables():
        for row in _rows_with(tx, table, slack_user_id):
            _replace(tx, table, row, slack_user_id, stand_in)
    given = {"slack_user_id": slack_user_id, "stand_in": stand_in, "workspace_id": tx.workspace_id}
    tx.session.execute(_INSTALLER, given)
    tx.session.expire_all()


def _delete_from_lists(tx: Transaction, slack_user_id: str) -> None:
    """Take the addresses that they applied with off every list."""
    listed, application = tables.listed_addresses.c, tables.applications.c
    theirs = select(application.email).where(
        application.workspace_id == tx.workspace_id,
        application.slack_user_id == slack_user_id,
        application.email.is_not(None),
    )
    tx.session.execute(
        delete(tables.listed_addresses).where(
            listed.workspace_id == tx.workspace_id, listed.email.in_(theirs)
        )
    )


def remember(tx: Transaction, erasure: Erasure) -> None:
    """Keep that somebody was erased; the caller's own record of it is left alone."""
    tx.add(replace(erasure))


def _participant_ids(tx: Transaction, slack_user_id: str) -> list[str]:
    column = tables.participants.c
    query = select(column.participant_id).where(
        column.workspace_id == tx.workspace_id, column.slack_user_id == slack_user_id
    )
    return list(tx.session.scalars(query))


def _insert_stand_in(tx: Transaction, stand_in: str) -> None:
    tx.session.execute(
        insert(tables.people).values(
            workspace_id=tx.workspace_id,
            slack_user_id=stand_in,
            name="",
            time_zone="UTC",
            locale="en",
            is_bot=False,
            is_deactivated=True,
        )
    )


def _empty_participants(tx: Transaction, mine: list[str], stand_in: str, now: Any) -> None:
    column = tables.participants.c
    ours = (column.workspace_id == tx.workspace_id, column.participant_id.in_(mine))
    tx.session.execute(
        update(tables.participants)
        .where(*ours)
        .values(
            slack_user_id=stand_in,
            answers={},
            draft=None,
            state=ParticipantState.LEFT,
            waiting_since_at=None,
            paused_until_at=None,
        )
    )
    tx.session.execute(
        update(tables.participants).where(*ours, column.left_at.is_(None)).values(left_at=now)
    )


def _empty_words(tx: Transaction, slack_user_id: str, mine: list[str]) -> None:
    """Empty what they wrote, what was written about them, and what was matched from answers."""
    feedback, pairing = tables.feedbacks.c, tables.pairings.c
    certificate, message = tables.certificates.c, tables.outbox.c
    audit, application = tables.audit_entries.c, tables.applications.c
    here = tx.workspace_id
    both = _pairing_ids(tx, mine)
    as_mentor = _pairing_ids(tx, mine, Role.MENTOR)
    answer, vote, goal = tables.sealed_answers.c, tables.votes.c, tables.goals.c
    attendance, asked = tables.attendances.c, tables.requests.c
    response, agreed = tables.responses.c, tables.agreements.c
    question, relay, hearer = tables.questions.c, tables.relays.c, tables.question_hearers.c
    knows, code, came = tables.acquaintances.c, tables.recommendations.c, tables.came_by.c
    asked_ids = select(question.question_id).where(
        question.workspace_id == here, question.asked_by.in_(mine)
    )
    apart, parted, feed = tables.kept_apart.c, tables.partings.c, tables.feeds.c
    concern, entry, hold = tables.concerns.c, tables.case_entries.c, tables.holds.c
    cases = select(concern.concern_id).where(
        concern.workspace_id == here,
        or_(concern.reporter == slack_user_id, _holds(concern.about, slack_user_id)),
    )
    own = select(application.application_id).where(
        application.workspace_id == here, application.slack_user_id == slack_user_id
    )
    statements = (
        delete(tables.sealed_answers).where(
            answer.workspace_id == here, answer.application_id.in_(own)
        ),
        delete(tables.votes).where(vote.workspace_id == here, vote.participant_id.in_(mine)),
        delete(tables.attendances).where(
            attendance.workspace_id == here, attendance.slack_user_id == slack_user_id
        ),
        delete(tables.agreements).where(agreed.workspace_id == here, agreed.pairing_id.in_(both)),
        update(tables.partings)
        .where(parted.workspace_id == here, parted.pairing_id.in_(both))
        .values(sealed=None),
        update(tables.case_entries)
        .where(entry.workspace_id == here, entry.concern_id.in_(cases))
        .values(sealed=None),
        update(tables.concerns)
        .where(concern.workspace_id == here, concern.concern_id.in_(cases))
        .values(sealed=None),
        delete(tables.holds).where(hold.workspace_id == here, hold.slack_user_id == slack_user_id),
        delete(tables.feeds).where(feed.workspace_id == here, feed.slack_user_id == slack_user_id),
        update(tables.relays)
        .where(
            relay.workspace_id == here,
            or_(relay.participant_id.in_(mine), relay.question_id.in_(asked_ids)),
        )
        .values(sealed=None),
        update(tables.questions)
        .where(question.workspace_id == here, question.asked_by.in_(mine))
        .values(sealed=None),
        delete(tables.checklists).where(
            tables.checklists.c.workspace_id == here,
            tables.checklists.c.participant_id.in_(mine),
        ),
        delete(tables.question_hearers).where(
            hearer.workspace_id == here, hearer.participant_id.in_(mine)
        ),
        update(tables.acquaintances)
        .where(
            knows.workspace_id == here,
            or_(*(it.in_(mine) for it in (knows.mentor_id, knows.mentee_id, knows.other_id))),
        )
        .values(note=""),
        delete(tables.recommendations).where(
            code.workspace_id == here, code.participant_id.in_(mine)
        ),
        delete(tables.came_by).where(
            came.workspace_id == here, came.slack_user_id == slack_user_id
        ),
        delete(tables.kept_apart).where(
            apart.workspace_id == here,
            or_(apart.one == slack_user_id, apart.other == slack_user_id),
        ),
        update(tables.responses)
        .where(response.workspace_id == here, response.participant_id.in_(mine))
        .values(answers={}),
        update(tables.requests)
        .where(asked.workspace_id == here, asked.mentee_id.in_(mine))
        .values(note=""),
        delete(tables.goals).where(goal.workspace_id == here, goal.participant_id.in_(mine)),
        update(tables.feedbacks)
        .where(
            feedback.workspace_id == here,
            or_(feedback.from_participant_id.in_(mine), feedback.pairing_id.in_(as_mentor)),
        )
        .values(helped_with="", could_improve=""),
        update(tables.pairings)
        .where(pairing.workspace_id == here, pairing.pairing_id.in_(both))
        .values(reasons=[], channel_id=None),
        update(tables.certificates)
        .where(certificate.workspace_id == here, certificate.participant_id.in_(mine))
        .values(override_reason=None, credential=None, revoked_reason=None),
        update(tables.audit_entries)
        .where(audit.workspace_id == here, _holds(audit.details, slack_user_id))
        .values(details={}),
        update(tables.applications)
        .where(application.workspace_id == here, application.slack_user_id == slack_user_id)
        .values(
            name="",
            email=None,
            unconfirmed_email=None,
            answers={},
            reasons=[],
            question=None,
            reply=None,
            decision_reason=None,
        ),
        update(tables.outbox)
        .where(message.workspace_id == here, _holds(message.recipients, slack_user_id))
        .values(channel_id=None, file_id=None),
    )
    for statement in statements:
        tx.session.execute(statement)


def _pairing_ids(tx: Transaction, mine: list[str], role: Role | None = None) -> list[str]:
    column = tables.memberships.c
    query = select(column.pairing_id).where(
        column.workspace_id == tx.workspace_id, column.participant_id.in_(mine)
    )
    return list(tx.session.scalars(query if role is None else query.where(column.role == role)))


def _tables() -> list[Table]:
    found = tables.metadata.sorted_tables
    return [table for table in found if "workspace_id" in table.c]


def _texts(table: Table) -> list[Column[Any]]:
    """The columns of a table that can hold an id, in whatever form."""
    return [
        column
        for column in table.columns
        if isinstance(column.type, String | JSON) and column.name != "workspace_id"
    ]


def _holds(column: Column[Any], slack_user_id: str) -> ColumnElement[bool]:
    return cast(column, Text).like(f"%{slack_user_id}%")


def _rows_with(tx: Transaction, table: Table, slack_user_id: str) -> list[RowMapping]:
    """The rows of a table that hold an id: their keys, and their text columns as text."""
    texts = _texts(table)
    query = select(
        *(column.label(f"key_{column.name}") for column in table.primary_key.columns),
        *(cast(column, Text).label(column.name) for column in texts),
    ).where(
        table.c.workspace_id == tx.workspace_id,
        or_(*(_holds(column, slack_user_id) for column in texts)),
    )
    word = _word(slack_user_id)
    rows = tx.session.execute(query).mappings().all()
    return [row for row in rows if any(word.search(row[it.name] or "") for it in texts)]


def _word(slack_user_id: str) -> re.Pattern[str]:
    """The id by itself, not the beginning of a longer one."""
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(slack_user_id)}(?![A-Za-z0-9])")


def _replace(
    tx: Transaction, table: Table, row: RowMapping, slack_user_id: str, stand_in: str
) -> None:
    word = _word(slack_user_id)
    changed = {
        column.name: _as(tx, column, word.sub(stand_in, row[column.name]))
        for column in _texts(table)
        if word.search(row[column.name] or "")
    }
    keys = (column == row[f"key_{column.name}"] for column in table.primary_key.columns)
    tx.session.execute(update(table).where(*keys).values(changed))


def _as(tx: Transaction, column: Column[Any], value: str) -> ColumnElement[Any]:
    """Text for a column of text or of JSON, without reading what may be spoilt."""
    plain = literal(value, Text)
    is_postgresql = tx.session.get_bind().dialect.name == "postgresql"
    return cast(plain, JSON) if is_postgresql and isinstance(column.type, JSON) else plain
