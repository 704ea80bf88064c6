"""A posted message holds no more text in all than Slack takes, and short texts stay whole."""

from hypothesis import given
from hypothesis import strategies as st

from mentorbot.sandbox.validation import validate_posted
from mentorbot.slack import blocks

LENGTHS = st.lists(st.integers(1, 3000), min_size=1, max_size=30)


@given(LENGTHS)
def test_long_texts_are_cut_alike_and_short_ones_not_at_all(lengths: list[int]) -> None:
    shown = [
        blocks.section("a" * length) if place % 3 else blocks.context("a" * length)
        for place, length in enumerate(lengths)
    ]
    posted = blocks.posted(shown)
    validate_posted({"text": "t", "blocks": posted})
    kept = [len(_text(block)) for block in posted]
    cut = [found for found, length in zip(kept, lengths, strict=True) if found < length]
    assert all(found == min(length, max(kept)) for found, length in zip(kept, lengths, strict=True))
    room = blocks.POSTED_MOST - blocks.EACH_BLOCK * len(shown)
    assert bool(cut) == (sum(lengths) > room)


def _text(block: blocks.Block) -> str:
    held: blocks.Block = block["text"] if block["type"] == "section" else block["elements"][0]
    return str(held["text"])
