"""Fixtures that many tests share."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import World, world_at


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A workspace on a Monday morning, the IMG programme in its channel, nobody enrolled yet."""
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    with world_at(tmp_path) as made:
        yield made
