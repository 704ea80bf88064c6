"""Queries about surveys: which are open, and who has answered."""

from collections.abc import Sequence

from sqlalchemy import select

from mentorbot.domain.surveys import OpenSurvey, Response
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_survey, _response = tables.surveys.c, tables.responses.c


def survey(tx: Transaction, survey_id: str) -> OpenSurvey | None:
    """A survey by id."""
    return tx.get(OpenSurvey, survey_id)


def of_programme(tx: Transaction, programme_id: str) -> list[OpenSurvey]:
    """Every survey of a programme, the newest first."""
    query = (
        select(OpenSurvey)
        .where(_survey.workspace_id == tx.workspace_id, _survey.programme_id == programme_id)
        .order_by(_survey.opens_at.desc(), _survey.survey_id)
    )
    return list(tx.session.scalars(query))


def forget(tx: Transaction, found: OpenSurvey) -> None:
    """Delete a survey that has not opened."""
    tx.session.delete(found)
    tx.session.flush()


def response(tx: Transaction, survey_id: str, participant_id: str) -> Response | None:
    """Somebody's response to a survey."""
    return tx.get(Response, survey_id, participant_id)


def responded(tx: Transaction, survey_id: str, among: Sequence[str]) -> set[str]:
    """Who of some participants has answered, by participant id."""
    query = select(_response.participant_id).where(
        _response.workspace_id == tx.workspace_id,
        _response.survey_id == survey_id,
        _response.participant_id.in_(among),
    )
    return set(tx.session.scalars(query))


def responses(tx: Transaction, survey_id: str) -> list[Response]:
    """All responses to a survey, by participant id."""
    query = (
        select(Response)
        .where(_response.workspace_id == tx.workspace_id, _response.survey_id == survey_id)
        .order_by(_response.participant_id)
    )
    return list(tx.session.scalars(query))
