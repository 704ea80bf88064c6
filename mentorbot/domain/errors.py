"""What can go wrong, and what a person is told about it.

MentorBotError
├── Refusal                  an expected "no": has wording, nothing was changed
│   ├── InvalidAnswers       a form's fields, each with its reason
│   ├── ImportRefused        a file that nothing can be imported from, for one of many reasons
│   └── NotEnrolled, Stale … one class for each reason, which its docstring tells
├── InvalidProgramme         a programme file that cannot be run
├── InvalidDraw              a published draw that cannot be read
├── InvalidMatchingFile      a problem or result of matching that cannot be used
├── NotGenuine               a certificate that does not hold
├── DatabaseRefused          a database that cannot be copied, backed up or restored
└── OperatorRefused          something an operator asked for that cannot be, or would do harm

The module may grow past 400 lines: it is one flat list, in which a name is looked up.
"""

from collections.abc import Mapping, Sequence


class MentorBotError(Exception):
    """Anything MentorBot raises on purpose."""


class Refusal(MentorBotError):
    """An expected refusal; `key` names its sentence in the locales, `values` fills it."""

    key = "refusal.unexpected"

    def __init__(self, **values: str | int) -> None:
        super().__init__(self.key, values)
        self.values: Mapping[str, str | int] = values


class InvalidAnswers(Refusal):
    """A form was refused; `problems` maps question ids to wording keys and their values."""

    key = "refusal.invalid_answers"

    def __init__(self, problems: Mapping[str, tuple[str, Mapping[str, str | int]]]) -> None:
        super().__init__()
        self.problems = problems


class NotEnrolled(Refusal):
    """The person takes no part in the programme (any more)."""

    key = "refusal.not_enrolled"


class AlreadyInRole(Refusal):
    """The role was chosen twice; values: role."""

    key = "refusal.already_in_role"


class NotSetUp(Refusal):
    """No programme runs in this workspace yet."""

    key = "refusal.not_set_up"


class AlreadySetUp(Refusal):
    """The programme runs already; values: programme, channel."""

    key = "refusal.already_set_up"


class CycleRunning(Refusal):
    """The programme's dates cannot change while pairs live by them; values: programme."""

    key = "refusal.cycle_running"


class ApplicationsUnderWay(Refusal):
    """A round of applications cannot end before each is decided; values: count."""

    key = "refusal.applications_under_way"


class BallotUnderWay(Refusal):
    """A ballot is open: its rules stand, and nobody is matched before; values: on, its end."""

    key = "refusal.ballot_under_way"


class NoBallot(Refusal):
    """The programme does not choose by a ballot; values: programme."""

    key = "refusal.no_ballot"


class BallotNotOpen(Refusal):
    """No ballot is open yet."""

    key = "refusal.ballot_not_open"


class BallotOver(Refusal):
    """The ballot has closed; values: on, the instant, in ISO format with the reader's zone."""

    key = "refusal.ballot_over"


class BallotMatched(Refusal):
    """The ballot has closed, and everybody was matched since; values: on, as `BallotOver`."""

    key = "refusal.ballot_matched"


class BallotNotMatched(Refusal):
    """The last ballot has closed, and its choices wait for the day of the matching."""

    key = "refusal.ballot_not_matched"


class NotVoting(Refusal):
    """The ballot is for those who wait for a partner, in the roles that choose."""

    key = "refusal.not_voting"


class NobodyToChoose(Refusal):
    """A ballot cannot open while nobody waits to be chosen, or nobody to choose."""

    key = "refusal.nobody_to_choose"


class MatchingInReview(Refusal):
    """Pairs are proposed and people look at them: nobody else is matched before they are sent."""

    key = "refusal.matching_in_review"


class NothingToReview(Refusal):
    """No pairs wait for anybody's approval."""

    key = "refusal.nothing_to_review"


class PairsChanged(Refusal):
    """The proposed pairs are others than those that somebody saw."""

    key = "refusal.pairs_changed"


class OwnPair(Refusal):
    """Nobody decides on a proposed pair of which they are one themselves."""

    key = "refusal.own_pair"


class CannotBePaired(Refusal):
    """Two people cannot be a proposed pair: a rule forbids it, or one of them does not wait."""

    key = "refusal.cannot_be_paired"


class NotApproved(Refusal):
    """Pairs are sent once enough people have approved; values: count, how many more it takes."""

    key = "refusal.not_approved"


class MatchedAtOnce(Refusal):
    """Nobody waits for a date: people are matched the moment somebody is free."""

    key = "refusal.matched_at_once"


class MatchedOnRequest(Refusal):
    """Nobody waits to be matched: mentees ask mentors themselves."""

    key = "refusal.matched_on_request"


class MatchingOver(Refusal):
    """The pairs of this round are made: nobody joins the cycle any more."""

    key = "refusal.matching_over"


class OtherProgramme(Refusal):
    """A file with another id is another programme; values: before, after."""

    key = "refusal.other_programme"


class UploadTooLarge(Refusal):
    """A file that was handed in is longer than it may be; values: most_kilobytes."""

    key = "refusal.upload_too_large"


class UploadLost(Refusal):
    """Slack did not give a file that was handed in."""

    key = "refusal.upload_lost"


class NotPermitted(Refusal):
    """Only some roles of the programme's team may do this; values: roles, words of the table."""

    key = "refusal.not_permitted"


class ChannelTaken(Refusal):
    """Another programme lives in the channel; values: programme, channel."""

    key = "refusal.channel_taken"


class WhichProgramme(Refusal):
    """Several programmes run in the workspace; values: known, example."""

    key = "refusal.which_programme"


class WhomAndWhat(Refusal):
    """A command about the team names no person, or no role that there is."""

    key = "refusal.whom_and_what"


class NotAPerson(Refusal):
    """A bot or an account that is gone cannot be in the team; values: named."""

    key = "refusal.not_a_person"


class NotInTeam(Refusal):
    """Somebody does not hold the role that was to be taken from them; values: named, team_role."""

    key = "refusal.not_in_team"


class LastOwner(Refusal):
    """The programme's last owner stays until there is another; values: programme."""

    key = "refusal.last_owner"


class NoSpecialties(Refusal):
    """The programme's file has no advisers; values: programme."""

    key = "refusal.no_specialties"


class UnknownSpecialty(Refusal):
    """There is no such specialty; values: given, nearest, known."""

    key = "refusal.unknown_specialty"


class NoAdviser(Refusal):
    """Nobody advises on a specialty yet; values: specialty."""

    key = "refusal.no_adviser"


class AskedLately(Refusal):
    """An adviser is asked once a week; values: on, the day from which on, such as 2026-01-31."""

    key = "refusal.asked_lately"


class NoGuide(Refusal):
    """The programme has no guides for the person's role."""

    key = "refusal.no_guide"


class NoDirectory(Refusal):
    """The programme's file has no directory of mentors."""

    key = "refusal.no_directory"


class NoResources(Refusal):
    """The programme has no library."""

    key = "refusal.no_resources"


class Stale(Refusal):
    """The button or form belongs to something that has ended."""

    key = "refusal.stale"


class BadMeeting(InvalidAnswers):
    """A meeting that cannot have been so; outside a form the first of its problems is told."""

    def __init__(self, problems: Mapping[str, tuple[str, Mapping[str, str | int]]]) -> None:
        super().__init__(problems)
        self.key, self.values = next(iter(problems.values()))


class UnclearMeeting(Refusal):
    """What was typed of a meeting says no length, or more than can be understood."""

    key = "refusal.unclear_meeting"


class NoMeetings(Refusal):
    """The programme takes no meetings down."""

    key = "refusal.no_meetings"


class NoGoals(Refusal):
    """The programme has no goals written down."""

    key = "refusal.no_goals"


class TooManyGoals(Refusal):
    """Somebody has as many open goals and actions as there can be; values: most."""

    key = "refusal.too_many_goals"


class NoSessions(Refusal):
    """The programme has no sessions; values: programme."""

    key = "refusal.no_sessions"


class SessionNotForYou(Refusal):
    """A session is for others; values: title."""

    key = "refusal.session_not_for_you"


class SessionOff(Refusal):
    """A session was called off; values: title."""

    key = "refusal.session_off"


class SessionOver(Refusal):
    """A session has ended; values: title."""

    key = "refusal.session_over"


class SessionNotBegun(Refusal):
    """Nobody can have been at a session that has not begun; values: title."""

    key = "refusal.session_not_begun"


class BadSessionTime(InvalidAnswers):
    """A session cannot be moved to an instant that has passed, or that is years away."""

    def __init__(self) -> None:
        super().__init__({"on": ("sessions.bad_time", {})})


class NoCodeNow(Refusal):
    """No session takes a code now."""

    key = "refusal.no_code_now"


class WrongCode(Refusal):
    """No session that takes a code now has this one."""

    key = "refusal.wrong_code"


class TooManyCodes(Refusal):
    """Somebody sent so many wrong codes that none is taken from them any more."""

    key = "refusal.too_many_codes"


class NoRequests(Refusal):
    """Nobody asks for a mentor in the programme; values: programme."""

    key = "refusal.no_requests"


class AlreadyAsked(Refusal):
    """The mentor is asked already, or is somebody's mentor."""

    key = "refusal.already_asked"


class TooManyRequests(Refusal):
    """Somebody has as many requests open as there can be; values: most."""

    key = "refusal.too_many_requests"


class TooManyPartners(Refusal):
    """A mentee has as many mentors as there can be, counting requests; values: most."""

    key = "refusal.too_many_partners"


class MentorNotFree(Refusal):
    """A mentor has no place that nobody holds, or takes no part now."""

    key = "refusal.mentor_not_free"


class NoPlaceLeft(Refusal):
    """A mentor says yes to a request, and has no place for it any more."""

    key = "refusal.no_place_left"


class SessionChanged(Refusal):
    """Somebody else has moved a session, or called it off, while a form was open; values: title."""

    key = "refusal.session_changed"


class NoSurveys(Refusal):
    """The programme has no surveys; values: programme."""

    key = "refusal.no_surveys"


class SurveyClosed(Refusal):
    """A survey takes no answers now; values: title."""

    key = "refusal.survey_closed"


class NoAgreement(Refusal):
    """Pairs of the programme write no agreement here."""

    key = "refusal.no_agreement"


class NoChecklist(Refusal):
    """There is no checklist for somebody, or none that they may see."""

    key = "refusal.no_checklist"


class NobodyAnswers(Refusal):
    """No mentor of the programme answers questions without a name, apart from the asker's own."""

    key = "refusal.nobody_answers"


class TooManyQuestions(Refusal):
    """Somebody has asked as many questions this week as one can; values: most."""

    key = "refusal.too_many_questions"


class NotAMentor(Refusal):
    """Only a mentor can do this."""

    key = "refusal.not_a_mentor"


class UnknownCode(Refusal):
    """A code by which nobody tells of a programme."""

    key = "refusal.unknown_code"


class NobodyToHear(Refusal):
    """There is nobody who may hear of a concern, apart from those whom it names."""

    key = "refusal.nobody_to_hear"


class NoExtension(Refusal):
    """Pairs of the programme cannot go on longer, or this one is being closed."""

    key = "refusal.no_extension"


class MenteeWritesFirst(Refusal):
    """A mentor signs an agreement that their mentee has written, and can change it then."""

    key = "refusal.mentee_writes_first"


class NoPartner(Refusal):
    """The person is in no pairing that runs."""

    key = "refusal.no_partner"


class WhichPartner(Refusal):
    """One of several partners is meant, or somebody else; values: partners, their Slack ids."""

    key = "refusal.which_partner"


class AlreadyGiven(Refusal):
    """Feedback for this pairing was given before."""

    key = "refusal.already_given"


class BadPause(Refusal):
    """The length of a pause was not understood or is out of range; values: most_weeks."""

    key = "refusal.bad_pause"


class NothingToResume(Refusal):
    """The person is not paused."""

    key = "refusal.nothing_to_resume"


class NobodyNamed(Refusal):
    """A command that needs a mention of a mentor came without one."""

    key = "refusal.nobody_named"


class UnknownPerson(Refusal):
    """The person named is not a mentor who has had a pairing; values: named."""

    key = "refusal.unknown_person"


class ReasonMissing(Refusal):
    """An override needs its reason."""

    key = "refusal.reason_missing"


class NotTakingApplications(Refusal):
    """The programme takes no applications."""

    key = "refusal.not_taking_applications"


class NotOpenYet(Refusal):
    """Applications are not taken yet; values: on, the first day, or an instant."""

    key = "refusal.not_open_yet"


class ApplicationsClosed(Refusal):
    """Applications are not taken any more; values: on, the last day, such as 2026-01-31.

    With next_on, the next round's first day, or with a contact's name, title and email it has
    another sentence.
    """

    key = "refusal.applications_closed"

    def __init__(self, **values: str | int) -> None:
        if "next_on" in values:
            self.key = "refusal.applications_reopen"
        elif "contact" in values:
            self.key = "refusal.applications_closed_ask"
        super().__init__(**values)


class AlreadyApplied(Refusal):
    """An application of this round is running, or was decided; values: role."""

    key = "refusal.already_applied"


class AddressTaken(Refusal):
    """Somebody has applied for the same under this e-mail address."""

    key = "refusal.address_taken"


class DecidedMeanwhile(Refusal):
    """The application is not as the reviewer saw it; values: named, who has changed it."""

    key = "refusal.decided_meanwhile"


class FactsMissing(Refusal):
    """Facts are still to be verified before an approval; values: count."""

    key = "refusal.facts_missing"


class NotTheirsToReview(Refusal):
    """Nobody reviews their own application."""

    key = "refusal.not_theirs_to_review"


class SecretKeyMissing(Refusal):
    """There is no key for sensitive answers, or not the one that they were sealed with."""

    key = "refusal.secret_key_missing"


class AnswersClosed(Refusal):
    """What a draw goes by is settled; an answer can still be erased."""

    key = "refusal.answers_closed"


class NoLottery(Refusal):
    """The programme draws no places by lot."""

    key = "refusal.no_lottery"


class NotClosedYet(Refusal):
    """Applications are still taken; values: on, the last day, such as 2026-01-31."""

    key = "refusal.not_closed_yet"


class NobodyToDraw(Refusal):
    """Nobody is approved for a draw; values: role."""

    key = "refusal.nobody_to_draw"


class NoPlacesLeft(Refusal):
    """All places are held before a draw; values: role, count, how many the file has."""

    key = "refusal.no_places_left"


class AlreadyDrawn(Refusal):
    """A draw is final; values: seed, with which it was made."""

    key = "refusal.already_drawn"


class DrawCommitted(Refusal):
    """The rules of a draw that is committed to, until its places are given; values: role."""

    key = "refusal.draw_committed"


class ResultsHeard(Refusal):
    """A later day for results that somebody has heard."""

    key = "refusal.results_heard"


class SeedKnown(Refusal):
    """The seed's source has spoken before anything was committed to; values: on, its date."""

    key = "refusal.seed_known"


class SeedNotYet(Refusal):
    """The seed's source has not spoken yet; values: on, its date, such as 2026-01-31."""

    key = "refusal.seed_not_yet"


class NotPublished(Refusal):
    """The commitment does not stand in the programme's channel yet."""

    key = "refusal.not_published"


class NothingToReport(Refusal):
    """The programme asks no sensitive question that is kept for the cycle."""

    key = "refusal.nothing_to_report"


class StillDeciding(Refusal):
    """Each decision would show in the equity report by itself; values: count, those to come."""

    key = "refusal.still_deciding"


class ImportRefused(Refusal):
    """A file, or its columns, that nothing can be imported from; its sentence is given by key."""

    def __init__(self, key: str, **values: str | int) -> None:
        self.key = key
        super().__init__(**values)


class CertificateExists(Refusal):
    """The mentor holds the certificate of this cycle already; values: certificate_id."""

    key = "refusal.certificate_exists"


class NoCertificate(Refusal):
    """The person holds no certificate here that could be revoked."""

    key = "refusal.no_certificate"


class RevocationUnclear(Refusal):
    """Nobody is named whose certificate is to be revoked, or no reason is given."""

    key = "refusal.revocation_unclear"


class InvalidProgramme(MentorBotError):
    """A programme file that cannot be run; the message lists every mistake found."""


class InvalidDraw(MentorBotError):
    """A published draw is not valid; the text names every mistake."""


class InvalidMatchingFile(MentorBotError):
    """A problem or a result of matching is not valid; the text names every mistake on its line."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


class NotGenuine(MentorBotError):
    """A certificate does not hold; `key` names the sentence that says why."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key = key
        self.values: Mapping[str, str] = values


class DatabaseRefused(MentorBotError):
    """A database that cannot be copied, backed up or restored; the message says why."""


class OperatorRefused(MentorBotError):
    """What an operator asked for cannot be, or would do harm; the message says why."""
