"""What an operator's tests share: an office whose database the commands find, and the commands."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from mentorbot.cli import app
from tests.faults.office import Office, office_at
from tests.slack.conftest import _quiet  # noqa: F401  # failures are caused on purpose here too
from tests.test_cli import run as alone  # noqa: F401  # in an empty folder, with a log of its own

Run = Callable[..., Result]
LATER = datetime(2999, 1, 2, 10, tzinfo=UTC)
"""After any act by command, which goes by the machine's own clock."""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A bot that only delivers, and the workspace it delivers to."""
    with office_at(tmp_path) as made:
        monkeypatch.setenv("MENTORBOT_DATABASE_URL", made.bot.settings.mentorbot_database_url)
        monkeypatch.chdir(tmp_path)
        yield made


@pytest.fixture
def run() -> Run:
    """Runs `mentorbot …`."""
    return lambda *words, **more: CliRunner().invoke(app, list(words), **more)
