"""Settings: the only reader of the environment and of `.env`."""

import re
from email.utils import parseaddr
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from mentorbot import tracing

SLACK_API_URL = "https://slack.com/api/"
_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
"""32 bytes in URL-safe base64."""
_POSTGRESQL = re.compile(r"postgresql(\+psycopg)?://")
_DATABASE = re.compile(rf"sqlite:///.|{_POSTGRESQL.pattern}")


class Settings(BaseSettings):
    """How this process runs; every field is an environment variable of the same name."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    slack_bot_token: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_signing_secret: SecretStr = SecretStr("")
    slack_client_id: str = ""
    slack_client_secret: SecretStr = SecretStr("")
    slack_api_url: str = SLACK_API_URL
    slack_authorize_url: str = "https://slack.com/oauth/v2/authorize"
    mentorbot_public_url: str = ""
    mentorbot_host: str = "127.0.0.1"
    mentorbot_port: int = Field(default=8080, ge=0, le=65535)
    mentorbot_database_url: str = "sqlite:///var/mentorbot.db"
    mentorbot_database_owner_url: str = ""
    """Who migrates a PostgreSQL database, where the bot's own role does not own its tables."""
    mentorbot_erasures_file: str = ""
    """Where erasures are written down; without it, beside an SQLite database, else in `var`."""
    mentorbot_retention_days: int = Field(default=30, ge=0, le=3650)
    """How long a workspace's data is kept that has uninstalled the app."""
    mentorbot_secret_keys: SecretStr = SecretStr("")
    """Keys for sensitive answers, with commas between them: the first seals, each of them opens."""
    mentorbot_invite_url: str = ""
    """Where people join the workspace, unless a programme's file says so itself."""
    mentorbot_smtp_url: SecretStr = SecretStr("")
    """Who sends e-mail, such as smtps://user:password@host; else it is written to a folder."""
    mentorbot_mail_from: str = "MentorBot <mentorbot@localhost>"
    mentorbot_mail_folder: Path = Path("var/mail")
    mentorbot_engine: Literal["inproc", "procrastinate"] = "inproc"
    mentorbot_heartbeat_seconds: float = Field(default=5.0, gt=0, le=20)
    mentorbot_lease_seconds: float = Field(default=30.0, ge=20, le=600)
    mentorbot_senders: int = Field(default=4, ge=1, le=64)
    """Threads that call Slack, shared out among all workspaces."""
    mentorbot_messages_per_minute: int = Field(default=500, ge=0)
    """The most in one workspace; 0 keeps no pace at all, for a Slack without limits."""
    mentorbot_log_level: Literal["debug", "info", "warning", "error"] = "info"
    mentorbot_log_format: Literal["text", "json"] = "text"
    otel_exporter_otlp_endpoint: str = ""
    """An OpenTelemetry collector's base address; without it nothing is traced."""

    @field_validator("slack_api_url")
    @classmethod
    def _ends_with_a_slash(cls, url: str) -> str:
        if not url.startswith(("https://", "http://")):
            raise ValueError("must be a web address such as https://slack.com/api/")
        return url if url.endswith("/") else f"{url}/"

    @field_validator("mentorbot_database_url", "mentorbot_database_owner_url")
    @classmethod
    def _is_a_database(cls, url: str, field: ValidationInfo) -> str:
        if not _DATABASE.match(url) and (url or field.field_name == "mentorbot_database_url"):
            raise ValueError(
                "must be like sqlite:///var/mentorbot.db or postgresql://bot@host/name"
            )
        return url

    @field_validator("mentorbot_engine")
    @classmethod
    def _has_its_database(cls, engine: str, others: ValidationInfo) -> str:
        url = others.data.get("mentorbot_database_url", "")
        if engine == "procrastinate" and not _POSTGRESQL.match(url):
            raise ValueError("procrastinate needs a PostgreSQL database in MENTORBOT_DATABASE_URL")
        return engine

    @field_validator("mentorbot_smtp_url")
    @classmethod
    def _is_a_mail_server(cls, url: SecretStr) -> SecretStr:
        given = urlsplit(url.get_secret_value())
        if url.get_secret_value() and (given.scheme not in ("smtp", "smtps") or not given.hostname):
            raise ValueError("must be like smtps://user:password@smtp.example.org:465")
        return url

    @field_validator("mentorbot_mail_from")
    @classmethod
    def _is_an_address(cls, sender: str) -> str:
        if "@" not in parseaddr(sender)[1]:
            raise ValueError("must be like MentorBot <mentorbot@example.org>")
        return sender

    @field_validator(
        "slack_authorize_url",
        "mentorbot_public_url",
        "mentorbot_invite_url",
        "otel_exporter_otlp_endpoint",
    )
    @classmethod
    def _is_a_web_address(cls, url: str) -> str:
        if url and not url.startswith(("https://", "http://")):
            raise ValueError("must be a web address such as https://mentorbot.example.org")
        return url.rstrip("/")

    @field_validator("mentorbot_secret_keys")
    @classmethod
    def _are_keys(cls, keys: SecretStr) -> SecretStr:
        for key in _listed(keys):
            if not _KEY.fullmatch(key):
                raise ValueError("must be keys as `mentorbot secrets new` makes them")
        return keys

    @field_validator("otel_exporter_otlp_endpoint")
    @classmethod
    def _can_be_traced(cls, url: str) -> str:
        if url and not tracing.is_installed():
            raise ValueError("needs what `pip install 'mentorbot[otel]'` brings; or leave it empty")
        return url

    @property
    def is_single_workspace(self) -> bool:
        """Whether one token serves everything; otherwise each workspace's is asked of the store."""
        return bool(self.slack_bot_token.get_secret_value()) or not self.slack_client_id

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The keys for sensitive answers, the one that seals first."""
        return _listed(self.mentorbot_secret_keys)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be logged."""
        held = (
            self.slack_bot_token,
            self.slack_app_token,
            self.slack_signing_secret,
            self.slack_client_secret,
            self.mentorbot_smtp_url,
        )
        found = tuple(found for secret in held if (found := secret.get_secret_value()))
        return (*found, *self.secret_keys)

    def missing_for_http(self) -> str | None:
        """In a sentence, what HTTP mode lacks; None where nothing does."""
        if not self.slack_signing_secret.get_secret_value().strip():
            return (
                "SLACK_SIGNING_SECRET is not set. Without it nobody can tell Slack's requests from"
                " anybody else's; it is under Basic Information, App Credentials."
            )
        if self.slack_bot_token.get_secret_value():
            return None
        if not self.slack_client_id or not self.slack_client_secret.get_secret_value():
            return (
                "Set SLACK_BOT_TOKEN for one workspace, or SLACK_CLIENT_ID and"
                " SLACK_CLIENT_SECRET to be installed from a link."
            )
        if not self.mentorbot_public_url:
            return "MENTORBOT_PUBLIC_URL is not set: the address at which Slack finds this server."
        return None

    def sqlite_path(self) -> Path | None:
        """The file of an SQLite database, None for other databases."""
        scheme, _, path = self.mentorbot_database_url.partition(":///")
        return Path(path) if scheme == "sqlite" and path else None

    def erasures_path(self) -> Path:
        """The file of erasures."""
        if self.mentorbot_erasures_file:
            return Path(self.mentorbot_erasures_file)
        return (self.sqlite_path() or Path("var/mentorbot.db")).with_suffix(".erasures")


def _listed(secret: SecretStr) -> tuple[str, ...]:
    parts = (part.strip() for part in secret.get_secret_value().split(","))
    return tuple(part for part in parts if part)
