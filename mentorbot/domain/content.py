"""What a programme says: guidelines, guides, whom to turn to, the first meeting, certificates."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from mentorbot.domain.model import Role
from mentorbot.domain.parts import Line, OptionText, Part, Prose

Link = Annotated[str, StringConstraints(pattern=r"^https://[^\s|<>]+$", max_length=500)]


class Guidelines(Part):
    """A role's rules; a new version is acknowledged again by everybody in the role."""

    version: int = Field(ge=1)
    points: tuple[Prose, ...] = Field(min_length=1, max_length=12)


class Guide(Part):
    """Something worth reading before and while one takes part: a page, or the text itself."""

    title: Line
    url: Link | None = None
    text: Prose | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.url is None) == (self.text is None):
            raise ValueError("a guide is a page or a text: give its url or its text")
        return self


Guides = Mapping[Role, Annotated[tuple[Guide, ...], Field(max_length=8)]]


class Signatory(Part):
    """Who signs the certificate."""

    name: Line
    title: Line


class CertificateConditions(Part):
    """What a mentor has done before the certificate of a cycle comes, beside a mentee's feedback.

    `minutes` are those of meetings on record that are long enough to count, `sessions` how many
    they came to since their last cycle; with `surveys`, each mandatory one for mentors that has
    opened is answered. A coordinator can give the certificate all the same, with a reason.
    """

    minutes: int | None = Field(default=None, ge=1, le=6000)
    sessions: int | None = Field(default=None, ge=1, le=40)
    surveys: bool = False

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.minutes is None and self.sessions is None and not self.surveys:
            raise ValueError("say what it requires: minutes, sessions or surveys")
        return self


class CertificateRules(Part):
    """The certificate for mentors."""

    organisation: Line
    signatories: tuple[Signatory, ...] = Field(min_length=1, max_length=3)
    requires: CertificateConditions | None = None


class Signpost(Part):
    """A place to turn to when someone needs more support than a mentor can give.

    One with a `place` is for those who gave that place as an answer; they read it first.
    """

    label: Line
    url: Link
    place: OptionText | None = None


class FirstMeeting(Part):
    """The first-meeting card.

    With `by_email` each of a pair also gets the introduction as a letter, with the guides of their
    role, where their application holds an address that was confirmed.
    """

    boundaries: tuple[Line, ...] = Field(min_length=1, max_length=6)
    prompts: tuple[Line, ...] = Field(min_length=1, max_length=6)
    by_email: bool = False


class Contact(Part):
    """Somebody to turn to with questions, and what they are in the programme."""

    name: Line
    title: Line
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s<>|]+@[^@\s<>|]+$", max_length=254)] | (
        None
    ) = None
