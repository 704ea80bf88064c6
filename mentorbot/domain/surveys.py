"""Surveys: what a file asks of people and when, how long it takes them, and what comes of it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import fmean
from typing import Any, NamedTuple, Self

from pydantic import Field, model_validator

from mentorbot.domain.model import Role
from mentorbot.domain.parts import Identifier, Line, Part, Place, Prose
from mentorbot.domain.questions import AnyQuestion, Question, Widget

LEAST_SHOWN = 5
"""Of anonymous answers to a question fewer than these are shown to nobody."""
_SECONDS = {
    Widget.LINE: 25,
    Widget.PARAGRAPH: 75,
    Widget.ONE_OF: 12,
    Widget.SOME_OF: 18,
    Widget.NUMBER: 10,
    Widget.DATE: 12,
    Widget.EMAIL: 15,
    Widget.TICK: 6,
}
"""What a question takes somebody who answers it, reading included: our own estimate."""


class Survey(Part):
    """Questions to some `roles`, answered in Slack within so many `days`.

    It opens on the date `opens_on`, or `opens_day` days after the first day of each cycle that all
    share. A `mandatory` one is asked for once a week, and on the day before its end, of those who
    have not answered; coordinators see who that is. Answers of an `anonymous` one are kept without
    their person and without a time, and shown after its end, to each question from five on; who has
    answered is known, and nobody can change what they have sent. With `afterwards` it is for those
    who took part to the end of a programme that is over. `minutes` is the time that people are told
    it takes.
    """

    id: Identifier
    title: Line
    intro: Prose | None = None
    roles: tuple[Role, ...] = Field(default=tuple(Role), min_length=1)
    opens_on: date | None = None
    opens_day: int | None = Field(default=None, ge=0, le=1500)
    days: int = Field(default=14, ge=1, le=90)
    mandatory: bool = False
    anonymous: bool = False
    afterwards: bool = False
    minutes: int = Field(default=10, ge=1, le=60)
    questions: tuple[Question, ...] = Field(min_length=1, max_length=30)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if (self.opens_on is None) == (self.opens_day is None):
            raise ValueError("a survey opens_on a date, or opens_day days after a cycle's first")
        if self.afterwards and self.opens_on is None:
            raise ValueError("a survey afterwards needs opens_on: no cycle runs by then")
        ids = [asked.id for asked in self.questions]
        if len(set(ids)) < len(ids):
            raise ValueError("two questions of the survey share an id")
        if any(asked.sensitive for asked in self.questions):
            raise ValueError("a survey asks no sensitive question: the form does")
        if self.anonymous and any(asked.widget is Widget.EMAIL for asked in self.questions):
            raise ValueError("an anonymous survey asks for no address")
        return self

    def asks(self, role: Role | None) -> tuple[AnyQuestion, ...]:
        """The questions to somebody in a role, in order; none where it is for others."""
        if role not in self.roles:
            return ()
        return tuple(it for it in self.questions if role in it.roles)

    def counts_for(self, role: Role) -> bool:
        """Whether a certificate of this role can depend on it."""
        return self.mandatory and not self.afterwards and role in self.roles

    def takes_minutes(self, role: Role) -> int:
        """How long somebody in a role needs, by our estimate."""
        seconds = sum(_SECONDS[it.widget] for it in self.asks(role))
        return -(-seconds // 60)


def survey_faults(surveys: Sequence[Survey], *, is_evergreen: bool) -> Iterator[tuple[Place, str]]:
    """Surveys that share an id, wait for a cycle that never comes, or ask a role nothing."""
    for number, survey in enumerate(surveys):
        if survey.id in {it.id for it in surveys[:number]}:
            yield ("surveys", number, "id"), f"two surveys share the id {survey.id}"
        if survey.opens_day is not None and is_evergreen:
            what = "in an evergreen programme no cycle is shared: write opens_on"
            yield ("surveys", number, "opens_day"), what
        for role in survey.roles:
            if not survey.asks(role):
                yield ("surveys", number, "questions"), f"the survey asks a {role} nothing"


@dataclass
class OpenSurvey:
    """A survey at its time; `offer_id` is its entry in the file, `round` its cycle's number or 0.

    `pool` holds anonymous answers, in the order of random keys that nobody keeps. `is_anonymous`
    is what people were promised when it opened; None says that its entry in the file tells.
    """

    workspace_id: str
    survey_id: str
    programme_id: str
    offer_id: str
    round: int
    opens_at: datetime
    closes_at: datetime
    pool: list[dict[str, Any]] = field(default_factory=list)
    is_anonymous: bool | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether answers are taken."""
        return self.opens_at <= now < self.closes_at


@dataclass
class Response:
    """Somebody has answered a survey; `answers` are empty where it is anonymous."""

    workspace_id: str
    survey_id: str
    participant_id: str
    answers: dict[str, Any]
    role: Role


class Result(NamedTuple):
    """What came of a question: how many answered, how often which option, the mean of numbers,
    and the texts, in no order that tells anything.
    """

    question: AnyQuestion
    given: int
    options: Mapping[str, int]
    mean: float | None
    texts: tuple[str, ...]


def results_of(survey: Survey, answers: Sequence[Mapping[str, Any]]) -> list[Result]:
    """What came of each question, in order."""
    found = []
    for asked in survey.questions:
        found.append(_result(asked, [it[asked.id] for it in answers if asked.id in it]))
    return found


def _result(asked: AnyQuestion, given: Sequence[Any]) -> Result:
    """What came of a question; of one that asked for words before, numbers alone have a mean."""
    counted: Counter[str] = Counter()
    mean, texts = None, []
    if asked.widget in (Widget.ONE_OF, Widget.SOME_OF):
        counted.update(str(one) for it in given for one in (it if isinstance(it, list) else [it]))
    elif asked.widget is Widget.NUMBER:
        given = [it for it in given if isinstance(it, int)]
        mean = fmean(given) if given else None
        counted.update(str(it) for it in given)
    elif asked.widget is not Widget.TICK:
        texts = sorted(str(it) for it in given)
    return Result(asked, len(given), dict(counted), mean, tuple(texts))
