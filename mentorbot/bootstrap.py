"""Joins the parts: the one place that knows the real clock and the real source of chance."""

import logging
import random
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import Engine

from mentorbot.config import Settings
from mentorbot.domain.errors import DatabaseRefused
from mentorbot.mail import Mail
from mentorbot.metrics import Metrics, Pulse
from mentorbot.redaction import redacting
from mentorbot.storage import jobs, migration
from mentorbot.storage.clock import DatabaseClock
from mentorbot.storage.sealing import Vault
from mentorbot.storage.store import Store, open_engine
from mentorbot.tracing import Tracing, Untraced, tracing_to

Clock = Callable[[], datetime]
"""Returns the present instant, aware and in UTC."""


@dataclass(frozen=True)
class MentorBot:
    """Everything a surface needs; `knock` is set when there is something to deliver at once."""

    settings: Settings
    store: Store
    clock: Clock
    mail: Mail
    knock: threading.Event = field(default_factory=threading.Event)
    metrics: Metrics = field(default_factory=Metrics)
    pulse: Pulse = field(default_factory=Pulse)
    tracing: Tracing = field(default_factory=Untraced)


def real_clock() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


def shared_clock(engine: Engine) -> Clock:
    """The clock of all who work over a database: PostgreSQL's own; with SQLite this machine's."""
    return DatabaseClock(engine) if engine.dialect.name == "postgresql" else real_clock


def ids(clock: Clock, chance: random.Random) -> Callable[[], str]:
    """A source of ids: twelve hexadecimal digits of milliseconds, then fourteen of chance.

    What is made together lies together in every index, so that a large table takes as little
    writing as a small one. The machine's clock will do: ids tell roughly when, never who was first.
    """
    return lambda: f"{int(clock().timestamp() * 1000):012x}{chance.getrandbits(56):014x}"


def build(
    settings: Settings, *, clock: Clock | None = None, rng: random.Random | None = None
) -> MentorBot:
    """Join the parts over the settings' database (which must be migrated before use).

    Without a `clock` it is the one that all replicas share.
    """
    chance = rng or random.SystemRandom()
    engine = open_engine(settings.mentorbot_database_url)
    tell = jobs.ask_for_drain if settings.mentorbot_engine == "procrastinate" else None
    vault = Vault(settings.secret_keys)
    url = settings.mentorbot_public_url
    store = Store(engine, ids(clock or real_clock, chance), tell, vault, url)
    traces = tracing_to(settings.otel_exporter_otlp_endpoint)
    return MentorBot(
        settings, store, clock or shared_clock(engine), mail_by(settings), tracing=traces
    )


def mail_by(settings: Settings) -> Mail:
    """Who sends e-mail."""
    smtp_url = settings.mentorbot_smtp_url.get_secret_value()
    return Mail(smtp_url, settings.mentorbot_mail_from, settings.mentorbot_mail_folder)


def migrate(bot: MentorBot) -> None:
    """Bring the bot's database to this version, as its owner where the bot does not own it.

    Raises DatabaseRefused where there can be no folder for it.
    """
    path = bot.settings.sqlite_path()
    if path is not None:
        _make_folder(path.parent)
    owner_url = bot.settings.mentorbot_database_owner_url
    if not owner_url:
        migration.upgrade(bot.store.engine)
        return
    owner = open_engine(owner_url)
    try:
        migration.upgrade(owner, bot.store.engine.url.username)
    finally:
        owner.dispose()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseRefused(f"There can be no database in {folder}: {error.strerror}.") from None


def set_up_logging(settings: Settings) -> None:
    """Structured logs on standard error, the libraries' too: text for people, JSON for machines."""
    level = settings.mentorbot_log_level.upper()
    as_json = settings.mentorbot_log_format == "json"
    steps: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([structlog.processors.format_exc_info] if as_json else []),
    ]
    renderer = redacting(
        structlog.processors.JSONRenderer() if as_json else _console(), settings.secrets
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=steps,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=level, handlers=[handler])
    for noisy in ("alembic", "slack_bolt", "slack_sdk", "apscheduler", "uvicorn"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))
    structlog.configure(
        processors=[*steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def _console() -> structlog.dev.ConsoleRenderer:
    """Text for people; tracebacks show no local variables, which may hold answers or tokens."""
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
