"""`/mentorbot`: words for people and for coordinators; unknown words get the help."""

from collections.abc import Callable

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.pauses import read_length
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import parse_stored
from mentorbot.slack import (
    acquaintances,
    advice,
    agreements,
    anonymous,
    applications,
    ballots,
    blocks,
    buttons,
    cadence,
    calendar,
    checklists,
    concern_cases,
    concerns,
    contacts,
    coordination,
    coverage,
    dates,
    directory,
    endings,
    equity,
    extending,
    goals,
    guides,
    home,
    ids,
    imports,
    match_review,
    meant,
    meetings,
    oversight,
    recommending,
    requests,
    resources,
    reviewing,
    selection,
    sessions,
    setup,
    surveys,
    team,
)
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.windows import way_back
from mentorbot.storage import appointments, participants
from mentorbot.usecases import enrolment, pauses
from mentorbot.usecases.standing import standing
from mentorbot.wording import Markup

HELP = {
    Action.RUN: "help.coordinators",
    Action.REVIEW: "help.review",
    Action.IMPORT: "help.imports",
    Action.SELECT: "help.lottery",
    Action.REPORT: "help.equity",
    Action.APPOINT: "help.team",
    Action.OVERSEE: "help.oversight",
    Action.HEAR_HELP: "help.concerns",
}
"""What the words are that an action allows."""
Word = Callable[[Call, str], None]


def show_help(call: Call, _rest: str) -> None:
    """Every word that this person can use."""
    with call.read() as tx:
        running = participants.programmes(tx)
        may = frozenset[Action]().union(
            *(appointments.actions(tx, it.programme_id, call.slack_user_id) for it in running)
        )
    files = [parse_stored(it.definition) for it in running]
    texts = [call.say("help.everyone"), call.say("help.cadence"), call.say("help.end")]
    texts += [call.say("help.knowing"), call.say("help.calendar"), call.say("help.report")]
    if any(file.checklists for file in files):
        texts.append(call.say("help.checklist"))
    if any(file.extension for file in files):
        texts.append(call.say("help.extend"))
    if any(file.meetings for file in files):
        texts.append(call.say("help.met"))
    if any(file.agreement for file in files):
        texts.append(call.say("help.agreement"))
    if any(file.goals for file in files):
        texts.append(call.say("help.goals"))
    if any(file.specialties for file in files):
        texts.append(call.say("help.adviser"))
    if any(file.directory for file in files):
        texts.append(call.say("help.find"))
    if any(file.matching.requests for file in files):
        texts.append(call.say("help.requests"))
    if any(file.surveys for file in files):
        texts.append(call.say("help.survey"))
        texts += [call.say("help.surveys")] if Action.SEE_FEEDBACK in may else []
    if any(file.sessions for file in files):
        texts.append(call.say("help.sessions"))
    if any(file.library for file in files):
        texts.append(call.say("help.resources"))
    texts += [call.say(key) for action, key in HELP.items() if action in may]
    if Action.REVIEW_MATCHING in may and any(file.matching.review for file in files):
        texts.append(call.say("help.matching"))
    if not running:
        texts.append(call.say("help.set_up_first"))
    shown = [blocks.section(text) for text in texts]
    shown += [line for file in files for line in contacts.contacts_line(file, call.locale)]
    call.ack(text="\n\n".join(texts), blocks=shown)


def show_status(call: Call, _rest: str) -> None:
    """Where I stand."""
    with call.read() as tx:
        enrolment.programme_or_refuse(tx)
        found = standing(tx, call.slack_user_id, call.now)
    if found is not None:
        home.show_standing(call, found)


def ask_to_leave(call: Call, _rest: str) -> None:
    """Leaving is asked once more."""
    with call.read() as tx:
        programme = enrolment.programme_or_refuse(tx)
        enrolment.enrolled_or_refuse(tx, programme.programme_id, call.slack_user_id)
        found = standing(tx, call.slack_user_id, call.now)
    back = way_back(found, call.locale, brief=True) if found else Markup("")
    text = call.say("leave.ask")
    row = blocks.actions(buttons.leave_button(call.say, back))
    call.ack(text=text, blocks=[blocks.section(text), row])


def pause(call: Call, rest: str) -> None:
    """`pause 2 weeks`."""
    days = read_length(rest)
    with call.begin() as tx:
        programme = enrolment.programme_or_refuse(tx)
        pauses.pause(tx, programme.programme_id, call.slack_user_id, days, call.now)
        found = standing(tx, call.slack_user_id, call.now)
    lines = home.status_lines(found, call.locale) if found else []
    text = "\n".join([call.say("pauses.done"), *lines])
    call.ack(text=text, blocks=[blocks.section(text)])


def resume(call: Call, _rest: str) -> None:
    """Come back."""
    with call.begin() as tx:
        programme = enrolment.programme_or_refuse(tx)
        pauses.resume(tx, programme.programme_id, call.slack_user_id, call.now)
    call.tell(call.say("pauses.welcome_back"))


WORDS: dict[str, Word] = {
    "help": show_help,
    "status": show_status,
    "apply": applications.apply,
    "review": reviewing.open_queue,
    "leave": ask_to_leave,
    "pause": pause,
    "resume": resume,
    "guide": guides.show_guides,
    "met": meetings.log_by_word,
    "agreement": agreements.show,
    "end": endings.open_form,
    "checklist": checklists.show,
    "ask": anonymous.open_form,
    "questions": anonymous.toggle,
    "introduce": acquaintances.open_form,
    "invite": recommending.show,
    "from": recommending.come,
    "coverage": coverage.show,
    "calendar": calendar.show,
    "report": concerns.open_form,
    "concerns": concern_cases.show,
    "cadence": cadence.open_form,
    "extend": extending.open_form,
    "goals": goals.show,
    "find": directory.open_directory,
    "survey": surveys.show,
    "surveys": surveys.show_all,
    "requests": requests.show,
    "sessions": sessions.show_sessions,
    "here": sessions.send_code,
    "resources": resources.show_resources,
    "setup": setup.open_setup,
    "people": coordination.show_people,
    "pairs": coordination.show_pairs,
    "feedback": coordination.show_feedback,
    "certificate": coordination.override_certificate,
    "team": team.show_team,
    "appoint": team.appoint,
    "dismiss": team.dismiss,
    "adviser": advice.show_advisers,
    "oversight": oversight.show_oversight,
    "lottery": selection.open_lottery,
    "equity": equity.show_equity,
    "match": dates.ask_to_match,
    "matching": match_review.show,
    "ballot": ballots.show_board,
    "import": imports.open_import,
    "list": imports.open_list,
}


def _text(call: Call) -> str:
    """What was typed, as it was typed; naming the programme that is meant is no part of it.

    Slack sends `&`, `<` and `>` as entities. Source: Slack's "Formatting text for app surfaces".
    """
    words = blocks.printable(call.body.get("text") or "")
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        words = words.replace(entity, sign)
    return meant.without_programme(words).strip()


def command(call: Call) -> None:
    """Find the word and do it."""
    word, _, rest = _text(call).partition(" ")
    WORDS.get(word.lower(), show_help)(call, rest.strip())


def register(app: App, bot: MentorBot) -> None:
    """Listen to the slash command."""
    app.command(ids.COMMAND)(guard(bot, command))
