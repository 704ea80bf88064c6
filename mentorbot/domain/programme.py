"""The programme file: its schema, and the reading of one."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import (
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from mentorbot.domain.errors import InvalidAnswers, InvalidProgramme
from mentorbot.domain.model import Role
from mentorbot.domain.parts import Identifier, Line, OptionText, Part, Prose
from mentorbot.domain.recurrence import Step

Days = Annotated[int, Field(ge=1)]
SHORTEST_MONTH_DAYS = 28
CAPACITY = "capacity"
"""The id of the question whose answer is a mentor's number of places."""


class Question(Part):
    """One question of the application form; `most` limits a text's characters or a number."""

    id: Identifier
    kind: Literal["choice", "choices", "text", "long_text", "number"]
    label: Line
    hint: Line | None = None
    options: tuple[OptionText, ...] = Field(default=(), max_length=100)
    least: int = Field(default=1, ge=0)
    most: int = Field(default=100, ge=1, le=3000)
    required: bool = True
    roles: tuple[Role, ...] = (Role.MENTOR, Role.MENTEE)

    @model_validator(mode="after")
    def _options_fit_the_kind(self) -> Self:
        if self.kind in ("choice", "choices") and len(set(self.options)) < 2:
            raise ValueError("a choice needs at least two different options")
        if self.least > self.most:
            raise ValueError("least is above most")
        if self.kind == "number" and self.most - self.least >= 100:
            raise ValueError("a number offers at most a hundred values")
        return self

    @model_validator(mode="after")
    def _capacity_counts_places(self) -> Self:
        counts = self.kind == "number" and self.least >= 1 and self.roles == (Role.MENTOR,)
        if self.id == CAPACITY and not counts:
            raise ValueError("capacity is a number from 1 that mentors alone are asked for")
        return self


class Guidelines(Part):
    """A role's rules; a new version is acknowledged again by everybody in the role."""

    version: int = Field(ge=1)
    points: tuple[Prose, ...] = Field(min_length=1, max_length=12)


class Criterion(Part):
    """A question whose answers decide between partners who have waited equally long.

    Answers in `ignore` say nothing when shared, such as "Not decided yet".
    """

    question: Identifier
    weight: int = Field(ge=1, le=1000)
    ignore: tuple[OptionText, ...] = ()


class Matching(Part):
    """How people are matched; instant: the moment somebody of the other role is free."""

    mode: Literal["instant"]
    criteria: tuple[Criterion, ...] = ()


class CycleRules(Part):
    """How long a cycle is, in days or months; `join_until_day` is the last day that pairs join it.

    Pairs made later belong to the next one.
    """

    days: int | None = Field(default=None, ge=14, le=366)
    months: int | None = Field(default=None, ge=1, le=24)
    join_until_day: int = Field(ge=0)

    @model_validator(mode="after")
    def _joining_ends_within(self) -> Self:
        if (self.days is None) == (self.months is None):
            raise ValueError("a cycle lasts a number of days or of months: give one of the two")
        if self.join_until_day >= self.least_days:
            raise ValueError("join_until_day must come before the cycle's end")
        return self

    @property
    def least_days(self) -> int:
        """How many days a cycle has at least, whichever months it lasts."""
        return self.days or SHORTEST_MONTH_DAYS * (self.months or 0)

    def end(self, starts_on: date, anchor_day: int) -> date:
        """When a cycle ends; `anchor_day` is the day of the month on which the first began."""
        return Step(self.days or 0, self.months or 0).after(starts_on, anchor_day)


class CheckInRules(Part):
    """Check-ins: the first, in days after the introduction, and the days or months between them."""

    first_day: int = Field(ge=1)
    every_days: int | None = Field(default=None, ge=1)
    every_months: int | None = Field(default=None, ge=1, le=12)

    @model_validator(mode="after")
    def _one_rhythm(self) -> Self:
        if (self.every_days is None) == (self.every_months is None):
            raise ValueError("check-ins come every so many days or months: give one of the two")
        return self

    def on(self, starts_on: date, occurrence: int) -> date:
        """The date of a check-in, counted from 1, in a pairing that began on a date."""
        first_on = starts_on + timedelta(days=self.first_day)
        step = Step(self.every_days or 0, self.every_months or 0)
        return step.after(first_on, first_on.day, occurrence - 1)


class ClosingRules(Part):
    """The closing, in days before the end, and its reminders, in days after the closing."""

    days_before_end: int = Field(ge=1)
    reminder_days: tuple[Days, ...] = (2, 5)

    @field_validator("reminder_days")
    @classmethod
    def _in_order(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if list(days) != sorted(set(days)):
            raise ValueError("reminders come in order, one on a day")
        return days


class TouchpointRules(Part):
    """What time causes in a pairing, at `at` on each reader's own clock."""

    at: time
    starter_day: int = Field(ge=1)
    check_in: CheckInRules
    closing: ClosingRules

    @field_validator("at")
    @classmethod
    def _at_daytime(cls, at: time) -> time:
        if at.tzinfo is not None:
            raise ValueError(
                "touchpoints come at each reader's own hour: write 10:00, with no zone"
            )
        if not time(4) <= at <= time(22):
            raise ValueError("touchpoints are sent between 04:00 and 22:00")
        return at


class Signatory(Part):
    """Who signs the certificate."""

    name: Line
    title: Line


class CertificateRules(Part):
    """The certificate for mentors."""

    organisation: Line
    signatories: tuple[Signatory, ...] = Field(min_length=1, max_length=3)


class Signpost(Part):
    """A place to turn to when someone needs more support than a mentor can give."""

    label: Line
    url: Annotated[str, StringConstraints(pattern=r"^https://[^\s|<>]+$", max_length=500)]


class FirstMeeting(Part):
    """The first-meeting card."""

    boundaries: tuple[Line, ...] = Field(min_length=1, max_length=6)
    prompts: tuple[Line, ...] = Field(min_length=1, max_length=6)


class ProgrammeFile(Part):
    """A whole programme, as a coordinator writes it."""

    id: Identifier
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    purpose: Prose
    time_zone: str
    languages: tuple[Literal["en"], ...] = Field(min_length=1)
    form: tuple[Question, ...] = Field(min_length=1, max_length=20)
    guidelines: Mapping[Role, Guidelines]
    matching: Matching
    cycle: CycleRules
    touchpoints: TouchpointRules
    starters: tuple[Prose, ...] = Field(min_length=1, max_length=20)
    first_meeting: FirstMeeting
    signposts: tuple[Signpost, ...] = Field(default=(), max_length=8)
    certificate: CertificateRules

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name!r} is not an IANA time zone such as Europe/London")
        return name

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        ids = [question.id for question in self.form]
        if len(set(ids)) < len(ids):
            raise ValueError("two questions share an id")
        named = [criterion.question for criterion in self.matching.criteria]
        unknown = set(named) - set(ids)
        if unknown:
            raise ValueError(f"matching names unknown questions: {', '.join(sorted(unknown))}")
        twice = {question for question in named if named.count(question) > 1}
        if twice:
            raise ValueError(f"matching names a question twice: {', '.join(sorted(twice))}")
        if set(self.guidelines) != set(Role):
            raise ValueError("guidelines are needed for mentor and mentee")
        if self.touchpoints.closing.days_before_end >= self.cycle.least_days:
            raise ValueError("the closing comes before the cycle begins")
        if max(self.touchpoints.closing.reminder_days, default=0) >= (
            self.touchpoints.closing.days_before_end
        ):
            raise ValueError("a reminder of the closing comes after the cycle's end")
        joinable_days = self.cycle.least_days - self.touchpoints.closing.days_before_end
        if self.cycle.join_until_day >= joinable_days:
            raise ValueError("joining ends after the closing: lower join_until_day")
        return self

    @cached_property
    def zone(self) -> ZoneInfo:
        """The programme's own time zone."""
        return ZoneInfo(self.time_zone)

    def questions_for(self, role: Role) -> tuple[Question, ...]:
        """The questions that a role is asked, in order."""
        return tuple(question for question in self.form if role in question.roles)

    def check_answers(self, role: Role, given: Mapping[str, Any]) -> dict[str, Any]:
        """The answers of a form, cleaned: text trimmed, numbers as int, unknown ids dropped.

        Raises InvalidAnswers naming every field that is missing, too long or not on offer.
        """
        cleaned: dict[str, Any] = {}
        problems: dict[str, tuple[str, Mapping[str, str | int]]] = {}
        for question in self.questions_for(role):
            answer = _clean(question, given.get(question.id))
            problem = _problem(question, answer)
            if problem:
                problems[question.id] = problem
            elif answer not in (None, "", []):
                cleaned[question.id] = answer
        if problems:
            raise InvalidAnswers(problems)
        return cleaned


def _clean(question: Question, answer: Any) -> Any:
    if question.kind == "choices":
        given = answer if isinstance(answer, list | tuple) else ()
        return [each for each in given if isinstance(each, str)]
    if question.kind == "number":
        digits = str(answer).strip()
        return int(digits[:9]) if digits.isdecimal() else None
    words = answer if isinstance(answer, str) else ""
    return " ".join(words.split()) if question.kind == "text" else words.strip()


def _problem(question: Question, answer: Any) -> tuple[str, Mapping[str, str | int]] | None:
    if answer in (None, "", []):
        return ("form.missing", {}) if question.required else None
    if question.kind in ("text", "long_text") and len(answer) > question.most:
        return "form.too_long", {"most": question.most, "found": len(answer)}
    if question.kind == "number" and not question.least <= answer <= question.most:
        return "form.out_of_range", {"least": question.least, "most": question.most}
    chosen = answer if question.kind == "choices" else [answer]
    if question.options and not set(chosen) <= set(question.options):
        return "form.not_on_offer", {}
    return None


def read_programme(text: str) -> ProgrammeFile:
    """Read a programme file's YAML; raises InvalidProgramme naming every mistake."""
    try:
        return ProgrammeFile.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise InvalidProgramme(f"This is not YAML: {error}") from error
    except ValidationError as error:
        raise InvalidProgramme(_mistakes(error)) from error


def _mistakes(error: ValidationError) -> str:
    found = error.errors(include_url=False)
    return "\n".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in found)


@lru_cache(maxsize=256)
def parse_stored(definition: str) -> ProgrammeFile:
    """The schema's view of a stored definition (JSON, validated when it was stored), cached."""
    return ProgrammeFile.model_validate_json(definition)
