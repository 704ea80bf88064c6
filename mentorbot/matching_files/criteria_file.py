"""What pairs are scored by, as parts of a problem file, and the answers that each kind takes."""

import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import Discriminator, Field, StringConstraints, Tag

from mentorbot.domain.matching.criteria import (
    WEEK_MINUTES,
    Hours,
    Kind,
    Level,
    Near,
    Region,
    Same,
    Shared,
    Weekly,
)
from mentorbot.domain.matching.free_text import Texts
from mentorbot.domain.matching.scoring import Criterion
from mentorbot.matching_files.parts import FilePart, Id

Text = Annotated[str, StringConstraints(min_length=1, max_length=5000)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=150)]
MOST_SPANS = 100
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES = 24 * 60
_SPAN = re.compile(rf"({'|'.join(_DAYS)}) (\d\d):(\d\d)-(\d\d):(\d\d)")


class Week(FilePart):
    """When somebody has time each week, on the clock of their zone: "mon 18:00-20:30"."""

    zone: Word
    times: Annotated[tuple[Word, ...], Field(min_length=1, max_length=MOST_SPANS)]


def _sort_of(value: object) -> str:
    sorts = ((str, "text"), (list | tuple, "list"), (dict | Week, "week"))
    return next((sort for kinds, sort in sorts if isinstance(value, kinds)), "number")


Answer = Annotated[
    Annotated[Text, Tag("text")]
    | Annotated[float, Tag("number")]
    | Annotated[tuple[Word, ...], Tag("list")]
    | Annotated[Week, Tag("week")],
    Discriminator(_sort_of),
]


class _Criterion(FilePart):
    """Something that counts by its weight; with `must`, a pair that gets nothing for it is out.

    The mentee's answer to `question` is compared with the mentor's to the same, or to
    `mentors_question`. Whoever gives none gets half of the points with everybody.
    """

    id: Id
    weight: Annotated[int, Field(ge=0, le=1000)]
    question: Id
    mentors_question: Id | None = None
    must: bool = False


class SharedValues(_Criterion):
    """The share of a mentee's values that the mentor has too; `most` of them are complete."""

    kind: Literal["shared"]
    most: Annotated[int, Field(ge=1, le=1000)] = 3
    ignore: tuple[Word, ...] = ()


class SameAnswer(_Criterion):
    """All for the same answer, or for another one."""

    kind: Literal["same", "different"]
    ignore: tuple[Word, ...] = ()


class AtLeastLevel(_Criterion):
    """All where the mentor is at least `above` of the `levels`, lowest first, over the mentee."""

    kind: Literal["level"]
    levels: Annotated[tuple[Word, ...], Field(min_length=2)]
    above: Annotated[int, Field(ge=-100, le=100)] = 0


class NearNumber(_Criterion):
    """All for the same number, nothing from a distance of `within` on, evenly in between."""

    kind: Literal["near"]
    within: Annotated[float, Field(ge=0.01, le=1_000_000_000)]


class SameRegion(_Criterion):
    """All for the same place, half for the same region; `wider` leads from a place to it."""

    kind: Literal["region"]
    wider: dict[Word, Word] = Field(default_factory=dict)


class CommonHours(_Criterion):
    """The time that both have in a week; clocks stand as on the date `on`."""

    kind: Literal["hours"]
    enough_minutes: Annotated[int, Field(ge=1, le=WEEK_MINUTES)]
    on: Annotated[date, Field(strict=False)]


class AlikeTexts(_Criterion):
    """How alike two texts are, by words that they share and few others use."""

    kind: Literal["text"]


AnyCriterion = Annotated[
    SharedValues | SameAnswer | AtLeastLevel | NearNumber | SameRegion | CommonHours | AlikeTexts,
    Field(discriminator="kind"),
]


def criterion_of(part: AnyCriterion) -> Criterion:
    """A criterion as the engine takes it."""
    return Criterion(
        id=part.id,
        kind=_kind(part),
        weight=part.weight,
        question=part.question,
        mentors_question=part.mentors_question,
        must=part.must,
    )


def _kind(part: AnyCriterion) -> Kind:
    match part:
        case SharedValues():
            return Shared(part.most, frozenset(part.ignore))
        case SameAnswer():
            return Same(part.kind == "same", frozenset(part.ignore))
        case AtLeastLevel():
            return Level(part.levels, part.above)
        case NearNumber():
            return Near(Fraction(str(part.within)))
        case SameRegion():
            return Region(part.wider)
        case CommonHours():
            return Hours(part.enough_minutes, part.on)
        case AlikeTexts():
            return Texts()


def problem_with(part: AnyCriterion, answer: Any) -> str | None:
    """Why an answer does not fit a criterion; None where it does."""
    match part:
        case AtLeastLevel():
            known = [it.casefold().strip() for it in part.levels]
            is_level = isinstance(answer, str) and answer.casefold().strip() in known
            return None if is_level else f"this is none of the levels: {', '.join(part.levels)}"
        case SharedValues():
            return None if isinstance(answer, str | tuple) else "this is no text and no list"
        case NearNumber():
            is_number = isinstance(answer, int | float) and not isinstance(answer, bool)
            return None if is_number else "this is no number"
        case CommonHours():
            return _problem_with_week(answer)
        case _:
            return None if isinstance(answer, str) else "this is no text"


def _problem_with_week(answer: Any) -> str | None:
    if not isinstance(answer, Week):
        return 'this is no week: {"zone": "Europe/Paris", "times": ["mon 18:00-20:00"]}'
    if answer.zone not in _zones():
        return f"{answer.zone!r} is no time zone such as Europe/Paris"
    wrong = [it for it in answer.times if _span(it) is None]
    return f"{wrong[0]!r} is no time such as mon 18:00-20:00" if wrong else None


@cache
def _zones() -> set[str]:
    return available_timezones()


def weekly_of(week: Week) -> Weekly:
    """Somebody's week as the engine takes it."""
    spans = [_span(it) for it in week.times]
    return Weekly(week.zone, tuple(it for it in spans if it is not None))


def _span(text: str) -> tuple[int, int] | None:
    """Minutes since Monday 00:00; None for what is no time, or ends before it begins."""
    found = _SPAN.fullmatch(text.strip().casefold())
    if found is None:
        return None
    hours = [int(it) for it in found.groups()[1:]]
    begin, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if hours[1] > 59 or hours[3] > 59 or not begin < end <= _DAY_MINUTES:
        return None
    day = _DAYS.index(found[1]) * _DAY_MINUTES
    return day + begin, day + end


def answers_of(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody's answers as the engine takes them."""
    return {
        question: weekly_of(answer) if isinstance(answer, Week) else answer
        for question, answer in answers.items()
    }
