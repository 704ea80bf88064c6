"""Agreements: what a pair settles between them in the first month, and who has signed it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from pydantic import Field, model_validator

from mentorbot.domain.model import Role
from mentorbot.domain.parts import Part, Place
from mentorbot.domain.questions import Question, Widget


class AgreementRules(Part):
    """What a pair agrees on: their goals, how long, how often and how they meet, what stays apart.

    The mentee writes it first, from these `questions`, and the others of the pair sign it; each can
    change it, and then all sign anew. They are asked for it `ask_day` days after the pair's first,
    and once more by `due_day`. It is sealed: coordinators see whether it is signed, and no more.
    It needs a key to seal with, as sensitive questions do.
    """

    ask_day: int = Field(default=7, ge=1, le=60)
    due_day: int = Field(default=28, ge=2, le=120)
    questions: tuple[Question, ...] = Field(min_length=1, max_length=12)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.due_day <= self.ask_day:
            raise ValueError("due_day comes after ask_day, on which the mentee is asked first")
        ids = [asked.id for asked in self.questions]
        if len(set(ids)) < len(ids):
            raise ValueError("two questions of the agreement share an id")
        return self

    def faults(self) -> Iterator[tuple[Place, str]]:
        """Questions that a pair cannot answer together."""
        for number, asked in enumerate(self.questions):
            place: Place = ("questions", number)
            if asked.sensitive or asked.widget in (Widget.TICK, Widget.EMAIL):
                yield place, "an agreement asks for words, numbers, dates and choices alone"
            elif set(asked.roles) != set(Role):
                yield place, "an agreement is the pair's: its questions have no roles"


@dataclass
class Agreement:
    """A pair's agreement; `sealed` holds the answers, for its pairing.

    `version` counts how often it was written; `signatures` say which version each member, by
    participant id, has signed. `shared` are those who would let the programme's team read it as it
    stands: it does once all would.
    """

    workspace_id: str
    pairing_id: str
    sealed: str
    version: int
    written_by: str
    written_at: datetime
    signatures: dict[str, int] = field(default_factory=dict)
    shared: list[str] | None = None

    def is_signed_by(self, participant_id: str) -> bool:
        """Whether somebody has signed it as it stands."""
        return self.signatures.get(participant_id) == self.version

    def is_open_to_team(self, members: Collection[str]) -> bool:
        """Whether all of a pair would let the programme's team read it as it stands."""
        return bool(members) and set(members) <= set(self.shared or ())

    def is_signed(self, members: Collection[str]) -> bool:
        """Whether all of a pair have signed it as it stands."""
        return all(self.is_signed_by(it) for it in members)
