"""Rules over a whole list of blocks: ids that differ, one place in focus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mentorbot.sandbox.validation.problems import Problem


def block_ids_differ(blocks: Any, pointer: str) -> Iterator[Problem]:
    """No two blocks of a message or view answer to the same block_id."""
    seen: set[str] = set()
    for place, block in _blocks(blocks, pointer):
        block_id = block.get("block_id")
        if not isinstance(block_id, str):
            continue
        if block_id in seen:
            says = f'`block_id` "{block_id}" already exists'
            yield Problem(f"{place}/block_id", says)
        seen.add(block_id)


def one_focus(blocks: Any, pointer: str) -> Iterator[Problem]:
    """At most one element asks for the cursor when the view opens."""
    focused = list(_focused(blocks, pointer))
    for place in focused[1:]:
        yield Problem(place, "only one element may have `focus_on_load` set to true")


def _focused(value: Any, pointer: str) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("focus_on_load") is True:
            yield f"{pointer}/focus_on_load"
        for name, inner in value.items():
            yield from _focused(inner, f"{pointer}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _focused(inner, f"{pointer}/{index}")


def _blocks(blocks: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, block in enumerate(blocks if isinstance(blocks, list) else ()):
        if isinstance(block, dict):
            place = f"{pointer}/{index}"
            yield place, block
            yield from _blocks(block.get("child_blocks"), f"{place}/child_blocks")
