"""The tables, and the mapping of the domain's entities onto them.

Every key leads with `workspace_id`, so that no row can be reached without naming its tenant. A new
table goes into the module whose first line names its subject; here it gets its entity, and its
name for those who query it.
"""

from sqlalchemy.orm import registry

from mentorbot.domain import acquaintances as made_acquainted
from mentorbot.domain import agreements as agreements_made
from mentorbot.domain import (
    anonymous,
    attending,
    dates,
    erasures,
    issuing,
    messages,
    model,
    pace,
    permissions,
    sealed,
    voting,
)
from mentorbot.domain import checklists as checklists_kept
from mentorbot.domain import concerns as concerns_raised
from mentorbot.domain import draws as draws_made
from mentorbot.domain import goals as goals_set
from mentorbot.domain import match_review as matches_reviewed
from mentorbot.domain import meetings as meetings_held
from mentorbot.domain import partings as partings_made
from mentorbot.domain import requests as requests_made
from mentorbot.domain import surveys as surveys_asked
from mentorbot.storage.tables.applying import (
    applications,
    draws,
    import_mappings,
    import_runs,
    listed_addresses,
    sealed_answers,
)
from mentorbot.storage.tables.ballots import opened_ballots, votes
from mentorbot.storage.tables.concerns import case_entries, concerns, holds
from mentorbot.storage.tables.enrolling import (
    acknowledgements,
    appointments,
    channel_members,
    coordinators,
    participants,
    people,
    programmes,
    workspaces,
)
from mentorbot.storage.tables.keys import metadata
from mentorbot.storage.tables.knowing import (
    acquaintances,
    came_by,
    question_hearers,
    questions,
    recommendations,
    relays,
)
from mentorbot.storage.tables.match_drafts import match_approvals, match_drafts, match_edits
from mentorbot.storage.tables.mentoring import (
    certificates,
    check_ins,
    choices,
    cycles,
    feedbacks,
    issuer_keys,
    memberships,
    milestones,
    pairings,
)
from mentorbot.storage.tables.pairs import (
    agreements,
    checklists,
    extensions,
    goals,
    kept_apart,
    meetings,
    partings,
)
from mentorbot.storage.tables.recording import audit_entries, erased, feeds, handled_payloads
from mentorbot.storage.tables.requests import requests
from mentorbot.storage.tables.sending import attempts, lanes, outbox
from mentorbot.storage.tables.sessions import attendances, sessions
from mentorbot.storage.tables.surveys import responses, surveys

__all__ = [
    "acknowledgements",
    "acquaintances",
    "agreements",
    "applications",
    "appointments",
    "attempts",
    "attendances",
    "audit_entries",
    "came_by",
    "case_entries",
    "certificates",
    "channel_members",
    "check_ins",
    "checklists",
    "choices",
    "concerns",
    "coordinators",
    "cycles",
    "draws",
    "erased",
    "extensions",
    "feedbacks",
    "feeds",
    "goals",
    "handled_payloads",
    "holds",
    "import_mappings",
    "import_runs",
    "issuer_keys",
    "kept_apart",
    "lanes",
    "listed_addresses",
    "match_approvals",
    "match_drafts",
    "match_edits",
    "meetings",
    "memberships",
    "metadata",
    "milestones",
    "opened_ballots",
    "outbox",
    "pairings",
    "participants",
    "partings",
    "people",
    "programmes",
    "question_hearers",
    "questions",
    "recommendations",
    "relays",
    "requests",
    "responses",
    "sealed_answers",
    "sessions",
    "surveys",
    "votes",
    "workspaces",
]

_mapper = registry(metadata=metadata)
for _entity, _table in (
    (model.Workspace, workspaces),
    (model.Person, people),
    (model.Programme, programmes),
    (model.Participant, participants),
    (model.Application, applications),
    (model.ListedAddress, listed_addresses),
    (sealed.SealedAnswer, sealed_answers),
    (draws_made.Draw, draws),
    (model.Acknowledgement, acknowledgements),
    (model.Cycle, cycles),
    (model.Milestone, milestones),
    (voting.OpenedBallot, opened_ballots),
    (voting.Vote, votes),
    (matches_reviewed.MatchDraft, match_drafts),
    (matches_reviewed.MatchApproval, match_approvals),
    (matches_reviewed.MatchEdit, match_edits),
    (model.Pairing, pairings),
    (model.Membership, memberships),
    (model.CheckIn, check_ins),
    (meetings_held.Meeting, meetings),
    (agreements_made.Agreement, agreements),
    (goals_set.Goal, goals),
    (pace.Extension, extensions),
    (checklists_kept.Ticked, checklists),
    (anonymous.AnonymousQuestion, questions),
    (anonymous.Relay, relays),
    (anonymous.QuestionHearer, question_hearers),
    (made_acquainted.Acquaintance, acquaintances),
    (made_acquainted.Recommendation, recommendations),
    (made_acquainted.CameBy, came_by),
    (concerns_raised.Concern, concerns),
    (concerns_raised.CaseEntry, case_entries),
    (concerns_raised.Hold, holds),
    (partings_made.Parting, partings),
    (partings_made.KeptApart, kept_apart),
    (requests_made.MentorRequest, requests),
    (surveys_asked.OpenSurvey, surveys),
    (surveys_asked.Response, responses),
    (attending.Session, sessions),
    (attending.Attendance, attendances),
    (model.Feedback, feedbacks),
    (model.Choice, choices),
    (model.Certificate, certificates),
    (issuing.IssuerKey, issuer_keys),
    (model.AuditEntry, audit_entries),
    (messages.Message, outbox),
    (messages.Attempt, attempts),
    (erasures.Erasure, erased),
    (dates.Feed, feeds),
    (permissions.Appointment, appointments),
):
    _mapper.map_imperatively(_entity, _table)
