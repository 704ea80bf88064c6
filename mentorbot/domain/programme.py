"""The programme file: its schema, and the reading of one."""

from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from difflib import get_close_matches
from functools import cache, cached_property, lru_cache
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from mentorbot.domain.admission import ApplicationRules
from mentorbot.domain.advice import Advisers
from mentorbot.domain.agreements import AgreementRules
from mentorbot.domain.checklists import Checklist, checklist_faults
from mentorbot.domain.concerns import SafeguardingRules
from mentorbot.domain.content import (
    CertificateRules,
    Contact,
    FirstMeeting,
    Guidelines,
    Guides,
    Signpost,
)
from mentorbot.domain.course import CycleRules, Stage, stage_faults
from mentorbot.domain.coverage import CoverageRules
from mentorbot.domain.directory import Directory
from mentorbot.domain.errors import InvalidAnswers, InvalidProgramme
from mentorbot.domain.goals import GoalRules
from mentorbot.domain.meetings import MeetingRules
from mentorbot.domain.model import Role
from mentorbot.domain.pace import ExtensionRules, extension_faults
from mentorbot.domain.partners import Matching
from mentorbot.domain.parts import (
    Disagreements,
    Identifier,
    Line,
    Part,
    Place,
    Prose,
)
from mentorbot.domain.programme_source import mistakes, read_source
from mentorbot.domain.questions import AnyQuestion, Choice, Number, Problem, Question
from mentorbot.domain.recurrence import Step
from mentorbot.domain.resources import Library
from mentorbot.domain.sessions import MonthlyAttendance, SessionOffer, session_faults
from mentorbot.domain.surveys import Survey, survey_faults
from mentorbot.domain.tips import Tip, tip_faults

Days = Annotated[int, Field(ge=1)]
CAPACITY = "capacity"
"""The id of the question whose answer is a mentor's number of places."""
STAGE = "stage"
"""The id of the question in which a mentee picks their stage."""


class Rhythm(Part):
    """What comes again and again: the first day after the introduction, and then how often."""

    first_day: int = Field(ge=1)
    every_days: int | None = Field(default=None, ge=1)
    every_months: int | None = Field(default=None, ge=1, le=12)

    @model_validator(mode="after")
    def _one_rhythm(self) -> Self:
        if (self.every_days is None) == (self.every_months is None):
            raise ValueError("they come every so many days or months: give one of the two")
        return self

    @property
    def is_weekly(self) -> bool:
        """Whether they can be counted in weeks."""
        return self.every_days == 7 and self.first_day <= 7

    def on(self, starts_on: date, occurrence: int) -> date:
        """The date of one of them, counted from 1, in a pairing that began on a date."""
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
    check_in: Rhythm
    tip: Rhythm | None = None
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


class ProgrammeFile(Part):
    """A whole programme, as a coordinator writes it."""

    id: Identifier
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    purpose: Prose
    time_zone: str
    languages: tuple[Literal["en"], ...] = Field(min_length=1)
    contacts: tuple[Contact, ...] = Field(default=(), max_length=8)
    lists: Mapping[Identifier, Line] = Field(default_factory=dict)
    form: tuple[Question, ...] = Field(min_length=1, max_length=20)
    application: ApplicationRules | None = None
    advisers: Advisers | None = None
    directory: Directory | None = None
    guidelines: Mapping[Role, Guidelines]
    guides: Guides = Field(default_factory=dict)
    matching: Matching
    cycle: CycleRules
    stages: tuple[Stage, ...] = Field(default=(), max_length=10)
    stage_question: Line = "Your stage"
    touchpoints: TouchpointRules
    starters: tuple[Prose, ...] = Field(min_length=1, max_length=20)
    tips: tuple[Tip, ...] = Field(default=(), max_length=60)
    library: Library | None = None
    first_meeting: FirstMeeting
    meetings: MeetingRules | None = None
    agreement: AgreementRules | None = None
    extension: ExtensionRules | None = None
    checklists: tuple[Checklist, ...] = Field(default=(), max_length=8)
    coverage: CoverageRules | None = None
    goals: GoalRules | None = None
    sessions: tuple[SessionOffer, ...] = Field(default=(), max_length=40)
    attendance: MonthlyAttendance | None = None
    surveys: tuple[Survey, ...] = Field(default=(), max_length=20)
    signposts: tuple[Signpost, ...] = Field(default=(), max_length=8)
    safeguarding: SafeguardingRules = SafeguardingRules()
    certificate: CertificateRules

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            near = get_close_matches(name, available_timezones(), n=1, cutoff=0.7)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"this is not an IANA time zone such as Europe/London{meant}")
        return name

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        found = [
            *self._form_faults(),
            *self._application_faults(),
            *self._adviser_faults(),
            *self._directory_faults(),
            *self._library_faults(),
            *self._course_faults(),
            *self._date_faults(),
            *self._certificate_faults(),
        ]
        if found:
            raise Disagreements(found)
        return self

    def _form_faults(self) -> Iterator[tuple[Place, str]]:
        known: set[str] = set()
        for number, asked in enumerate(self.form):
            if asked.id in known:
                yield ("form", number, "id"), f"two questions share the id {asked.id}"
            known.add(asked.id)
            if asked.id == CAPACITY and not _counts_places(asked):
                yield (
                    ("form", number),
                    "capacity is a number from 1, asked of mentors alone",
                )
        for role in sorted(set(Role) - set(self.guidelines)):
            yield ("guidelines",), f"guidelines are needed for the {role}, too"

    def _application_faults(self) -> Iterator[tuple[Place, str]]:
        if self.application is None:
            for number, question in enumerate(self.form):
                if question.sensitive:
                    yield ("form", number), "a sensitive question needs application"
            return
        asked = {role: {it.id: it for it in self.form if role in it.roles} for role in Role}
        for place, what in self.application.faults(asked, self.lists):
            yield ("application", *place), what

    def _directory_faults(self) -> Iterator[tuple[Place, str]]:
        if self.matching.requests is not None and self.directory is None:
            yield ("matching", "requests"), "mentees ask mentors of a directory: write directory"
        if self.matching.requests is not None and not self.cycle.is_evergreen:
            yield ("matching", "requests"), "who asks begins at any time: write repeats: evergreen"
        if self.directory is not None:
            for place, what in self.directory.faults(self.form):
                yield ("directory", *place), what

    def _library_faults(self) -> Iterator[tuple[Place, str]]:
        if self.library is not None:
            for place, what in self.library.faults(
                [asked.id for asked in self.form], [it.id for it in self.stages]
            ):
                yield ("library", *place), what

    def _adviser_faults(self) -> Iterator[tuple[Place, str]]:
        if self.advisers is not None:
            for place, what in self.advisers.faults(self._asked_of_mentees()):
                yield ("advisers", *place), what

    def _asked_of_mentees(self) -> Mapping[str, AnyQuestion]:
        return {it.id: it for it in self.questions_for(Role.MENTEE)}

    def _course_faults(self) -> Iterator[tuple[Place, str]]:
        for place, what in self.matching.faults(self.form):
            yield ("matching", *place), what
        if self.agreement is not None:
            for place, what in self.agreement.faults():
                yield ("agreement", *place), what
        yield from extension_faults(
            self.extension,
            self.touchpoints.closing.days_before_end,
            is_evergreen=self.cycle.is_evergreen,
        )
        yield from stage_faults(self.stages)
        yield from checklist_faults(self.checklists, [it.id for it in self.stages])
        yield from tip_faults(self.tips, [stage.id for stage in self.stages])
        yield from session_faults(
            self.sessions,
            self.attendance,
            ballot=self.matching.ballot,
            is_evergreen=self.cycle.is_evergreen,
        )
        if bool(self.tips) != bool(self.touchpoints.tip):
            yield ("tips",), "tips come in a rhythm: give both tips and tip of the touchpoints"
        yield from survey_faults(self.surveys, is_evergreen=self.cycle.is_evergreen)
        if self.stages and STAGE in {asked.id for asked in self.form}:
            yield ("stages",), f"the stages ask a question of their own: {STAGE} is its id"
        is_one_date = self.matching.late is None and self.matching.review is None
        if self.cycle.is_evergreen and self.matching.waits_for_all and is_one_date:
            yield ("matching",), "evergreen pairs are made at any time: write late: instant"
        first_on = self.cycle.starts_on
        if first_on and self.matching.on and not self.cycle.joins(first_on, self.matching.on):
            yield ("matching", "on"), "pairs join no more by then: see join_until_day of the cycle"

    def _certificate_faults(self) -> Iterator[tuple[Place, str]]:
        rules, place = self.certificate.requires, ("certificate", "requires")
        if rules is None:
            return
        if rules.minutes is not None and self.meetings is None:
            yield (*place, "minutes"), "minutes are those of meetings on record: write meetings"
        for_mentors = [it for it in self.sessions if it.open_to.includes(Role.MENTOR)]
        most = sum(len(it.dates) for it in for_mentors)
        if rules.sessions is not None and rules.sessions > most:
            yield (*place, "sessions"), f"mentors can come to {most} sessions"
        if rules.surveys and not any(it.counts_for(Role.MENTOR) for it in self.surveys):
            yield (*place, "surveys"), "no mandatory survey is for mentors while they take part"

    def _date_faults(self) -> Iterator[tuple[Place, str]]:
        closing = self.touchpoints.closing
        place: Place = ("touchpoints", "closing")
        if closing.days_before_end >= self.cycle.least_days:
            yield (*place, "days_before_end"), "the closing comes before the cycle begins"
        if max(closing.reminder_days, default=0) >= closing.days_before_end:
            yield (*place, "reminder_days"), "a reminder of the closing comes after the cycle's end"
        if (self.cycle.join_until_day or 0) >= self.cycle.least_days - closing.days_before_end:
            yield ("cycle", "join_until_day"), "joining ends after the closing: make it smaller"

    @cached_property
    def zone(self) -> ZoneInfo:
        """The programme's own time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def applies_in_slack(self) -> bool:
        """Whether people apply for a role in Slack, instead of taking it."""
        return self.application is not None and "slack" in self.application.through

    @cached_property
    def specialties(self) -> tuple[str, ...]:
        """What there can be advisers for; none where the file has no advisers."""
        return self.advisers.specialties(self._asked_of_mentees()) if self.advisers else ()

    @cached_property
    def _stage_question(self) -> tuple[AnyQuestion, ...]:
        if len(self.stages) < 2:
            return ()
        return (
            Choice(
                id=STAGE,
                kind="choice",
                label=self.stage_question,
                options=tuple(dict.fromkeys(stage.name for stage in self.stages)),
                roles=(Role.MENTEE,),
            ),
        )

    def stage_named(self, name: str | None) -> Stage | None:
        """The stage that goes by a name; None where there is none."""
        return next((stage for stage in self.stages if stage.name == name), None)

    def starters_in(self, stage_id: str | None) -> tuple[str, ...]:
        """The conversation starters for a pair whose mentee is in a stage."""
        stage = self.stage(stage_id)
        return stage.starters if stage and stage.starters else self.starters

    def stage(self, stage_id: str | None) -> Stage | None:
        """The stage with an id; None where there is none."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)

    @property
    def guideline_versions(self) -> dict[Role, int]:
        """The guidelines that those must have accepted who can be matched, by role."""
        return {role: self.guidelines[role].version for role in Role}

    def questions_for(self, role: Role) -> tuple[AnyQuestion, ...]:
        """The questions of a role's form, in order; sensitive ones are asked apart."""
        asked = tuple(it for it in self.form if role in it.roles and not it.sensitive)
        return (*asked, *self._stage_question) if role is Role.MENTEE else asked

    def sensitive_for(self, role: Role) -> tuple[AnyQuestion, ...]:
        """The sensitive questions that a role is asked, in order."""
        return tuple(it for it in self.form if role in it.roles and it.sensitive)

    def check_answers(self, role: Role, given: Mapping[str, Any]) -> dict[str, Any]:
        """The answers of a form, cleaned: text trimmed, numbers as int, unknown ids dropped.

        Raises InvalidAnswers naming every field that is missing, too long or not on offer.
        """
        cleaned: dict[str, Any] = {}
        problems: dict[str, Problem] = {}
        for question in self.questions_for(role):
            answer = question.clean(given.get(question.id))
            problem = question.problem(answer)
            if problem:
                problems[question.id] = problem
            elif answer is not None:
                cleaned[question.id] = answer
        if problems:
            raise InvalidAnswers(problems)
        return cleaned


def _counts_places(asked: AnyQuestion) -> bool:
    return isinstance(asked, Number) and asked.least >= 1 and asked.roles == (Role.MENTOR,)


def read_programme(text: str) -> ProgrammeFile:
    """Read a programme file's YAML; raises InvalidProgramme naming every mistake and its place."""
    source = read_source(text)
    try:
        return ProgrammeFile.model_validate(source.data)
    except ValidationError as error:
        found = mistakes(source, error.errors(include_url=False), schema())
        raise InvalidProgramme("\n".join(map(str, found))) from error


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a programme file."""
    return ProgrammeFile.model_json_schema(mode="validation")


@lru_cache(maxsize=256)
def parse_stored(definition: str) -> ProgrammeFile:
    """The schema's view of a stored definition (JSON, validated when it was stored), cached."""
    return ProgrammeFile.model_validate_json(definition)
