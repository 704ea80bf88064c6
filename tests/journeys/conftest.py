"""What holds in every journey."""

from collections.abc import Iterator

import pytest

from tests.journeys.telling import assert_nobody_was_told_twice


@pytest.fixture(autouse=True)
def nobody_is_told_twice(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever the story, nobody reads the same thing twice."""
    world = request.getfixturevalue("world") if "world" in request.fixturenames else None
    yield
    if world is not None:
        assert_nobody_was_told_twice(world)
