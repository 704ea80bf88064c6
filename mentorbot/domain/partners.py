"""How partners are found, in a programme's file: when, by which rules, and by which answers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from mentorbot.domain.ballots import Ballot
from mentorbot.domain.groups import Group
from mentorbot.domain.match_review import Review
from mentorbot.domain.model import Role
from mentorbot.domain.parts import Identifier, OptionText, Part, Place
from mentorbot.domain.questions import AnyQuestion, Choice, Choices
from mentorbot.domain.requests import Requests


class Criterion(Part):
    """A question whose answers decide between partners who have waited equally long.

    Answers in `ignore` say nothing when shared, such as "Not decided yet".
    """

    question: Identifier
    weight: int = Field(ge=1, le=1000)
    ignore: tuple[OptionText, ...] = ()


class Matching(Part):
    """How people are matched: `instant`, the moment somebody of the other role is free, or `best`.

    `best` matches all who wait together, on the date `on`: as many as can be, whoever was left over
    before first, then so that the worst match and the sum of all are as good as can be. In the
    modes `ranked` and `two_sided` people choose by a `ballot`, mentees alone or both sides, and are
    matched when it closes, not before `on` where that is given; the rest go by score. Ballots of
    both sides are matched so that no two people would rather have each other. Who comes later waits
    for the next date, or with `late: instant` is matched at once. Up to the deadline `by`
    coordinators are warned while people wait and nobody was matched. Dates are in the programme's
    zone. `tracks` names a question, such as for academia or industry: only people who share an
    answer to it are ever matched. With `group` a mentor is matched with several mentees together,
    in mode: best. With `requests` mentees ask mentors of the directory themselves: besides the one
    that they are matched with in mode: instant, or in mode: request only so. With `review` people
    look at all pairs before anybody is introduced, in mode: best, and each later matching is asked
    for by a coordinator.
    """

    mode: Literal["instant", "best", "ranked", "two_sided", "request"]
    on: date | None = None
    by: date | None = None
    late: Literal["none", "instant"] | None = None
    criteria: tuple[Criterion, ...] = ()
    tracks: Identifier | None = None
    group: Group | None = None
    ballot: Ballot | None = None
    requests: Requests | None = None
    review: Review | None = None

    @model_validator(mode="after")
    def _dates_fit_the_mode(self) -> Self:
        if self.mode in ("instant", "request") and (self.on or self.by or self.late):
            raise ValueError(f"on, by and late belong to mode: best; {self.mode} needs no date")
        if self.mode == "request" and (self.requests is None or self.tracks):
            raise ValueError("mode: request needs requests, and no tracks: people find each other")
        if self.requests is not None and self.mode not in ("instant", "request"):
            raise ValueError("requests belong to mode: instant or mode: request")
        if self.mode == "best" and self.on is None:
            raise ValueError("mode: best needs on, the date on which people are matched")
        if self.voters and self.ballot is None:
            raise ValueError(f"mode: {self.mode} needs a ballot: how many choices, for how long")
        if self.ballot is not None and not self.voters:
            raise ValueError("a ballot belongs to mode: ranked or mode: two_sided")
        if self.ballot is not None and self.ballot.order and self.mode == "two_sided":
            raise ValueError("order belongs to mode: ranked; with both sides' lists there is one")
        if self.group and (self.mode != "best" or self.late):
            raise ValueError("a group belongs to mode: best, without late: it is made of many")
        if self.tracks and self.voters:
            raise ValueError("tracks belong to mode: instant or best; by a ballot people choose")
        self._check_review()
        if self.on and self.by and self.by < self.on:
            raise ValueError(f"the deadline by comes before people are matched, on {self.on}")
        return self

    def _check_review(self) -> None:
        if self.review is None:
            return
        if self.mode != "best" or self.group:
            raise ValueError("a review belongs to mode: best, without a group")
        if self.late:
            raise ValueError("late: instant would introduce pairs that nobody has reviewed")
        if self.by is None:
            raise ValueError("a review needs by, the day on which pairs are to be introduced")

    @property
    def voters(self) -> tuple[Role, ...]:
        """The roles that choose by a ballot."""
        return {"ranked": (Role.MENTEE,), "two_sided": tuple(Role)}.get(self.mode, ())

    @property
    def waits_for_all(self) -> bool:
        """Whether people are matched together, at a time, rather than one by one."""
        return self.mode == "best" or bool(self.voters)

    def drops_draft(self, after: "Matching") -> bool:
        """Whether pairs that wait for approval are dropped where these rules take over."""
        return after.review is None or after.on != self.on

    def telling(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Somebody's answers without those that say nothing when shared."""
        telling = dict(answers)
        for criterion in self.criteria:
            answer = telling.get(criterion.question)
            if isinstance(answer, list):
                telling[criterion.question] = [a for a in answer if a not in criterion.ignore]
            elif answer in criterion.ignore:
                del telling[criterion.question]
        return telling

    def faults(self, questions: Sequence[AnyQuestion]) -> Iterator[tuple[Place, str]]:
        """Criteria that no question asks for, are sensitive or there twice; a ballot's faults."""
        ids = {asked.id for asked in questions}
        sensitive = {asked.id for asked in questions if asked.sensitive}
        known = set[str]()
        for number, criterion in enumerate(self.criteria):
            place: Place = ("criteria", number, "question")
            if criterion.question not in ids:
                yield place, f"the form has no question {criterion.question!r}"
            if criterion.question in sensitive:
                yield place, f"{criterion.question} is sensitive: partners are not found by it"
            if criterion.question in known:
                yield place, f"{criterion.question} is a criterion twice"
            known.add(criterion.question)
        yield from self._track_faults(questions)
        if self.group is not None and "capacity" in ids:
            yield ("group",), "a mentor has one group, of the size given here: drop capacity"
        if self.ballot is not None:
            chosen = [role.counterpart for role in self.voters]
            for place, what in self.ballot.faults(questions, chosen):
                yield ("ballot", *place), what

    def _track_faults(self, questions: Sequence[AnyQuestion]) -> Iterator[tuple[Place, str]]:
        """A question that cannot say who is in which track."""
        if self.tracks is None:
            return
        asked = {it.id: it for it in questions}.get(self.tracks)
        if asked is None:
            yield ("tracks",), f"the form has no question {self.tracks!r}"
        elif not isinstance(asked, Choice | Choices):
            yield ("tracks",), f"{self.tracks} needs options: tracks go by a choice or choices"
        elif asked.sensitive:
            yield ("tracks",), f"{self.tracks} is sensitive: partners are not found by it"
        elif not asked.required or set(asked.roles) != set(Role):
            yield ("tracks",), f"{self.tracks} needs an answer from everybody, in both roles"
        elif any(it.question == self.tracks and it.ignore for it in self.criteria):
            yield ("tracks",), f"{self.tracks} says who can be matched: its answers all count"
