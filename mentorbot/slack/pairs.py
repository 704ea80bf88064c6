"""What several forms ask: which of somebody's pairings is meant."""

from collections.abc import Sequence

from mentorbot.domain.model import Participant
from mentorbot.slack import blocks
from mentorbot.storage import people
from mentorbot.storage.store import Transaction
from mentorbot.wording import listed


def names_of(tx: Transaction, some: Sequence[Participant], locale: str) -> str:
    """The names of some people, as Slack last told them, in a sentence."""
    known = people.names(tx, [it.slack_user_id for it in some])
    return listed([known.get(it.slack_user_id, "") for it in some], locale)


def pair_field(pairing_ids: Sequence[str], names: Sequence[str], label: str) -> blocks.Block:
    """A choice of one of somebody's pairings by whom it is with; one alone is chosen already."""
    options = [
        blocks.option(name or pairing_id, pairing_id)
        for name, pairing_id in zip(names, pairing_ids, strict=True)
    ][: blocks.OPTIONS_MOST]
    alone = options[0]["value"] if len(options) == 1 else None
    return blocks.field("pairing", label, blocks.select(options, initial=alone))
