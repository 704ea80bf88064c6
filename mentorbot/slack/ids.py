"""Every action_id and callback_id, each with exactly one listener."""

JOIN_AS_MENTOR = "enrolment.join_as_mentor"
JOIN_AS_MENTEE = "enrolment.join_as_mentee"
ROLE_FORM = "enrolment.role_form"
GUIDELINES_FORM = "enrolment.guidelines"
READ_GUIDELINES = "enrolment.read_guidelines"
CHANGE_DETAILS = "enrolment.change_details"
DETAILS_FORM = "enrolment.details_form"
SHOW_GUIDES = "guides.show"
FIND = "directory.find"
FIND_FORM = "directory.find_form"
FIND_BACK = "directory.back"
FIND_ON = "directory.on"
SHOW_RESOURCES = "resources.show"

APPLICATION_PAGE_FORM = "applications.page_form"
APPLICATION_CHECK_FORM = "applications.check_form"
APPLICATION_BACK = "applications.back"
GO_ON = "applications.go_on"
WITHDRAW = "applications.withdraw"
ANSWER_REVIEWER = "applications.answer"
ANSWER_FORM = "applications.answer_form"

REVIEW = "reviewing.open"
REVIEW_APPROVE = "reviewing.approve"
REVIEW_VERIFY = "reviewing.verify"
REVIEW_ASSIGN = "reviewing.assign"
REVIEW_SKIP = "reviewing.skip"
REVIEW_DECLINE = "reviewing.decline"
REVIEW_DECLINE_FORM = "reviewing.decline_form"
REVIEW_ASK = "reviewing.ask"
REVIEW_ASK_FORM = "reviewing.ask_form"
REVIEW_CLEAR = "reviewing.clear"
REVIEW_CLEAR_FORM = "reviewing.clear_form"

TELL_ME = "dates.tell_me"
MATCH_NOW = "dates.match_now"

MATCH_REVIEW = "match_review.open"
MATCH_REVIEW_BACK = "match_review.back"
MATCH_REVIEW_ON = "match_review.on"
MATCH_REVIEW_APPROVE = "match_review.approve"
MATCH_REVIEW_TAKE_BACK = "match_review.take_back"
MATCH_REVIEW_SEND = "match_review.send"
MATCH_REVIEW_START_OVER = "match_review.start_over"
MATCH_CHANGE = "match_edits.change"
MATCH_CHANGE_FORM = "match_edits.change_form"
MATCH_TAKE_FORM = "match_edits.take_form"
MATCH_UNDO = "match_edits.undo"

VOTE = "ballots.vote"
VOTE_FORM = "ballots.vote_form"
BALLOT_BACK = "ballots.back"
BALLOT_ON = "ballots.on"
SHOW_BALLOT = "ballots.show"
OPEN_BALLOT = "ballots.open"

CHECK_IN_MET = "check_in.met"
CHECK_IN_NOT_YET = "check_in.not_yet"
CHECK_IN_HELP = "check_in.help"

LOG_BY_VIDEO = "meetings.log_by_video"
LOG_IN_PERSON = "meetings.log_in_person"
LOG_BY_PHONE = "meetings.log_by_phone"
LOG_BY_CHAT = "meetings.log_by_chat"
OPEN_MEETING = "meetings.open"
CORRECT_MEETING = "meetings.correct"
MEETING_FORM = "meetings.meeting_form"
CORRECTION_FORM = "meetings.correction_form"

SHOW_AGREEMENTS = "agreements.show"
OPEN_AGREEMENT = "agreements.open"
SIGN_AGREEMENT = "agreements.sign"
AGREEMENT_FORM = "agreements.form"

SHOW_GOALS = "goals.show"
ADD_GOAL = "goals.add_goal"
ADD_ACTION = "goals.add_action"
CHANGE_GOAL = "goals.change"
NEW_GOAL_FORM = "goals.new_form"
GOAL_FORM = "goals.form"

ASK_MENTOR = "requests.ask"
ASK_MENTOR_FORM = "requests.ask_form"
ACCEPT_REQUEST = "requests.accept"
DECLINE_REQUEST = "requests.decline"
DECLINE_REQUEST_FORM = "requests.decline_form"
WITHDRAW_REQUEST = "requests.withdraw"
SHOW_REQUESTS = "requests.show"

ANSWER_SURVEY = "surveys.answer"
SURVEY_FORM = "surveys.form"
SHOW_SURVEYS = "surveys.show"
SURVEY_RESULTS = "surveys.results"
SURVEY_FILE = "surveys.file"

SHOW_SESSIONS = "sessions.show"
SESSION_YES = "sessions.yes"
SESSION_NO = "sessions.no"
SESSION_DONE = "sessions.made_up"
MANAGE_SESSION = "sessions.manage"
SESSION_FORM = "sessions.form"
SHOW_ATTENDANCE = "sessions.attendance"

GIVE_FEEDBACK = "closing.give_feedback"
FEEDBACK_FORM = "closing.feedback_form"
CONTINUE = "closing.continue"
OPT_OUT = "closing.opt_out"

RESUME = "pauses.resume"
PAUSE = "pauses.pause"
PAUSE_FORM = "pauses.pause_form"
LEAVE = "partings.leave"
SET_CADENCE = "cadence.open"
CADENCE_FORM = "cadence.form"
EXTEND = "extending.open"
EXTEND_FORM = "extending.form"
AGREE_TO_EXTEND = "extending.agree"
DECLINE_TO_EXTEND = "extending.decline"

END_PAIR = "endings.open"
END_FORM = "endings.form"

SENSITIVE_FORM = "sensitive.form"
OPEN_SENSITIVE = "sensitive.open"

COMMIT_FORM = "selection.commit_form"
SEED_FORM = "selection.seed_form"
DRAW_FORM = "selection.draw_form"

SETUP_FORM = "setup.form"
CONFIRM_SETUP_FORM = "setup.confirm_form"
UPDATE_FORM = "setup.update_form"
CONFIRM_UPDATE_FORM = "setup.confirm_update_form"
SHOW_PEOPLE = "coordination.people"
SHOW_PAIRS = "coordination.pairs"
SHOW_FEEDBACK = "coordination.feedback"

TEAM_FORM = "team.team_form"
SHOW_TEAM = "team.show"
DISMISS = "team.dismiss"

ASK_FORM = "advice.ask_form"
SHOW_ADVISERS = "advice.show"
ASK_ADVISER = "advice.ask"

SHOW_OVERSIGHT = "oversight.show"

IMPORT_FORM = "imports.import_form"
LIST_FORM = "imports.list_form"

COMMAND = "/mentorbot"
EVENTS = (
    "app_home_opened",
    "app_uninstalled",
    "member_joined_channel",
    "team_join",
    "tokens_revoked",
    "user_change",
)
