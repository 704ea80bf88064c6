"""The questions of an application form: what each kind asks for, accepts and keeps.

A new kind is a class here, in `Question`; a surface shows it by its `widget`.
"""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from mentorbot.domain.model import Role
from mentorbot.domain.parts import Identifier, Line, OptionText, Part

Problem = tuple[str, Mapping[str, str | int]]
"""A wording key and its values: why an answer cannot be taken."""
Purpose = Literal["selection", "cycle"]
"""What a sensitive answer is kept for: until the draw's results, or to the end of the cycle."""
LONGEST_LIST = 100
AGREEING = frozenset({"agreed", "yes", "true", "1", "x", "oui", "i agree"})
"""What stands for a ticked box in a form's export; `agreed` is our own."""
_ADDRESS = re.compile(r"[^@\s,;<>()\"]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)


def _different(options: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(options)) < 2:
        raise ValueError("a choice needs at least two different options")
    if len(set(options)) < len(options):
        raise ValueError("an option is listed twice")
    return options


Options = Annotated[
    tuple[OptionText, ...], Field(max_length=LONGEST_LIST), AfterValidator(_different)
]


class Widget(StrEnum):
    """How a question is put to a person."""

    LINE = "line"
    PARAGRAPH = "paragraph"
    ONE_OF = "one_of"
    SOME_OF = "some_of"
    NUMBER = "number"
    DATE = "date"
    EMAIL = "email"
    TICK = "tick"


class _Asked(Part):
    """What every question has.

    A `sensitive` one is asked apart from the form, with its `purpose` and a consent of its own,
    of which `consent_version` is kept; its answer is sealed, read by the lottery and the equity
    report alone, and erased after the draw's results (`keep_for: selection`) or at the end of the
    cycle (`keep_for: cycle`).
    """

    id: Identifier
    label: Line
    hint: Line | None = None
    required: bool = True
    roles: tuple[Role, ...] = Field(default=(Role.MENTOR, Role.MENTEE), min_length=1)
    sensitive: bool = False
    purpose: Line | None = None
    keep_for: Purpose | None = None
    consent_version: int = Field(default=1, ge=1)
    widget: ClassVar[Widget]
    can_be_sensitive: ClassVar[bool] = False

    @model_validator(mode="after")
    def _asked_with_care(self) -> Self:
        if not self.sensitive:
            if self.purpose is not None or self.keep_for is not None or self.consent_version > 1:
                raise ValueError(
                    "purpose, keep_for and consent_version are a sensitive question's:"
                    " add sensitive: true"
                )
            return self
        if not self.can_be_sensitive:
            raise ValueError(
                "a sensitive question is a consent, a choice or choices: nothing reads other kinds"
            )
        if self.required:
            raise ValueError("nobody has to answer a sensitive question: add required: false")
        if self.purpose is None or self.keep_for is None:
            raise ValueError("a sensitive question says its purpose, and what it is kept for")
        return self

    def clean(self, given: Any) -> Any:
        """An answer as it is kept, of whatever a surface or a file gave; None for no answer."""
        raise NotImplementedError

    def problem(self, answer: Any) -> Problem | None:
        """Why a cleaned answer cannot be taken, or None."""
        if answer is None:
            return ("form.missing", {}) if self.required else None
        return self._fault(answer)

    def _fault(self, answer: Any) -> Problem | None:
        raise NotImplementedError


class Text(_Asked):
    """A line of text, of at most `most` characters."""

    kind: Literal["text"]
    most: int = Field(default=100, ge=1, le=3000)
    widget = Widget.LINE

    def clean(self, given: Any) -> str | None:
        """Trimmed, with single spaces."""
        return " ".join(given.split()) or None if isinstance(given, str) else None

    def _fault(self, answer: str) -> Problem | None:
        return _too_long(answer, self.most)


class LongText(_Asked):
    """Some sentences: a statement, where `least` characters are asked for."""

    kind: Literal["long_text"]
    least: int = Field(default=0, ge=0, le=3000)
    most: int = Field(default=500, ge=1, le=3000)
    widget = Widget.PARAGRAPH

    @model_validator(mode="after")
    def _bounds_agree(self) -> Self:
        _check_in_order(self.least, self.most)
        return self

    def clean(self, given: Any) -> str | None:
        """Trimmed."""
        return _trimmed(given)

    def _fault(self, answer: str) -> Problem | None:
        if len(answer) < self.least:
            return "form.too_short", {"least": self.least, "found": len(answer)}
        return _too_long(answer, self.most)


class Choice(_Asked):
    """One of some options."""

    kind: Literal["choice"]
    options: Options
    can_be_sensitive = True
    widget = Widget.ONE_OF

    def clean(self, given: Any) -> str | None:
        """Trimmed."""
        return _trimmed(given)

    def _fault(self, answer: str) -> Problem | None:
        return None if answer in self.options else ("form.not_on_offer", {})


class Choices(_Asked):
    """Some of the options, at most `most` of them."""

    kind: Literal["choices"]
    options: Options
    can_be_sensitive = True
    most: int = Field(default=LONGEST_LIST, ge=1, le=LONGEST_LIST)
    widget = Widget.SOME_OF

    def clean(self, given: Any) -> list[str] | None:
        """Those given, each once; one text is a list of one."""
        listed = [given] if isinstance(given, str) else given
        if not isinstance(listed, list | tuple):
            return None
        each = [it.strip() for it in listed if isinstance(it, str) and it.strip()]
        return list(dict.fromkeys(each)) or None

    def _fault(self, answer: list[str]) -> Problem | None:
        if not set(answer) <= set(self.options):
            return "form.not_on_offer", {}
        if len(answer) > self.most:
            return "form.too_many", {"most": self.most, "found": len(answer)}
        return None


class Number(_Asked):
    """A whole number from `least` to `most`."""

    kind: Literal["number"]
    least: int = Field(default=1, ge=0)
    most: int = Field(default=100, ge=1, le=1_000_000)
    widget = Widget.NUMBER

    @model_validator(mode="after")
    def _bounds_agree(self) -> Self:
        _check_in_order(self.least, self.most)
        return self

    def clean(self, given: Any) -> int | None:
        """Of its digits; more than a billion is as good as a billion."""
        digits = str(given).strip()
        return int(digits[:9]) if digits.isdecimal() else None

    def _fault(self, answer: int) -> Problem | None:
        if self.least <= answer <= self.most:
            return None
        return "form.out_of_range", {"least": self.least, "most": self.most}


class Day(_Asked):
    """A date, kept as 2026-01-31; `earliest` and `latest` are the first and last to be taken."""

    kind: Literal["date"]
    earliest: date | None = None
    latest: date | None = None
    widget = Widget.DATE

    def clean(self, given: Any) -> str | None:
        """In the one form; what is no date is kept to be named as such."""
        text = str(given).strip() if given is not None else ""
        return text or None

    def _fault(self, answer: str) -> Problem | None:
        try:
            found = date.fromisoformat(answer)
        except ValueError:
            return "form.no_date", {}
        if (self.earliest and found < self.earliest) or (self.latest and found > self.latest):
            return "form.date_out_of_range", {}
        return None


class Email(_Asked):
    """An e-mail address, kept in small letters."""

    kind: Literal["email"]
    widget = Widget.EMAIL

    def clean(self, given: Any) -> str | None:
        """Trimmed, in small letters."""
        return _trimmed(given.casefold()) if isinstance(given, str) else None

    def _fault(self, answer: str) -> Problem | None:
        sound = len(answer) <= 254 and _ADDRESS.fullmatch(answer)
        return None if sound else ("form.no_address", {})


class Agreed(_Asked):
    """Something to agree to; the version that was agreed to is kept.

    An attestation says something of oneself and is always required; a consent may be refused.
    """

    kind: Literal["attestation", "consent"]
    version: int = Field(default=1, ge=1)
    can_be_sensitive = True
    widget = Widget.TICK

    @model_validator(mode="after")
    def _attested_by_all(self) -> Self:
        if self.kind == "attestation" and not self.required:
            raise ValueError("an attestation is required; what may be refused is a consent")
        return self

    def clean(self, given: Any) -> int | None:
        """The version, where the box is ticked; one that was agreed to before stays as it was."""
        ticked = given[0] if isinstance(given, list | tuple) and given else given
        if isinstance(ticked, str):
            return self.version if ticked.strip().casefold() in AGREEING else None
        if isinstance(ticked, int) and not isinstance(ticked, bool):
            return ticked
        return self.version if ticked else None

    def _fault(self, answer: int) -> Problem | None:
        return None if answer == self.version else ("form.missing", {})


AnyQuestion = Text | LongText | Choice | Choices | Number | Day | Email | Agreed
Question = Annotated[AnyQuestion, Field(discriminator="kind")]


def _trimmed(given: Any) -> str | None:
    return given.strip() or None if isinstance(given, str) else None


def _too_long(answer: str, most: int) -> Problem | None:
    return ("form.too_long", {"most": most, "found": len(answer)}) if len(answer) > most else None


def _check_in_order(least: int, most: int) -> None:
    if least > most:
        raise ValueError("least is above most")
