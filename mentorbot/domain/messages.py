"""What MentorBot says unasked: messages as intents, rendered only when they are delivered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any


class MessageKind(StrEnum):
    """Everything MentorBot may say unasked."""

    WELCOME = "welcome"
    CHOOSE_ROLE = "choose_role"
    ROLE_BUTTONS = "role_buttons"
    QUEUE_PLACE = "queue_place"
    QUEUE_NEXT = "queue_next"
    INTRODUCTION = "introduction"
    INTRODUCTION_LETTER = "introduction_letter"
    STARTER = "starter"
    CHECK_IN = "check_in"
    TIP = "tip"
    HELP_WANTED = "help_wanted"
    AGREEMENT_ASKED = "agreement_asked"
    AGREEMENT_DUE = "agreement_due"
    AGREEMENT_TO_SIGN = "agreement_to_sign"
    AGREEMENT_UNSIGNED = "agreement_unsigned"
    AGREEMENT_SIGNED = "agreement_signed"
    QUESTION_RELAYED = "question_relayed"
    QUESTION_ANSWERED = "question_answered"
    ACQUAINTANCE_ASKED = "acquaintance_asked"
    ACQUAINTANCE_MADE = "acquaintance_made"
    ACQUAINTANCE_DECLINED = "acquaintance_declined"
    CAME_BY_YOU = "came_by_you"
    COVERAGE_DUE = "coverage_due"
    CADENCE_SET = "cadence_set"
    EXTENSION_PROPOSED = "extension_proposed"
    EXTENSION_AGREED = "extension_agreed"
    EXTENSION_DECLINED = "extension_declined"
    MEETING_LOGGED = "meeting_logged"
    QUIET_PARTNER = "quiet_partner"
    QUIET_PAIR = "quiet_pair"
    QUIET_REPORT = "quiet_report"
    CLOSING = "closing"
    REMINDER = "reminder"
    CERTIFICATE = "certificate"
    OPTED_OUT = "opted_out"
    PAUSED_NO_ANSWER = "paused_no_answer"
    PARTNER_LEFT = "partner_left"
    PAIR_ENDED = "pair_ended"
    CONCERN_RAISED = "concern_raised"
    CONCERN_OVERDUE = "concern_overdue"
    CONCERN_RECEIVED = "concern_received"
    CONCERN_READ = "concern_read"
    CONCERN_CLOSED = "concern_closed"
    PAIR_ON_HOLD = "pair_on_hold"
    PAIR_GOES_ON = "pair_goes_on"
    PAIR_CLOSED = "pair_closed"
    GROUP_GOES_ON = "group_goes_on"
    PARTNER_PAUSED = "partner_paused"
    PARTNER_BACK = "partner_back"
    PAUSE_OVER = "pause_over"
    GUIDELINES_CHANGED = "guidelines_changed"
    APPLICATION_ASKED = "application_asked"
    APPLICATION_APPROVED = "application_approved"
    APPLICATION_DECLINED = "application_declined"
    CONFIDENTIAL_ASKED = "confidential_asked"
    INVITATION = "invitation"
    PLACE_GIVEN = "place_given"
    PLACE_WAITED_FOR = "place_waited_for"
    PLACE_NOT_GIVEN = "place_not_given"
    REVIEW_WANTED = "review_wanted"
    APPLICATIONS_OPEN = "applications_open"
    APPLICATIONS_CLOSED = "applications_closed"
    NEXT_ROUND_DUE = "next_round_due"
    DRAFT_REMINDED = "draft_reminded"
    MATCHING_AWAITED = "matching_awaited"
    MATCHING_DUE = "matching_due"
    MATCHING_DONE = "matching_done"
    MATCHING_REVIEW = "matching_review"
    MATCHING_LEFT_OVER = "matching_left_over"
    BALLOT_OPENED = "ballot_opened"
    BALLOT_REMINDED = "ballot_reminded"
    BALLOT_CHOICE_GONE = "ballot_choice_gone"
    BALLOT_NOT_OPENED = "ballot_not_opened"
    BALLOT_AWAITED = "ballot_awaited"
    REQUEST_MADE = "request_made"
    REQUEST_REMINDED = "request_reminded"
    REQUEST_DECLINED = "request_declined"
    REQUEST_EXPIRED = "request_expired"
    REQUEST_WITHDRAWN = "request_withdrawn"
    REQUEST_RETURNED = "request_returned"
    SESSION_ANNOUNCED = "session_announced"
    SESSION_PLACE = "session_place"
    SESSION_REMINDED = "session_reminded"
    SESSION_MOVED = "session_moved"
    SESSION_CANCELLED = "session_cancelled"
    SESSION_OVER = "session_over"
    SESSION_MISSED = "session_missed"
    SURVEY_OPENED = "survey_opened"
    SURVEY_REMINDED = "survey_reminded"
    SURVEY_OVER = "survey_over"
    SURVEY_FILE = "survey_file"
    CALENDAR_FILE = "calendar_file"
    STAGE_REACHED = "stage_reached"
    PROGRAMME_OVER = "programme_over"
    DRAW_COMMITTED = "draw_committed"
    DRAW_PUBLISHED = "draw_published"
    IMPORT_DONE = "import_done"
    IMPORT_REFUSED = "import_refused"
    UNREACHABLE = "unreachable"
    APPOINTED = "appointed"
    DISMISSED = "dismissed"
    TEAM_LOST = "team_lost"
    SPECIALTIES_DROPPED = "specialties_dropped"
    ADVICE_WANTED = "advice_wanted"


TO_COORDINATORS = (
    MessageKind.REVIEW_WANTED,
    MessageKind.IMPORT_DONE,
    MessageKind.IMPORT_REFUSED,
    MessageKind.APPLICATIONS_CLOSED,
    MessageKind.NEXT_ROUND_DUE,
    MessageKind.MATCHING_DUE,
    MessageKind.MATCHING_DONE,
    MessageKind.MATCHING_REVIEW,
    MessageKind.BALLOT_NOT_OPENED,
    MessageKind.BALLOT_AWAITED,
    MessageKind.SESSION_OVER,
    MessageKind.SURVEY_OVER,
    MessageKind.SURVEY_FILE,
    MessageKind.HELP_WANTED,
    MessageKind.QUIET_REPORT,
    MessageKind.PAIR_ENDED,
    MessageKind.COVERAGE_DUE,
    MessageKind.CONCERN_RAISED,
    MessageKind.CONCERN_OVERDUE,
    MessageKind.UNREACHABLE,
    MessageKind.APPOINTED,
    MessageKind.DISMISSED,
    MessageKind.TEAM_LOST,
    MessageKind.SPECIALTIES_DROPPED,
    MessageKind.ADVICE_WANTED,
)
"""What is said to the team of a programme, whether or not they take part in it."""

TO_APPLICANTS = (
    MessageKind.APPLICATIONS_OPEN,
    MessageKind.APPLICATION_APPROVED,
    MessageKind.APPLICATION_ASKED,
    MessageKind.APPLICATION_DECLINED,
    MessageKind.CONFIDENTIAL_ASKED,
    MessageKind.PLACE_GIVEN,
    MessageKind.PLACE_WAITED_FOR,
    MessageKind.PLACE_NOT_GIVEN,
)
"""What is said of an application, while it stands; somebody who leaves may have another one."""


class MessageState(StrEnum):
    """Where a message stands; `UNKNOWN` may have been sent and could not be looked up."""

    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DEAD = "dead"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


OPENS_A_GROUP = (MessageKind.INTRODUCTION, MessageKind.GROUP_GOES_ON)
"""The kinds whose conversation the pairing talks in from then on."""
MAIL = "mail:"
NO_INVITE_LINK = "mail_no_invite_link"
"""Why an invitation waits that has no link to invite with."""
URGENT, NEWS, ROUTINE = 0, 5, 10
"""Priorities: what answers somebody's act, then how they stand now, then what time causes."""

_NEWS_KINDS = frozenset({MessageKind.QUEUE_PLACE, MessageKind.QUEUE_NEXT})

_ROUTINE_KINDS = frozenset(
    {
        MessageKind.STARTER,
        MessageKind.CHECK_IN,
        MessageKind.TIP,
        MessageKind.SESSION_ANNOUNCED,
        MessageKind.SESSION_REMINDED,
        MessageKind.SESSION_MISSED,
        MessageKind.REQUEST_REMINDED,
        MessageKind.AGREEMENT_ASKED,
        MessageKind.AGREEMENT_DUE,
        MessageKind.AGREEMENT_UNSIGNED,
        MessageKind.SURVEY_OPENED,
        MessageKind.SURVEY_REMINDED,
        MessageKind.CLOSING,
        MessageKind.REMINDER,
    }
)
_MAY_REPEAT = _ROUTINE_KINDS | _NEWS_KINDS
_KEEPS = {
    MessageKind.STARTER: timedelta(days=3),
    MessageKind.CHECK_IN: timedelta(days=3),
    MessageKind.TIP: timedelta(days=3),
    MessageKind.REMINDER: timedelta(days=2),
    MessageKind.QUEUE_NEXT: timedelta(days=2),
    MessageKind.DRAFT_REMINDED: timedelta(days=3),
    MessageKind.BALLOT_REMINDED: timedelta(hours=12),
}
_BELONGS_TO_PAIRING = frozenset(
    {
        MessageKind.INTRODUCTION,
        MessageKind.INTRODUCTION_LETTER,
        MessageKind.GROUP_GOES_ON,
        MessageKind.STARTER,
        MessageKind.CHECK_IN,
        MessageKind.TIP,
        MessageKind.MEETING_LOGGED,
        MessageKind.AGREEMENT_ASKED,
        MessageKind.AGREEMENT_DUE,
        MessageKind.AGREEMENT_TO_SIGN,
        MessageKind.AGREEMENT_UNSIGNED,
        MessageKind.AGREEMENT_SIGNED,
        MessageKind.CADENCE_SET,
        MessageKind.EXTENSION_PROPOSED,
        MessageKind.EXTENSION_AGREED,
        MessageKind.EXTENSION_DECLINED,
        MessageKind.QUIET_PARTNER,
        MessageKind.QUIET_PAIR,
        MessageKind.PARTNER_PAUSED,
        MessageKind.PARTNER_BACK,
    }
)


def priority_of(kind: MessageKind) -> int:
    """How urgent a kind is; smaller goes first."""
    if kind in _NEWS_KINDS:
        return NEWS
    return ROUTINE if kind in _ROUTINE_KINDS else URGENT


def keeps_for(kind: MessageKind) -> timedelta | None:
    """How long a message is still worth sending after its time; None for ever."""
    return _KEEPS.get(kind)


def may_repeat(kind: MessageKind) -> bool:
    """Whether a message that may have arrived does less harm twice than not at all.

    What time causes is said again, once; what happens once, such as an introduction or a
    certificate, is left to the operator.
    """
    return kind in _MAY_REPEAT


def ends_with_pairing(kind: MessageKind) -> bool:
    """Whether a message is pointless once its pairing has ended."""
    return kind in _BELONGS_TO_PAIRING


def key_of(workspace_id: str, dedupe_key: str) -> str:
    """What a message is known by in Slack: opaque, and made of its cause alone.

    A database restored from an old backup, in which the row has another id or none yet, finds by it
    what was said.
    """
    return sha256(f"{workspace_id}:{dedupe_key}".encode()).hexdigest()[:32]


def by_mail(application_id: str) -> str:
    """The recipient of an e-mail to an applicant; their address is looked up when it is sent."""
    return f"{MAIL}{application_id}"


def is_mail(recipients: Sequence[str]) -> bool:
    """Whether a message goes by e-mail."""
    return recipients[0].startswith(MAIL)


@dataclass
class Message:
    """An intent in the outbox.

    `recipients` are Slack ids: one person (a DM), several (a group DM) or one channel; or one
    applicant `by_mail`.
    `dedupe_key` is subject : kind : occurrence : recipient, never a timestamp, so that nothing can
    mint a second one. `intent_at` is set while a send may have reached Slack; `look_again_at` is
    when a second copy of a sent message is looked for.
    """

    workspace_id: str
    message_id: str
    dedupe_key: str
    kind: MessageKind
    recipients: list[str]
    programme_id: str
    created_at: datetime
    not_before_at: datetime
    params: dict[str, Any] = field(default_factory=dict)
    pairing_id: str | None = None
    priority: int = URGENT
    expires_at: datetime | None = None
    state: MessageState = MessageState.PENDING
    lease_by: str | None = None
    lease_until_at: datetime | None = None
    intent_at: datetime | None = None
    channel_id: str | None = None
    slack_ts: str | None = None
    file_id: str | None = None
    attempt_count: int = 0
    last_error: str | None = None
    settled_at: datetime | None = None
    look_again_at: datetime | None = None

    @property
    def key(self) -> str:
        """What it carries in Slack."""
        return key_of(self.workspace_id, self.dedupe_key)


@dataclass
class Attempt:
    """One try at sending a message, kept for ever; `outcome` is a word for the operator."""

    workspace_id: str
    message_id: str
    number: int
    at: datetime
    outcome: str
    detail: str = ""
