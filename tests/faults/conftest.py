"""What the tests of faults share: quiet logs, and an office that posts to a simulated Slack."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.office import Office, office_at
from tests.slack.conftest import _quiet  # noqa: F401  # failures are caused on purpose here too


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A bot that only delivers, and the workspace it delivers to."""
    with office_at(tmp_path) as made:
        yield made
