"""Questions without a name: whoever asks is told to nobody, nor is whoever answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

WORDS_MOST = 1000
ANSWER_MOST = 2000
RELAYED_TO = 3
"""So many mentors read a question at one time."""
A_WEEK = timedelta(days=7)
MOST_IN_A_WEEK = 3
ANSWERED_WITHIN = timedelta(days=21)


@dataclass
class AnonymousQuestion:
    """A question; `sealed` holds its words. `asked_by` is a participant, told to nobody."""

    workspace_id: str
    question_id: str
    programme_id: str
    asked_by: str
    sealed: str | None
    asked_at: datetime

    def takes_answers(self, now: datetime) -> bool:
        """Whether an answer still reaches whoever asked."""
        return self.sealed is not None and now < self.asked_at + ANSWERED_WITHIN


@dataclass
class Relay:
    """A question before a mentor; `sealed` holds their answer."""

    workspace_id: str
    question_id: str
    participant_id: str
    told_at: datetime
    answered_at: datetime | None = None
    passed_at: datetime | None = None
    sealed: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it waits for this mentor."""
        return self.answered_at is None and self.passed_at is None


@dataclass
class QuestionHearer:
    """A mentor who answers questions without a name."""

    workspace_id: str
    participant_id: str
    since_at: datetime
