"""Settings: the only reader of the environment and of `.env`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SLACK_API_URL = "https://slack.com/api/"


class Settings(BaseSettings):
    """How this process runs; every field is an environment variable of the same name."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    slack_bot_token: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_api_url: str = SLACK_API_URL
    mentorbot_database_url: str = "sqlite:///var/mentorbot.db"
    mentorbot_database_owner_url: str = ""
    """Who migrates a PostgreSQL database, where the bot's own role does not own its tables."""
    mentorbot_engine: Literal["inproc", "procrastinate"] = "inproc"
    mentorbot_heartbeat_seconds: float = Field(default=5.0, gt=0, le=60)
    mentorbot_lease_seconds: float = Field(default=60.0, ge=20)
    mentorbot_log_level: Literal["debug", "info", "warning", "error"] = "info"
    mentorbot_log_format: Literal["text", "json"] = "text"

    @field_validator("slack_api_url")
    @classmethod
    def _ends_with_a_slash(cls, url: str) -> str:
        if not url.startswith(("https://", "http://")):
            raise ValueError("must be a web address such as https://slack.com/api/")
        return url if url.endswith("/") else f"{url}/"

    @property
    def is_real_slack(self) -> bool:
        """Whether messages would reach Slack itself."""
        return self.slack_api_url == SLACK_API_URL

    def sqlite_path(self) -> Path | None:
        """The file of an SQLite database, None for other databases."""
        scheme, _, path = self.mentorbot_database_url.partition(":///")
        return Path(path) if scheme == "sqlite" and path else None
