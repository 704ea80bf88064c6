"""Every word, button and form of the team, as every role and as a stranger, over the wire."""

from collections.abc import Mapping
from typing import Any

import pytest

from mentorbot.domain.permissions import ALLOWED, Action, Appointment, TeamRole, who_may
from mentorbot.slack import ids
from mentorbot.slack.commands import WORDS
from mentorbot.storage import appointments
from mentorbot.wording import listed, say
from tests import crafted
from tests.world import AMARA, CLAIRE, HANNAH, LINA, OMAR, RAJESH, ZOE, Actor, World, words

GRACE = "U0GRACE000"
Needs = Mapping[str, Action | None]
EVERYBODY = None

WORD_NEEDS: Needs = {
    **dict.fromkeys(
        (
            "help",
            "status",
            "leave",
            "pause",
            "resume",
            "guide",
            "find",
            "resources",
            "adviser",
            "apply",
            "met",
            "goals",
            "agreement",
            "end",
            "cadence",
            "calendar",
            "checklist",
            *("ask", "questions", "introduce", "invite", "from"),
            "report",
            "concerns",
            "extend",
            "sessions",
            "here",
            "requests",
            "survey",
        ),
        EVERYBODY,
    ),
    "setup": Action.UPDATE,
    "review": Action.REVIEW,
    "people": Action.SEE_PEOPLE,
    "pairs": Action.SEE_PAIRS,
    "feedback": Action.SEE_FEEDBACK,
    "surveys": Action.SEE_FEEDBACK,
    "certificate": Action.CERTIFY,
    "team": Action.APPOINT,
    "appoint": Action.APPOINT,
    "dismiss": Action.APPOINT,
    "oversight": Action.OVERSEE,
    "coverage": Action.SEE_PAIRS,
    "lottery": Action.SELECT,
    "equity": Action.REPORT,
    "match": Action.MATCH,
    "matching": Action.REVIEW_MATCHING,
    "ballot": Action.MATCH,
    "import": Action.IMPORT,
    "list": Action.IMPORT,
}
CLICK_NEEDS: Needs = {
    **dict.fromkeys(
        (
            ids.REVIEW,
            ids.REVIEW_APPROVE,
            ids.REVIEW_VERIFY,
            ids.REVIEW_ASSIGN,
            ids.REVIEW_SKIP,
            ids.REVIEW_DECLINE,
            ids.REVIEW_ASK,
            ids.REVIEW_CLEAR,
        ),
        Action.REVIEW,
    ),
    **dict.fromkeys(
        (
            ids.MATCH_REVIEW,
            ids.MATCH_REVIEW_BACK,
            ids.MATCH_REVIEW_ON,
            ids.MATCH_REVIEW_APPROVE,
            ids.MATCH_REVIEW_TAKE_BACK,
            *(ids.MATCH_CHANGE, ids.MATCH_UNDO),
        ),
        Action.REVIEW_MATCHING,
    ),
    ids.MATCH_REVIEW_SEND: Action.MATCH,
    ids.MATCH_REVIEW_START_OVER: Action.MATCH,
    ids.SHOW_PEOPLE: Action.SEE_PEOPLE,
    ids.SHOW_PAIRS: Action.SEE_PAIRS,
    ids.SHOW_FEEDBACK: Action.SEE_FEEDBACK,
    ids.SHOW_TEAM: Action.APPOINT,
    ids.DISMISS: Action.APPOINT,
    ids.SHOW_OVERSIGHT: Action.OVERSEE,
    ids.MATCH_NOW: Action.MATCH,
    ids.SHOW_BALLOT: Action.MATCH,
    ids.OPEN_BALLOT: Action.MATCH,
    ids.SHOW_ATTENDANCE: Action.RUN,
    **dict.fromkeys((ids.SHOW_SURVEYS, ids.SURVEY_RESULTS, ids.SURVEY_FILE), Action.SEE_FEEDBACK),
}
FORM_NEEDS: Needs = {
    ids.MATCH_CHANGE_FORM: Action.REVIEW_MATCHING,
    ids.MATCH_TAKE_FORM: Action.REVIEW_MATCHING,
    ids.IMPORT_FORM: Action.IMPORT,
    ids.LIST_FORM: Action.IMPORT,
    ids.COMMIT_FORM: Action.SELECT,
    ids.SEED_FORM: Action.SELECT,
    ids.DRAW_FORM: Action.SELECT,
    ids.TEAM_FORM: Action.APPOINT,
    ids.UPDATE_FORM: Action.UPDATE,
    ids.CONFIRM_UPDATE_FORM: Action.UPDATE,
    ids.REVIEW_DECLINE_FORM: Action.REVIEW,
    ids.REVIEW_ASK_FORM: Action.REVIEW,
    ids.REVIEW_CLEAR_FORM: Action.REVIEW,
}
FOR_EVERYBODY = {
    ids.JOIN_AS_MENTOR,
    ids.JOIN_AS_MENTEE,
    ids.ROLE_FORM,
    ids.GUIDELINES_FORM,
    ids.READ_GUIDELINES,
    ids.CHANGE_DETAILS,
    ids.DETAILS_FORM,
    ids.SHOW_GUIDES,
    ids.SHOW_RESOURCES,
    *(ids.FIND, ids.FIND_FORM, ids.FIND_BACK, ids.FIND_ON),
    ids.APPLICATION_PAGE_FORM,
    ids.APPLICATION_CHECK_FORM,
    ids.APPLICATION_BACK,
    ids.GO_ON,
    ids.WITHDRAW,
    ids.ANSWER_REVIEWER,
    ids.ANSWER_FORM,
    *(ids.LOG_BY_VIDEO, ids.LOG_IN_PERSON, ids.LOG_BY_PHONE, ids.LOG_BY_CHAT),
    *(ids.OPEN_MEETING, ids.CORRECT_MEETING, ids.MEETING_FORM, ids.CORRECTION_FORM),
    *(ids.ASK_MENTOR, ids.ASK_MENTOR_FORM, ids.SHOW_REQUESTS, ids.WITHDRAW_REQUEST),
    *(ids.ACCEPT_REQUEST, ids.DECLINE_REQUEST, ids.DECLINE_REQUEST_FORM),
    *(ids.SHOW_AGREEMENTS, ids.OPEN_AGREEMENT, ids.SIGN_AGREEMENT, ids.AGREEMENT_FORM),
    ids.SHARE_AGREEMENT,
    *(ids.END_PAIR, ids.END_FORM),
    *(ids.SHOW_CHECKLISTS, ids.OPEN_CHECKLIST, ids.CHECKLIST_FORM),
    *(ids.ASK_ANONYMOUSLY, ids.QUESTION_FORM, ids.ANSWER_QUESTION, ids.QUESTION_ANSWER_FORM),
    *(ids.LEAVE_QUESTION, ids.HEAR_QUESTIONS, ids.ACQUAINTANCE_FORM),
    *(ids.AGREE_ACQUAINTANCE, ids.DECLINE_ACQUAINTANCE),
    *(ids.SHOW_CALENDAR, ids.CALENDAR_FILE, ids.SUBSCRIBE, ids.UNSUBSCRIBE),
    *(ids.REPORT_CONCERN, ids.REPORT_MESSAGE, ids.CONCERN_FORM),
    *(ids.OPEN_CASE, ids.CASE_ACKNOWLEDGE, ids.CASE_TAKE_ON, ids.CASE_HOLD, ids.CASE_RELEASE),
    *(ids.CASE_END, ids.CASE_NOTE, ids.CASE_NOTE_FORM),
    *(ids.SET_CADENCE, ids.CADENCE_FORM, ids.EXTEND, ids.EXTEND_FORM),
    *(ids.AGREE_TO_EXTEND, ids.DECLINE_TO_EXTEND),
    *(ids.ANSWER_SURVEY, ids.SURVEY_FORM),
    *(ids.SHOW_SESSIONS, ids.SESSION_YES, ids.SESSION_NO, ids.SESSION_DONE),
    *(ids.MANAGE_SESSION, ids.SESSION_FORM),
    *(ids.SHOW_GOALS, ids.ADD_GOAL, ids.ADD_ACTION, ids.CHANGE_GOAL),
    *(ids.NEW_GOAL_FORM, ids.GOAL_FORM),
    ids.CHECK_IN_MET,
    ids.CHECK_IN_NOT_YET,
    ids.CHECK_IN_HELP,
    ids.GIVE_FEEDBACK,
    ids.FEEDBACK_FORM,
    ids.CONTINUE,
    ids.OPT_OUT,
    ids.RESUME,
    ids.PAUSE,
    ids.PAUSE_FORM,
    ids.LEAVE,
    ids.ASK_FORM,
    ids.SHOW_ADVISERS,
    ids.ASK_ADVISER,
    ids.OPEN_SENSITIVE,
    ids.SENSITIVE_FORM,
    ids.TELL_ME,
    ids.VOTE,
    ids.VOTE_FORM,
    ids.BALLOT_BACK,
    ids.BALLOT_ON,
}
METADATA = {
    ids.COMMIT_FORM: "mentor",
    ids.SEED_FORM: "mentor",
    ids.DRAW_FORM: "mentor 1",
    ids.REVIEW_DECLINE_FORM: "x 0 0",
    ids.REVIEW_ASK_FORM: "x 0 0",
    ids.REVIEW_CLEAR_FORM: "1 x",
    ids.MATCH_CHANGE_FORM: "0 x comment a b",
    ids.MATCH_TAKE_FORM: "0 x apart a b",
}
"""What a form carries, so that it is read up to where it is asked who may send it."""
BY_SLACKS_ADMINS = {ids.SETUP_FORM, ids.CONFIRM_SETUP_FORM}
"""What somebody is allowed in the workspace, not in a programme."""
HOLDERS = {
    TeamRole.OWNER: GRACE,
    TeamRole.COORDINATOR: CLAIRE,
    TeamRole.REVIEWER: OMAR,
    TeamRole.ADVISER: RAJESH,
    TeamRole.SAFEGUARDING_LEAD: LINA,
    TeamRole.VIEWER: ZOE,
}


def test_every_word_and_id_says_who_may_use_it() -> None:
    """A new one is written down here, with the action that it needs."""
    assert set(WORD_NEEDS) == set(WORDS)
    known = {
        value for name, value in vars(ids).items() if name.isupper() and isinstance(value, str)
    }
    said = {*CLICK_NEEDS, *FORM_NEEDS, *FOR_EVERYBODY, *BY_SLACKS_ADMINS, ids.COMMAND}
    assert said == known


def test_every_role_and_every_action_is_in_the_table() -> None:
    assert set(ALLOWED) == set(TeamRole)
    for action in Action:
        assert TeamRole.OWNER in who_may(action)
    assert who_may(Action.APPOINT_RUNNERS) == (TeamRole.OWNER,)
    seers = {Action.SEE_PEOPLE, Action.SEE_PAIRS, Action.SEE_FEEDBACK, Action.REVIEW}
    assert not seers & ALLOWED[TeamRole.VIEWER]


def refusal(action: Action) -> str:
    """What those read who may not."""
    roles = listed([say(f"team.several.{role}") for role in who_may(action)])
    return say("refusal.not_permitted", roles=roles)


@pytest.fixture
def staffed(world: World) -> World:
    """One person in each role, and Amara in none."""
    with world.bot.store.begin(world.running.workspace_id) as tx:
        for role, who in HOLDERS.items():
            specialty = "Surgery" if role is TeamRole.ADVISER else ""
            given = Appointment(tx.workspace_id, "img", who, role, specialty, world.clock(), HANNAH)
            appointments.appoint(tx, given)
    for who in (*HOLDERS.values(), AMARA):
        world.person(who).hands.open_home()
    world.settle()
    return world


@pytest.mark.parametrize("role", [*TeamRole, None])
def test_each_is_allowed_exactly_what_the_table_says(staffed: World, role: TeamRole | None) -> None:
    who = staffed.person(HOLDERS[role] if role else AMARA)
    may = ALLOWED[role] if role else frozenset()
    before = crafted.rows(staffed)
    heard = {
        **{f"word {word}": (needs, said(who, word)) for word, needs in WORD_NEEDS.items()},
        **{f"click {it}": (needs, clicked(who, it)) for it, needs in CLICK_NEEDS.items()},
        **{f"form {it}": (needs, sent(who, it)) for it, needs in FORM_NEEDS.items()},
    }
    for what, (needs, answer) in heard.items():
        if needs is EVERYBODY or needs in may:
            assert "That is for" not in answer, what
        else:
            assert answer == refusal(needs), what
    assert crafted.rows(staffed) == before


def said(who: Actor, word: str) -> str:
    """The answer to a word; what follows it changes nothing even where it is allowed."""
    rest = {"appoint": "nobody", "dismiss": f"<@{AMARA}> reviewer", "certificate": "<@U1> why"}
    answer = who.command(f"{word} {rest.get(word, '')}")
    return answer or words(close(who))


def clicked(who: Actor, action_id: str) -> str:
    """The answer to a button, made up with somebody else's id."""
    answer = crafted.click(who, action_id, f"reviewer {AMARA}")
    return answer or words(close(who))


def sent(who: Actor, callback_id: str) -> str:
    """The answer to a form that nobody opened, with a word in each field."""
    view = {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": f"programme:img {METADATA.get(callback_id, 'x')}",
        "state": {"values": {it: {it: {"value": "1"}} for it in ("reason", "question", "seed")}},
    }
    return words(crafted.submit_as(who, view).get("view", {}))


def close(who: Actor) -> dict[str, Any]:
    """The modal that was opened, which is closed again."""
    shown = who.hands.modal or {}
    if shown:
        who.hands.close_modal()
    return shown


def test_made_up_payloads_take_no_owner_away_and_make_none(staffed: World) -> None:
    claire, omar = staffed.person(CLAIRE), staffed.person(OMAR)
    before = crafted.rows(staffed)
    only_owners = refusal(Action.APPOINT_RUNNERS)
    for value in (f"owner {GRACE}", f"owner {HANNAH}", f"coordinator {CLAIRE}"):
        assert crafted.click(claire, ids.DISMISS, value) == only_owners
    form = {
        "type": "modal",
        "callback_id": ids.TEAM_FORM,
        "private_metadata": "programme:img ",
        "state": {
            "values": {
                "person": {"person": {"selected_user": CLAIRE}},
                "role": {"role": {"selected_option": {"value": "owner"}}},
            }
        },
    }
    assert words(crafted.submit_as(claire, form)["view"]) == only_owners
    assert words(crafted.submit_as(omar, form)["view"]) == refusal(Action.APPOINT)
    elsewhere = {**form, "private_metadata": "programme:chess "}
    assert "No mentorship programme runs here" in words(
        crafted.submit_as(claire, elsewhere)["view"]
    )
    for value in (None, "", f"king {OMAR}", f"viewer {OMAR}", "viewer ", "x" * 2000):
        assert "That is for owners" not in crafted.click(claire, ids.DISMISS, value)
        assert crafted.click(omar, ids.DISMISS, value) == refusal(Action.APPOINT)
    assert crafted.rows(staffed) == before
