"""Which of a workspace's programmes somebody means: by button, form, word, channel, or as theirs.

What is shown carries its programme along: a row of buttons in its `block_id`, a modal in its
`private_metadata`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mentorbot.domain.errors import WhichProgramme
from mentorbot.domain.model import Programme
from mentorbot.domain.programme import parse_stored
from mentorbot.slack.blocks import Block
from mentorbot.storage import appointments, participants
from mentorbot.storage.store import Transaction

_CARRIED = re.compile(r"programme:([a-z][a-z0-9_]*) (.*)", re.DOTALL)
_NAMED = re.compile(r"(?:^|\s)programme:(\S*)", re.IGNORECASE)


def stamped(shown: Sequence[Block], programme_id: str) -> list[Block]:
    """Blocks whose buttons tell their programme when they are pressed."""
    return [
        {**block, "block_id": f"programme:{programme_id} {number}"} if _can_tell(block) else block
        for number, block in enumerate(shown)
    ]


def _can_tell(block: Block) -> bool:
    has_buttons = block["type"] == "actions" or "accessory" in block
    return has_buttons and "block_id" not in block


def stamped_view(view: Block, programme_id: str) -> Block:
    """A modal that tells its programme when it is sent, or a button in it pressed."""
    metadata = f"programme:{programme_id} {view.get('private_metadata', '')}"
    return {**view, "private_metadata": metadata}


def unstamped_view(view: Block) -> Block:
    """The modal as its surface made it."""
    carried = _CARRIED.fullmatch(view.get("private_metadata") or "")
    return {**view, "private_metadata": carried[2]} if carried else view


def without_programme(text: str) -> str:
    """The words of a command, without the programme that they name."""
    return _NAMED.sub("", text)


def carried_by(body: Mapping[str, Any]) -> str | None:
    """The programme that a click or a form carries."""
    view, action = body.get("view") or {}, (body.get("actions") or [{}])[0]
    for text in (view.get("private_metadata"), action.get("block_id")):
        if carried := _CARRIED.fullmatch(text or ""):
            return carried[1]
    return None


def find(tx: Transaction, body: Mapping[str, Any], slack_user_id: str) -> str | None:
    """The programme that is meant; None where none runs. Raises WhichProgramme where that is open.

    Where neither click nor words tell, it is the channel's, then the only one there is, then the
    only one in which somebody has a part.
    """
    if (carried := carried_by(body)) is not None:
        return carried
    running = participants.programmes(tx)
    if "command" in body and (named := _NAMED.search(body.get("text") or "")):
        if named[1].lower() not in {it.programme_id for it in running}:
            raise _which(running)
        return named[1].lower()
    if len(running) < 2:
        return running[0].programme_id if running else None
    channel_id = body.get("channel_id") or (body.get("channel") or {}).get("id")
    here = [it.programme_id for it in running if it.channel_id == channel_id]
    theirs = here or sorted(_parts_in(tx, slack_user_id) & {it.programme_id for it in running})
    if len(theirs) != 1:
        raise _which(running)
    return theirs[0]


def _parts_in(tx: Transaction, slack_user_id: str) -> set[str]:
    enrolled = {it.programme_id for it in participants.enrolments(tx, slack_user_id)}
    return enrolled | {it.programme_id for it in appointments.of_person(tx, slack_user_id)}


def _which(running: Sequence[Programme]) -> WhichProgramme:
    known = "; ".join(
        f"{parse_stored(it.definition).name} (programme:{it.programme_id})" for it in running
    )
    return WhichProgramme(known=known, example=running[0].programme_id if running else "img")
