"""What every matching file is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[^\s:][^\r\n\t:]{0,199}$")]
"""Someone's or something's name in the file: no colon, no line break."""


class FilePart(BaseModel):
    """A part of a matching file: unknown words are refused, and nothing is turned into another."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
