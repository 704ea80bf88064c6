"""Group mentoring in a programme's file: how many mentees share a mentor."""

from typing import Self

from pydantic import Field, model_validator

from mentorbot.domain.parts import Part

MOST_MENTEES = 7
"""Slack opens a group DM with eight people beside the bot: the mentor and seven more.

Source: https://docs.slack.dev/reference/methods/conversations.open
"""


class Group(Part):
    """How many mentees a group has: from `least` to `most`, with one mentor.

    A group is introduced in one group DM, and its mentor has one at a time. When a mentee leaves,
    the others go on as long as there are `least` of them.
    """

    least: int = Field(ge=2, le=MOST_MENTEES)
    most: int = Field(ge=2, le=MOST_MENTEES)

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        if self.most < self.least:
            raise ValueError(f"the most mentees of a group are fewer than the least, {self.least}")
        return self
