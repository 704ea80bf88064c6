"""Who may do what in a programme: the roles of its team, and one table of what each allows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

EVERY_PROGRAMME = ""
"""The programme id of an appointment that holds in all programmes of the workspace."""


class TeamRole(StrEnum):
    """What somebody is in the team of a programme, the most trusted first.

    An adviser has a specialty and is there for those who name it. A viewer sees numbers, never
    names, and may be one across all programmes of the workspace.
    """

    OWNER = "owner"
    COORDINATOR = "coordinator"
    REVIEWER = "reviewer"
    ADVISER = "adviser"
    SAFEGUARDING_LEAD = "safeguarding_lead"
    VIEWER = "viewer"


class Action(StrEnum):
    """What a role may allow; `RUN` is being told what needs a hand, `HEAR_HELP` calls for help."""

    UPDATE = "update"
    APPOINT_RUNNERS = "appoint_runners"
    APPOINT = "appoint"
    RUN = "run"
    HEAR_HELP = "hear_help"
    REVIEW = "review"
    REVIEW_MATCHING = "review_matching"
    IMPORT = "import"
    SELECT = "select"
    MATCH = "match"
    SEE_PEOPLE = "see_people"
    SEE_PAIRS = "see_pairs"
    SEE_FEEDBACK = "see_feedback"
    CERTIFY = "certify"
    REPORT = "report"
    OVERSEE = "oversee"


ALLOWED: dict[TeamRole, frozenset[Action]] = {
    TeamRole.OWNER: frozenset(Action),
    TeamRole.COORDINATOR: frozenset(Action) - {Action.APPOINT_RUNNERS},
    TeamRole.REVIEWER: frozenset({Action.REVIEW, Action.REVIEW_MATCHING}),
    TeamRole.ADVISER: frozenset(),
    TeamRole.SAFEGUARDING_LEAD: frozenset({Action.HEAR_HELP, Action.SEE_PEOPLE}),
    TeamRole.VIEWER: frozenset({Action.OVERSEE, Action.REPORT}),
}


@dataclass
class Appointment:
    """A role that somebody holds in a programme's team; only an adviser has a specialty."""

    workspace_id: str
    programme_id: str
    slack_user_id: str
    role: TeamRole
    specialty: str
    appointed_at: datetime
    appointed_by: str


def who_may(action: Action) -> tuple[TeamRole, ...]:
    """The roles that allow an action, the most trusted first."""
    return tuple(role for role in TeamRole if action in ALLOWED[role])


RUNNERS = who_may(Action.RUN)
"""Those who run a programme."""


def needed_to_appoint(role: TeamRole) -> Action:
    """What somebody must be allowed to give or take a role."""
    return Action.APPOINT_RUNNERS if role in RUNNERS else Action.APPOINT
