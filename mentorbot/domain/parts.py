"""What the parts of a programme file are made of."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2500)]
OptionText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=75)]


class Part(BaseModel):
    """A part of the programme file: unknown words are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)


Place = tuple[str | int, ...]
"""Where something stands in the file, such as ("form", 0, "kind")."""


class Disagreements(ValueError):
    """Parts that do not fit together: where each stands, and why it does not fit."""

    def __init__(self, found: Sequence[tuple[Place, str]]) -> None:
        super().__init__("; ".join(what for _place, what in found))
        self.found = tuple(found)
