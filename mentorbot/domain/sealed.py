"""Sensitive answers as they are kept: sealed, and not for long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mentorbot.domain.questions import Purpose

MOST_KEPT: Mapping[Purpose, timedelta] = {
    "selection": timedelta(days=180),
    "cycle": timedelta(days=550),
}
"""The longest that an answer is kept, where no draw and no cycle's end erases it before."""


@dataclass
class SealedAnswer:
    """An answer to a sensitive question; `sealed` can be read with a key from the settings only.

    `consent_version` is that of the consent under which it was given. It goes at `erase_at`.
    """

    workspace_id: str
    sealed_id: str
    programme_id: str
    application_id: str
    question_id: str
    sealed: str
    consent_version: int
    sealed_at: datetime
    erase_at: datetime

    @property
    def place(self) -> str:
        """What it is sealed for."""
        return f"{self.application_id}/{self.question_id}"
