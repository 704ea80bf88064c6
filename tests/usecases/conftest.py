"""The use cases are tried on a database of their own, with a simulated Slack to count in."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.applications import Desk, desk_at, programme_file
from tests.faults.conftest import office  # noqa: F401  # a fixture of this folder too


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Opens the desk of a programme with some rules of applying."""
    with ExitStack() as stack:
        yield lambda **rules: stack.enter_context(desk_at(tmp_path, programme_file(**rules)))
