"""What a change to a running programme does, and to whom, and what is refused while it runs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mentorbot.domain.admission import ApplicationRules
from mentorbot.domain.errors import (
    ApplicationsUnderWay,
    CycleRunning,
    DrawCommitted,
    OtherProgramme,
    Refusal,
    ResultsHeard,
)
from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile


@dataclass(frozen=True)
class Running:
    """What lives by a programme's file now: people by role, pairs, applications by cohort.

    `under_way` are applications that wait for a decision or a draw, `waiting` those on a list,
    `advisers` how many there are for each specialty, `committed` the roles whose draw is committed
    to while its places are not all given. `has_heard` is whether anybody may know of their place,
    or of having none. `ballot` is why the rules of choosing stand as they are, `is_reviewing`
    whether pairs wait for approval.
    """

    people: Mapping[Role, int] = field(default_factory=dict)
    pairs: int = 0
    under_way: int = 0
    waiting: int = 0
    advisers: Mapping[str, int] = field(default_factory=dict)
    committed: frozenset[Role] = frozenset()
    has_heard: bool = False
    ballot: Refusal | None = None
    is_reviewing: bool = False


@dataclass(frozen=True)
class Change:
    """One thing that a new file changes; `key` is its sentence's, within `changes`.

    With a refusal the file as a whole is not taken over, and the refusal has the sentence.
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None


Effect = Callable[[ProgrammeFile, ProgrammeFile, Running], Iterator[Change]]


def changes(before: ProgrammeFile, after: ProgrammeFile, running: Running) -> list[Change]:
    """Everything that a new file changes, in the order of the file; empty where nothing is."""
    found = [
        change
        for name, effect in EFFECTS.items()
        if getattr(before, name) != getattr(after, name)
        for change in effect(before, after, running)
    ]
    return [*found, *_specialties_dropped(after, running)]


def check(before: ProgrammeFile, after: ProgrammeFile, running: Running) -> None:
    """Raises the refusal of a change that cannot be made now."""
    for change in changes(before, after, running):
        if change.refusal is not None:
            raise change.refusal


def _said(key: str) -> Effect:
    """A part that is simply said as it stands, from now on."""

    def effect(_before: ProgrammeFile, _after: ProgrammeFile, _now: Running) -> Iterator[Change]:
        yield Change(key)

    return effect


def _id(before: ProgrammeFile, after: ProgrammeFile, _running: Running) -> Iterator[Change]:
    yield Change("id", refusal=OtherProgramme(before=before.id, after=after.id))


def _name(before: ProgrammeFile, after: ProgrammeFile, _running: Running) -> Iterator[Change]:
    yield Change("name", {"before": before.name, "after": after.name})


def _time_zone(before: ProgrammeFile, after: ProgrammeFile, _running: Running) -> Iterator[Change]:
    yield Change("time_zone", {"before": before.time_zone, "after": after.time_zone})


def _form(before: ProgrammeFile, after: ProgrammeFile, running: Running) -> Iterator[Change]:
    old, new = ({asked.id: asked for asked in file.form} for file in (before, after))
    count = sum(running.people.values())
    for added in [asked for name, asked in new.items() if name not in old]:
        yield Change("question_added", {"question": added.label, "count": count})
    for removed in [asked for name, asked in old.items() if name not in new]:
        yield Change("question_removed", {"question": removed.label})
    for name in [it for it in new if it in old and new[it] != old[it]]:
        yield Change("question_changed", {"question": new[name].label})
    if list(old) != list(new) and set(old) == set(new):
        yield Change("questions_moved")


def _specialties_dropped(after: ProgrammeFile, running: Running) -> Iterator[Change]:
    """Specialties come of the form and of `advisers`: either may drop one that has advisers."""
    for specialty, count in running.advisers.items():
        if specialty not in after.specialties:
            yield Change("specialty_dropped", {"specialty": specialty, "count": count})


def _stage_question(_old: ProgrammeFile, new: ProgrammeFile, _running: Running) -> Iterator[Change]:
    yield Change("question_changed", {"question": new.stage_question})


def _guidelines(before: ProgrammeFile, after: ProgrammeFile, running: Running) -> Iterator[Change]:
    for role in Role:
        old, new = before.guidelines[role], after.guidelines[role]
        if new.version > old.version:
            yield Change("guidelines_asked", {"role": role, "count": running.people.get(role, 0)})
        elif new != old:
            yield Change("guidelines_said", {"role": role})


def _application(before: ProgrammeFile, after: ProgrammeFile, now: Running) -> Iterator[Change]:
    old, new = before.application, after.application
    if old is None or new is None or old.cohort != new.cohort:
        yield from _other_round(old, new, now)
    if old is None or new is None:
        return
    yield from _kept_to(old, new, now)
    changed = [APPLIED[it] for it in APPLIED if getattr(old, it) != getattr(new, it)]
    for key in dict.fromkeys(changed):
        yield Change(key, {"count": now.under_way})


def _kept_to(old: ApplicationRules, new: ApplicationRules, now: Running) -> Iterator[Change]:
    """What was published, or has been heard, cannot be taken back."""
    for role in sorted(now.committed):
        if old.selection_of(role) != new.selection_of(role):
            yield Change("selection", refusal=DrawCommitted(role=role))
    is_later = new.results_on and (old.results_on is None or new.results_on > old.results_on)
    if is_later and now.has_heard and old.cohort == new.cohort:
        yield Change("window", refusal=ResultsHeard())


def _other_round(
    old: ApplicationRules | None, new: ApplicationRules | None, now: Running
) -> Iterator[Change]:
    """A round of applications ends with this change, or the first begins."""
    if now.under_way:
        yield Change("round", refusal=ApplicationsUnderWay(count=now.under_way))
    elif new is None:
        yield Change("applications_end", {"count": now.waiting})
    elif old is None:
        yield Change("applications_begin")
    else:
        yield Change("cohort", {"cohort": new.cohort, "count": now.waiting})


def _matching(before: ProgrammeFile, after: ProgrammeFile, now: Running) -> Iterator[Change]:
    """While people choose by rules that they were told, those stand."""
    old, new = before.matching, after.matching
    is_other = (old.mode, old.ballot) != (new.mode, new.ballot)
    yield Change("matching", refusal=now.ballot if is_other else None)
    if now.is_reviewing and old.drops_draft(new):
        yield Change("draft_dropped")


def _dates(key: str) -> Effect:
    """Dates that pairs live by."""

    def effect(before: ProgrammeFile, _after: ProgrammeFile, now: Running) -> Iterator[Change]:
        yield Change(key, refusal=CycleRunning(programme=before.name) if now.pairs else None)

    return effect


APPLIED: Mapping[str, str] = {
    "through": "through",
    "opens_on": "window",
    "closes_on": "window",
    "next_opens_on": "window",
    "results_on": "window",
    "eligibility": "eligibility",
    "near_misses": "near_misses",
    "validation": "validation",
    "facts": "facts",
    "selection": "selection",
    "invite_url": "invite_url",
}
"""What each rule of applying, but the round, does when it changes; every rule has an entry."""
EFFECTS: Mapping[str, Effect] = {
    "id": _id,
    "name": _name,
    "purpose": _said("purpose"),
    "time_zone": _time_zone,
    "languages": _said("languages"),
    "contacts": _said("contacts"),
    "lists": _said("lists"),
    "form": _form,
    "application": _application,
    "advisers": _said("advisers"),
    "directory": _said("directory"),
    "guidelines": _guidelines,
    "guides": _said("guides"),
    "matching": _matching,
    "cycle": _dates("cycle"),
    "stages": _said("stages"),
    "stage_question": _stage_question,
    "touchpoints": _dates("touchpoints"),
    "tips": _said("tips"),
    "library": _said("library"),
    "starters": _said("starters"),
    "first_meeting": _said("first_meeting"),
    "meetings": _said("meetings"),
    "agreement": _said("agreement"),
    "extension": _said("extension"),
    "checklists": _said("checklists"),
    "coverage": _said("coverage"),
    "goals": _said("goals"),
    "sessions": _said("sessions"),
    "attendance": _said("attendance"),
    "surveys": _said("surveys"),
    "signposts": _said("signposts"),
    "safeguarding": _said("safeguarding"),
    "certificate": _said("certificate"),
}
"""What each part of the file does when it changes; every part has an entry."""
