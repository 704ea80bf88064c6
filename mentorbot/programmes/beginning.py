"""A first programme file, written from a few answers."""

import json
import re
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from string import Template
from typing import Literal

Repeats = Literal["repeating", "once", "evergreen"]
WEEKLY_UP_TO_WEEKS = 8


@dataclass(frozen=True)
class Answers:
    """What a coordinator is asked; `weeks` is the length of a cycle, or of a pair's time together.

    Without `is_applied_for` people take a role by a button; `places` are those of mentees.
    """

    id: str
    name: str
    purpose: str
    time_zone: str
    contact: str
    title: str
    topics: tuple[str, ...]
    weeks: int
    repeats: Repeats
    most_mentees: int
    is_applied_for: bool = False
    closes_on: date | None = None
    places: int | None = None
    matched_on: date | None = None


def id_of(name: str) -> str:
    """An id that a name suggests, in small letters, digits and underscores."""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return words.lstrip("0123456789_")[:40].rstrip("_") or "mine"


def text_of(answers: Answers) -> str:
    """The file, with every word in its place."""
    closing = max(3, min(14, answers.weeks * 7 // 4))
    template = Template((files(__package__) / "new.txt").read_text(encoding="utf-8"))
    return template.substitute(
        comment=answers.name.replace("\n", " "),
        id=answers.id,
        name=_quoted(answers.name),
        purpose=_quoted(answers.purpose),
        time_zone=_quoted(answers.time_zone),
        contact=_quoted(answers.contact),
        title=_quoted(answers.title),
        topics=_quoted(list(answers.topics)),
        most=answers.most_mentees,
        application=_application(answers),
        matching=_matching(answers),
        cycle=_cycle(answers),
        check_in=_check_in(answers),
        closing=closing,
        reminders=[closing // 3, closing * 2 // 3],
    )


def _quoted(value: str | list[str]) -> str:
    """In quotes: whatever is typed stays what it is."""
    return json.dumps(value, ensure_ascii=False)


def _application(answers: Answers) -> str:
    if not answers.is_applied_for:
        return ""
    lines = ["", "application:", "  through: [slack]", "  validation: coordinator"]
    if answers.closes_on:
        lines.append(f"  closes_on: {answers.closes_on}")
    if answers.places:
        lines += ["  selection:", f"    mentee: {{mode: first_come, places: {answers.places}}}"]
    return "\n".join([*lines, ""])


def _matching(answers: Answers) -> str:
    if answers.matched_on is None:
        return "  mode: instant"
    late = ["  late: instant"] if answers.repeats == "evergreen" else []
    return "\n".join(["  mode: best", f"  on: {answers.matched_on}", *late])


def _cycle(answers: Answers) -> str:
    lines = [f"  weeks: {answers.weeks}", f"  repeats: {answers.repeats}"]
    if answers.repeats != "evergreen":
        lines.append(f"  join_until_day: {answers.weeks * 7 // 2}")
    return "\n".join(lines)


def _check_in(answers: Answers) -> str:
    every = "every_days: 7" if answers.weeks <= WEEKLY_UP_TO_WEEKS else "every_months: 1"
    return f"{{first_day: 7, {every}}}"
