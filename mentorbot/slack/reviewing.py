"""Reviewing applications in a modal: the queue, each decision, and clear cases together."""

from collections.abc import Callable
from typing import NamedTuple

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import DecidedMeanwhile, Stale
from mentorbot.domain.model import Application
from mentorbot.slack import blocks, cases, home, ids
from mentorbot.slack.cases import Way
from mentorbot.slack.guard import Call, guard
from mentorbot.storage.applications import Cursor
from mentorbot.storage.store import Transaction
from mentorbot.usecases import reviewing

Decide = Callable[[Transaction, str, int], Application]


def _next_view(call: Call, after: Cursor | None = None, way: Way = Way.OWN) -> blocks.Block:
    find = reviewing.next_asked if way is Way.ASKED else reviewing.next_case
    with call.read() as tx:
        case = find(tx, call.slack_user_id, after)
        left = reviewing.left(tx, call.slack_user_id)
        asked = reviewing.asked(tx, call.slack_user_id)
    if case is None:
        return cases.end_view(call.locale, left, asked)
    if way is not Way.ASKED:
        is_others = reviewing.cursor_of(case.application, call.slack_user_id).is_others
        way = Way.OTHERS if is_others else Way.OWN
    return cases.case_view(case, call.locale, way=way)


def open_queue(call: Call, _rest: str = "") -> None:
    """`review`, its button in App Home, or that of some or one application: look at it."""
    wanted = call.body.get("actions", [{}])[0].get("value")
    if wanted == cases.ASKED:
        view = _next_view(call, way=Way.ASKED)
    elif wanted:
        with call.read() as tx:
            view = cases.case_view(reviewing.case(tx, call.slack_user_id, wanted), call.locale)
    else:
        view = _next_view(call)
    if call.body.get("view", {}).get("type") == "modal":
        call.update_view(view)
    else:
        call.open_view(view)


class _Shown(NamedTuple):
    """The application in a modal, the version that the reviewer saw, and their way there."""

    application_id: str = ""
    version: int = 0
    way: Way = Way.OWN

    def cursor(self, found: Application) -> Cursor:
        """Where the reviewer goes on from here."""
        return Cursor(
            self.way is Way.OTHERS, found.submitted_at or found.started_at, found.application_id
        )


def _shown(call: Call) -> _Shown:
    metadata = call.view["private_metadata"] if "view" in call.body else ""
    parts = metadata.split()
    if len(parts) != 3 or not parts[1].isdecimal() or parts[2] not in list(Way):
        return _Shown()
    return _Shown(parts[0], int(parts[1]), Way(parts[2]))


def _decide(call: Call, decide: Decide, *, moves_on: bool) -> None:
    """Do something with the application in the modal, and show what is next."""
    shown = _shown(call)
    try:
        with call.begin() as tx:
            found = decide(tx, shown.application_id, shown.version)
    except DecidedMeanwhile as refusal:
        call.update_view(_same_view(call, shown, call.refusal(refusal)))
        return
    if moves_on:
        call.update_view(_next_view(call, shown.cursor(found), shown.way))
        home.refresh(call)
    else:
        call.update_view(_same_view(call, shown))


def _same_view(call: Call, shown: _Shown, notice: str = "") -> blocks.Block:
    """The application in the modal, as it stands now."""
    with call.read() as tx:
        case = reviewing.case(tx, call.slack_user_id, shown.application_id)
    return cases.case_view(case, call.locale, notice, way=shown.way)


def approve(call: Call) -> None:
    """The approve button."""

    def decide(tx: Transaction, application_id: str, version: int) -> Application:
        return reviewing.approve(tx, call.slack_user_id, application_id, version, call.now)

    _decide(call, decide, moves_on=True)


def verify(call: Call) -> None:
    """The button beside a fact: it is so, or it is open again."""
    fact = str(call.action.get("value", ""))

    def decide(tx: Transaction, application_id: str, version: int) -> Application:
        known = reviewing.case(tx, call.slack_user_id, application_id).application.facts
        facts = set(known) ^ {fact}
        return reviewing.verify(tx, call.slack_user_id, application_id, version, facts, call.now)

    _decide(call, decide, moves_on=False)


def assign(call: Call) -> None:
    """Somebody was picked to look after the application."""
    to = str(call.action.get("selected_user"))

    def decide(tx: Transaction, application_id: str, version: int) -> Application:
        return reviewing.assign(tx, call.slack_user_id, application_id, version, to, call.now)

    _decide(call, decide, moves_on=False)


def skip(call: Call) -> None:
    """The button to the next application: this one stays as it is."""
    shown = _shown(call)
    with call.read() as tx:
        case = reviewing.case(tx, call.slack_user_id, shown.application_id)
    call.update_view(_next_view(call, shown.cursor(case.application), shown.way))


def open_decline(call: Call) -> None:
    """The decline button: ask for the reason, which the applicant reads."""
    _open_words(call, ids.REVIEW_DECLINE_FORM, "reason", "reviewing.decline")


def open_ask(call: Call) -> None:
    """The button to ask the applicant something."""
    _open_words(call, ids.REVIEW_ASK_FORM, "question", "reviewing.ask")


def _open_words(call: Call, callback_id: str, field: str, title: str) -> None:
    shown = _shown(call)
    with call.read() as tx:
        case = reviewing.case(tx, call.slack_user_id, shown.application_id)
    call.open_view(
        cases.words_view(
            case.application,
            callback_id,
            field,
            call.say(title),
            call.view["private_metadata"],
            call.locale,
        )
    )


def decline(call: Call) -> None:
    """A reason was sent: the application is declined."""
    _save_words(call, "reason", reviewing.decline)


def ask(call: Call) -> None:
    """A question was sent: the applicant reads it."""
    _save_words(call, "question", reviewing.ask)


def _save_words(call: Call, field: str, act: Callable[..., Application]) -> None:
    shown = _shown(call)
    words = blocks.answers(call.view).get(field) or ""
    with call.begin() as tx:
        found = act(tx, call.slack_user_id, shown.application_id, shown.version, words, call.now)
    call.update_view_below(_next_view(call, shown.cursor(found), shown.way))
    home.refresh(call)


def open_clear(call: Call) -> None:
    """The button to approve clear cases together: who they are, and whether that is meant."""
    with call.read() as tx:
        file = reviewing.file_for(tx, call.slack_user_id)
        found = reviewing.clear_cases(tx, file, call.slack_user_id)
    if not found:
        raise Stale
    call.open_view(cases.clear_view(found, call.locale))


def approve_clear(call: Call) -> None:
    """The clear cases are approved, as they were shown."""
    count, _, shown = call.view["private_metadata"].partition(" ")
    with call.begin() as tx:
        many = int(count) if count.isdecimal() else 0
        reviewing.approve_clear(tx, call.slack_user_id, many, shown, call.now)
    call.update_view_below(_next_view(call))
    home.refresh(call)


def register(app: App, bot: MentorBot) -> None:
    """Listen to everything on this surface."""
    for action_id, listener in (
        (ids.REVIEW, open_queue),
        (ids.REVIEW_APPROVE, approve),
        (ids.REVIEW_VERIFY, verify),
        (ids.REVIEW_ASSIGN, assign),
        (ids.REVIEW_SKIP, skip),
        (ids.REVIEW_DECLINE, open_decline),
        (ids.REVIEW_ASK, open_ask),
        (ids.REVIEW_CLEAR, open_clear),
    ):
        app.action(action_id)(guard(bot, listener))
    app.view(ids.REVIEW_DECLINE_FORM)(guard(bot, decline))
    app.view(ids.REVIEW_ASK_FORM)(guard(bot, ask))
    app.view(ids.REVIEW_CLEAR_FORM)(guard(bot, approve_clear))
