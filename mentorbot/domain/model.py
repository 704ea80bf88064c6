"""The words of mentorship as data: people, participants, cycles, pairings and what they leave.

Instants end in `_at` (aware, UTC), dates in `_on` (local to the programme). Every entity belongs
to one workspace; ids are opaque text, unique within it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a participant is in a programme."""

    MENTOR = "mentor"
    MENTEE = "mentee"

    @property
    def counterpart(self) -> "Role":
        """The role that this role is matched with."""
        return Role.MENTEE if self is Role.MENTOR else Role.MENTOR


class ParticipantState(StrEnum):
    """Where a participant stands; `ENROLLING` has a form but no acknowledged guidelines yet."""

    ENROLLING = "enrolling"
    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"


class PauseReason(StrEnum):
    """Why a participant is paused."""

    OWN_WISH = "own_wish"
    OPTED_OUT = "opted_out"
    NO_ANSWER = "no_answer"


class EndReason(StrEnum):
    """Why a pairing ended."""

    CLOSED = "closed"
    LEFT = "left"
    CHANGED_ROLE = "changed_role"
    DEACTIVATED = "deactivated"


class CheckInAnswer(StrEnum):
    """The three answers of a check-in."""

    MET = "met"
    NOT_YET = "not_yet"
    HELP = "help"


class ApplicationState(StrEnum):
    """Where an application stands; `ASKED` waits for the applicant's answer to a reviewer.

    `APPROVED` waits for the selection, `SELECTED` has a place, `WAITING_LIST` is next for one.
    """

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"
    SELECTED = "selected"
    WAITING_LIST = "waiting_list"
    NOT_SELECTED = "not_selected"
    WITHDRAWN = "withdrawn"


class ClosingStage(StrEnum):
    """How far the closing of a cycle has come: it goes in slices, each a transaction."""

    ENDING = "ending"
    SENDING_ON = "sending_on"
    MATCHING = "matching"
    TELLING = "telling"


class NextCycle(StrEnum):
    """What a participant wants after the closing."""

    CONTINUE = "continue"
    OPT_OUT = "opt_out"


@dataclass
class Workspace:
    """One Slack workspace, the tenant; `swept_at` is when its people were last gone through.

    `uninstalled_at` is set while the app is not installed there: nothing is sent, all is kept.
    """

    workspace_id: str
    name: str
    bot_user_id: str
    installed_at: datetime
    swept_at: datetime | None = None
    enterprise_id: str | None = None
    uninstalled_at: datetime | None = None


@dataclass
class Person:
    """A Slack account as MentorBot last saw it; `time_zone` is an IANA name.

    `name` is empty for those who were only seen passing by: nobody's name is kept for nothing.
    `dm_channel_id` is the DM with the bot, known once something was said in it.
    """

    workspace_id: str
    slack_user_id: str
    name: str
    time_zone: str = "UTC"
    locale: str = "en"
    is_bot: bool = False
    is_deactivated: bool = False
    seen_at: datetime | None = None
    dm_channel_id: str | None = None


@dataclass
class Programme:
    """A validated programme file, running in a workspace; `definition` is its JSON."""

    workspace_id: str
    programme_id: str
    channel_id: str
    definition: str
    set_up_by: str
    set_up_at: datetime


@dataclass
class Participant:
    """A person's enrolment in a programme.

    `capacity` counts places for partners at one time (mentees always have 1). `draft` holds a form
    that waits for its guidelines to be acknowledged: `{"role", "answers", "capacity"}`.
    `waiting_spell` counts how often the participant has entered the queue. `stage` is the id of
    the file's stage they are in, and `stage_ends_at` when another follows.
    """

    workspace_id: str
    participant_id: str
    programme_id: str
    slack_user_id: str
    role: Role | None = None
    state: ParticipantState = ParticipantState.ENROLLING
    answers: dict[str, Any] = field(default_factory=dict)
    capacity: int = 1
    draft: dict[str, Any] | None = None
    joined_at: datetime | None = None
    waiting_since_at: datetime | None = None
    is_front_of_queue: bool = False
    waiting_spell: int = 0
    paused_until_at: datetime | None = None
    pause_reason: PauseReason | None = None
    left_at: datetime | None = None
    stage: str | None = None
    stage_ends_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether the participant takes part now."""
        return self.state is ParticipantState.ACTIVE

    @property
    def is_enrolled(self) -> bool:
        """Whether the participant holds a role, paused or not."""
        return self.state in (ParticipantState.ACTIVE, ParticipantState.PAUSED)


@dataclass
class Application:
    """Somebody's application for a role in one cohort of a programme.

    `slack_user_id` is unset while the applicant is not in the workspace. Addresses are in small
    letters: Slack has confirmed `email` for the applicant, or a form's export vouches for it;
    `unconfirmed_email` is another that they gave themselves. `reasons` are what eligibility found,
    as `[wording key, values]`. `facts` are the ids of those verified. `version` counts decisions:
    who decides on an older one is refused.
    """

    workspace_id: str
    application_id: str
    programme_id: str
    cohort: int
    role: Role
    source: str
    state: ApplicationState
    started_at: datetime
    slack_user_id: str | None = None
    email: str | None = None
    name: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    verdict: str | None = None
    reasons: list[list[Any]] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    assigned_to: str | None = None
    question: str | None = None
    reply: str | None = None
    version: int = 0
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    decision_reason: str | None = None
    unconfirmed_email: str | None = None


@dataclass
class ListedAddress:
    """An e-mail address on one of a programme's lists, such as a society's members."""

    workspace_id: str
    programme_id: str
    list_id: str
    email: str


@dataclass
class Acknowledgement:
    """A participant read and accepted one version of a role's guidelines."""

    workspace_id: str
    participant_id: str
    role: Role
    version: int
    acknowledged_at: datetime


@dataclass
class Cycle:
    """One run of a programme, numbered from 1; it ends at the programme's hour on `ends_on`.

    `anchor_day` is the day of the month on which the first of an unbroken row of cycles began.
    While the cycle is being closed, which began at `closed_at`, `closing_stage` says what is done
    now, `closing_after` up to whom, and `proposals` which pairs are still to be introduced.
    `cohort` is the round of applications whose people it is for.
    """

    workspace_id: str
    programme_id: str
    number: int
    starts_on: date
    ends_on: date
    ends_at: datetime
    closed_at: datetime | None = None
    anchor_day: int | None = None
    closing_stage: ClosingStage | None = None
    closing_after: str | None = None
    proposals: list[dict[str, Any]] | None = None
    cohort: int | None = None


class MilestoneKind(StrEnum):
    """What a date of a programme's file brings."""

    DRAFTS_REMINDED = "drafts_reminded"
    APPLICATIONS_CLOSED = "applications_closed"
    NEXT_ROUND_NEAR = "next_round_near"
    MATCHING_WARNED = "matching_warned"
    BALLOT_OPENS = "ballot_opens"
    BALLOT_TOLD = "ballot_told"
    BALLOT_REMINDED = "ballot_reminded"
    BALLOT_CLOSED = "ballot_closed"
    SESSION_TOLD = "session_told"
    SESSION_REMINDED = "session_reminded"
    SESSION_ASKED = "session_asked"
    SESSION_CHANGED = "session_changed"
    SESSION_OVER = "session_over"
    SESSION_MISSED = "session_missed"
    SURVEY_OPENS = "survey_opens"
    SURVEY_REMINDED = "survey_reminded"
    SURVEY_CLOSED = "survey_closed"
    REQUEST_OVER = "request_over"
    COVERAGE_LOOKED = "coverage_looked"
    MATCHING = "matching"


@dataclass
class Milestone:
    """A date that brings something to a whole programme, once; its id names the kind and the date.

    A matching that a coordinator asked for has no `falls_on`. While it is under way `after` is the
    id up to which people were told, `proposals` are the pairs still to be introduced, and `made`
    counts those that were.
    """

    workspace_id: str
    milestone_id: str
    programme_id: str
    kind: MilestoneKind
    falls_on: date | None
    due_at: datetime
    done_at: datetime | None = None
    after: str | None = None
    proposals: list[dict[str, Any]] | None = None
    made: int = 0


@dataclass
class Pairing:
    """One mentor with one or more mentees, from introduction to closing.

    `next_step` indexes the pairing's plan of touchpoints; `next_due_at` is the instant at which
    the first of its readers is due, None when nothing is left to come. `amendments` are what the
    pair has changed of that plan, as `domain.pace` reads them. While `on_hold_at` is set nothing is
    said in it.
    """

    workspace_id: str
    pairing_id: str
    programme_id: str
    cycle_number: int
    starts_on: date
    ends_on: date
    introduced_at: datetime
    reasons: list[dict[str, Any]] = field(default_factory=list)
    next_step: int = 0
    next_due_at: datetime | None = None
    channel_id: str | None = None
    ended_at: datetime | None = None
    end_reason: EndReason | None = None
    amendments: list[dict[str, Any]] | None = None
    on_hold_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether the pairing still runs."""
        return self.ended_at is None


@dataclass
class Membership:
    """A participant's place in a pairing."""

    workspace_id: str
    pairing_id: str
    participant_id: str
    role: Role


@dataclass
class CheckIn:
    """One question to one person of a pairing: have you met?"""

    workspace_id: str
    pairing_id: str
    participant_id: str
    occurrence: int
    asked_at: datetime
    answer: CheckInAnswer | None = None
    answered_at: datetime | None = None


@dataclass
class Feedback:
    """A mentee's feedback for their mentor; `rating` is 1 (poor) to 5 (excellent)."""

    workspace_id: str
    pairing_id: str
    from_participant_id: str
    rating: int
    helped_with: str
    could_improve: str
    given_at: datetime


@dataclass
class Choice:
    """What a participant wants after a cycle."""

    workspace_id: str
    programme_id: str
    cycle_number: int
    participant_id: str
    wish: NextCycle
    chosen_at: datetime


@dataclass
class Certificate:
    """A mentor's certificate for one cycle; an override carries who gave it and why.

    `credential` is what was signed, a token that holds the mentor's name; `fingerprint` is its
    SHA-256 in hexadecimal digits, which stays when the name goes. `status_index` is its place in
    the lists that tell which certificates are revoked. `meeting_minutes` are those on record,
    where the programme takes meetings down.
    """

    workspace_id: str
    certificate_id: str
    programme_id: str
    cycle_number: int
    participant_id: str
    period_from_on: date
    period_to_on: date
    mentee_count: int
    issued_at: datetime
    override_by: str | None = None
    override_reason: str | None = None
    credential: str | None = None
    fingerprint: str | None = None
    status_index: int | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_reason: str | None = None
    meeting_minutes: int | None = None


@dataclass
class AuditEntry:
    """Who did what to whom, and when; `actor` is a Slack user id or "system"."""

    workspace_id: str
    entry_id: str
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any] = field(default_factory=dict)
