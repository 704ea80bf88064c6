"""What follows when a message cannot be delivered: defined for each kind, and as the page says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import ParticipantState
from mentorbot.sandbox.demo import CHANNEL, COORDINATOR
from mentorbot.slack.consequences import carry_out
from mentorbot.slack.outcomes import Failure, Outcome
from mentorbot.storage import outbox, participants
from tests.faults.office import Office, office_at
from tests.world import AMARA, ZOE

PAGE = Path(__file__).parents[2] / "docs" / "operating.md"
TOLD = [kind for kind in MessageKind if kind is not MessageKind.UNREACHABLE]


def test_operators_page_says_of_each_kind_what_follows() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("\n| Message | Account gone |")[2]
    first_cells = re.findall(r"^\| ([^|]+) \|", section.partition("\n\n")[0], re.MULTILINE)
    named = [name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(MessageKind)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office in which two people are paired."""
    with office_at(tmp_path_factory.mktemp("consequences")) as made:
        made.introduce()
        yield made


def give_up(office: Office, message_id: str, outcome: Outcome, gone: list[str]) -> None:
    with office.bot.store.begin(office.workspace_id) as tx:
        message = outbox.message(tx, message_id)
        assert message is not None
        carry_out(tx, message, Failure(outcome, "a_reason"), gone, office.clock())


@pytest.mark.parametrize("kind", TOLD)
def test_coordinators_are_told_of_what_was_refused(shared: Office, kind: MessageKind) -> None:
    to = CHANNEL if kind is MessageKind.ROLE_BUTTONS else ZOE
    failed = shared.write(kind, to, kind=kind)
    before = {told.message_id for told in shared.messages(MessageKind.UNREACHABLE)}
    give_up(shared, failed, Outcome.REFUSED, [])
    every = shared.messages(MessageKind.UNREACHABLE)
    (told,) = (each for each in every if each.message_id not in before)
    assert told.recipients == [COORDINATOR]
    assert (told.params["what"], told.params["why"]) == (kind, "a_reason")


def test_alert_that_is_refused_causes_no_other(office: Office) -> None:
    failed = office.write(to=COORDINATOR, kind=MessageKind.UNREACHABLE)
    give_up(office, failed, Outcome.REFUSED, [])
    assert [each.message_id for each in office.messages(MessageKind.UNREACHABLE)] == [failed]


def test_whose_account_is_gone_leaves_and_the_partner_hears_of_it(office: Office) -> None:
    introduction = office.introduce()
    give_up(office, introduction.message_id, Outcome.GONE, [ZOE])
    with office.bot.store.read(office.workspace_id) as tx:
        gone = participants.of_person(tx, "img", ZOE)
    assert gone is not None
    assert gone.state is ParticipantState.LEFT
    (told,) = office.messages(MessageKind.PARTNER_LEFT)
    assert told.recipients == [AMARA]
    assert office.messages(MessageKind.UNREACHABLE) == []
