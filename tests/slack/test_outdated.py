"""What has left the programme's file before it could be said is not said, and nobody is alarmed."""

from typing import Any

import pytest

from mentorbot.domain.messages import MessageKind, MessageState
from mentorbot.storage import outbox
from mentorbot.usecases.messages import enqueue
from tests.world import AMARA, HANNAH, World


@pytest.mark.parametrize(
    ("kind", "params"),
    [(MessageKind.TIP, {"tip": "gone"}), (MessageKind.STAGE_REACHED, {"stage": "gone"})],
)
def test_message_about_what_has_left_the_file_is_cancelled(
    world: World, kind: MessageKind, params: dict[str, Any]
) -> None:
    world.person(AMARA).join("mentor")
    heard = len(world.person(AMARA).dms())
    with world.bot.store.begin(world.running.workspace_id) as tx:
        said = {"programme_id": "img", "subject": "it", "now": world.clock()}
        enqueue(tx, kind, [AMARA], **said, **params)
    world.settle()
    with world.bot.store.read(world.running.workspace_id) as tx:
        found = outbox.by_key(tx, f"it:{kind}:1:{AMARA}")
    assert found is not None
    assert found.state is MessageState.CANCELLED
    assert len(world.person(AMARA).dms()) == heard
    assert world.person(HANNAH).dms() == []
