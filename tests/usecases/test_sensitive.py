"""Whose sensitive answers go, where each pair has a cycle of its own."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from mentorbot.domain.model import Application, Role
from mentorbot.domain.sealed import SealedAnswer
from mentorbot.usecases import sensitive
from tests.applications import JANUARY, TEAM, Desk, desk_at
from tests.lottery import FIELD, ORIGIN, lottery_file

ZOE, LINA, AMARA = "U0ZOE00000", "U0LINA0000", "U0AMARA000"


def answer(desk: Desk, who: str) -> Application:
    applied = desk.apply(who, field="Industry")
    given = {"origin": "Somewhere else"}
    desk.act(sensitive.answer, who, applied.application_id, given, ())
    return applied


def kept(desk: Desk) -> set[str]:
    with desk.store.read(TEAM) as tx:
        return {it.application_id for it in tx.session.scalars(select(SealedAnswer))}


def test_end_of_an_evergreen_pair_erases_what_the_two_have_said(tmp_path: Path) -> None:
    plain = lottery_file(form=(FIELD, ORIGIN), closes_on=None, results_on=None, selection={})
    cycle = plain.cycle.model_copy(update={"repeats": "evergreen", "join_until_day": None})
    with desk_at(tmp_path, plain.model_copy(update={"cycle": cycle})) as desk:
        zoe, lina = answer(desk, ZOE), answer(desk, LINA)
        desk.apply(AMARA, Role.MENTOR, field="Industry")
        desk.agree(AMARA, Role.MENTOR)
        desk.agree(ZOE)
        assert kept(desk) == {zoe.application_id, lina.application_id}
        desk.now = JANUARY + timedelta(days=29)
        desk.beat()
        assert kept(desk) == {lina.application_id}
