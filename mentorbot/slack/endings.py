"""Ending one pairing: `/mentorbot end` or the button in App Home, and what coordinators hear."""

from collections.abc import Sequence

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import InvalidAnswers, SecretKeyMissing
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.partings import REASON_MOST, Wish
from mentorbot.slack import blocks, buttons, home, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.pairs import names_of, pair_field
from mentorbot.slack.rendering import Reading, Rendered, mention, renders
from mentorbot.storage import pairings
from mentorbot.usecases import ending, touchpoints
from mentorbot.usecases.ending import ToEnd
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import listed


@renders(MessageKind.PAIR_ENDED)
def _pair_ended(reading: Reading) -> Rendered:
    """Coordinators hear who ended which pairing, and why."""
    pairing_id, who = reading.message.pairing_id or "", reading.message.params["who"]
    others = [
        mention(it.slack_user_id, reading.locale)
        for it in pairings.members(reading.tx, pairing_id)
        if it.slack_user_id != who
    ]
    partners = listed(others, reading.locale)
    text = reading.say("ending.told", who=mention(who, reading.locale), partner=partners)
    shown = [blocks.section(text)]
    try:
        reason = ending.reason_of(reading.tx, pairing_id)
    except SecretKeyMissing:
        reason = ""
    if reason:
        shown.append(blocks.section(reading.say("ending.why", reason=reason)))
    return Rendered(text, shown)


def open_form(call: Call, _rest: str = "") -> None:
    """Ask which pairing, why, and what comes next."""
    with call.read() as tx:
        programme = programme_or_refuse(tx)
        found = ending.to_end(tx, programme.programme_id, call.slack_user_id, call.now)
        names = names_of(tx, [(it.pairing, it.others) for it in found.pairings], call.locale)
    call.open_view(ending_view(found, names, call.say))


def ending_view(found: ToEnd, names: Sequence[str], say_it: Say) -> blocks.Block:
    """The form with which somebody ends a pairing."""
    ids_of = [it.pairing.pairing_id for it in found.pairings]
    fields = [blocks.section(say_it("ending.intro"))]
    fields.append(pair_field(ids_of, names, say_it("pairs.which")))
    if found.takes_reason:
        text = blocks.text_input(most=REASON_MOST, multiline=True)
        hint = say_it("ending.reason_hint")
        fields.append(
            blocks.field("reason", say_it("ending.reason"), text, hint=hint, optional=True)
        )
    if found.takes_wish:
        wishes = [blocks.option(say_it(f"ending.wish.{it}"), it) for it in Wish]
        select = blocks.select(wishes, initial=Wish.AGAIN)
        fields.append(blocks.field("wish", say_it("ending.next"), select))
    return blocks.modal(
        ids.END_FORM,
        say_it("ending.title"),
        fields,
        submit=say_it("ending.submit"),
        close=say_it("cancel"),
    )


def save(call: Call) -> None:
    """The form was sent: the pairing ends."""
    given = blocks.answers(call.view)
    if not given.get("pairing"):
        raise InvalidAnswers({"pairing": ("form.missing", {})})
    with call.begin() as tx:
        found = ending.end_pair(
            tx,
            given["pairing"],
            call.slack_user_id,
            reason=given.get("reason") or "",
            wish=Wish.REST if given.get("wish") == Wish.REST else Wish.AGAIN,
            now=call.now,
        )
        partners = [mention(it.slack_user_id, call.locale) for it in found.others]
        owes = touchpoints.owes_feedback(tx, found.pairing, found.member)
    text = call.say("ending.done", partner=listed(partners, call.locale))
    shown = [blocks.section(text)]
    if owes:
        shown += thanks_asked(found.pairing.pairing_id, call.say)
    view = blocks.modal("notice", call.say("ending.title"), shown, close=call.say("close"))
    call.ack(response_action="update", view=view)
    home.refresh(call)


def thanks_asked(pairing_id: str, say_it: Say) -> list[blocks.Block]:
    """The way to feedback of a mentee whose pairing was ended; the certificate comes of it."""
    asked = blocks.section(say_it("ending.feedback"))
    return [asked, blocks.actions(buttons.feedback_button(say_it, pairing_id))]


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who end a pairing."""
    app.action(ids.END_PAIR)(guard(bot, open_form))
    app.view(ids.END_FORM)(guard(bot, save))
