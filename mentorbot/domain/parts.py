"""What the parts of a programme file are made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2500)]
OptionText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=75)]


class Part(BaseModel):
    """A part of the programme file: unknown words are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)
