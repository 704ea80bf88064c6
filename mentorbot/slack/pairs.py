"""What several forms ask: which of somebody's pairings is meant."""

from collections import Counter
from collections.abc import Sequence

from mentorbot.domain.model import Pairing, Participant
from mentorbot.slack import blocks
from mentorbot.storage import people
from mentorbot.storage.store import Transaction
from mentorbot.wording import day, listed, plain, say


def names_of(
    tx: Transaction, found: Sequence[tuple[Pairing, Sequence[Participant]]], locale: str
) -> list[str]:
    """What to call the others of each pairing, as Slack last told their names.

    Namesakes are told apart by the day on which each pairing began.
    """
    known = people.names(tx, [it.slack_user_id for _pairing, others in found for it in others])
    names = [
        listed([known.get(it.slack_user_id, "") for it in others], locale)
        for _pairing, others in found
    ]
    seen = Counter(names)
    return [
        name if seen[name] == 1 else _with_day(name, pairing, locale)
        for name, (pairing, _others) in zip(names, found, strict=True)
    ]


def _with_day(name: str, pairing: Pairing, locale: str) -> str:
    since = f" ({plain(say('pairs.since', locale, on=day(pairing.introduced_at.date(), locale)))})"
    return f"{blocks.clip(name, blocks.OPTION_MOST - len(since))}{since}"


def pair_options(pairing_ids: Sequence[str], names: Sequence[str]) -> list[blocks.Block]:
    """Somebody's pairings as options, by whom each is with."""
    return [
        blocks.option(name or pairing_id, pairing_id)
        for name, pairing_id in zip(names, pairing_ids, strict=True)
    ][: blocks.OPTIONS_MOST]


def pair_field(pairing_ids: Sequence[str], names: Sequence[str], label: str) -> blocks.Block:
    """A choice of one of somebody's pairings by whom it is with; one alone is chosen already."""
    options = pair_options(pairing_ids, names)
    alone = options[0]["value"] if len(options) == 1 else None
    return blocks.field("pairing", label, blocks.select(options, initial=alone))
