"""Agreements: a form that the mentee writes and all sign; `/mentorbot agreement` opens it."""

from collections.abc import Mapping, Sequence
from typing import Any

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.agreements import AgreementRules
from mentorbot.domain.errors import NoAgreement, NoPartner
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Role
from mentorbot.domain.programme import parse_stored
from mentorbot.slack import blocks, home, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.questions import question_field
from mentorbot.slack.rendering import Reading, Rendered, mention, renders
from mentorbot.usecases import agreements
from mentorbot.usecases.agreements import Desk, Shared
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup, escape, listed

ANSWER_MOST = 600
TEAM, TEAM_MOST = "team", 60
MOST_SHOWN, BRIEF, BLOCKS_MOST = 20, 2, 48
"""So many agreements are listed, at least in two blocks each, and so many blocks are in all."""


def agreement_button(say_it: Say) -> blocks.Block:
    """The button that shows what has been agreed."""
    return blocks.button(say_it("agreement.title"), ids.SHOW_AGREEMENTS)


def _desk(reading: Reading) -> Desk:
    who = reading.message.recipients[0]
    return agreements.desk(reading.tx, reading.message.pairing_id or "", who)


@renders(MessageKind.AGREEMENT_ASKED)
def _asked(reading: Reading) -> Rendered:
    return _to_write(reading, "agreement.asked")


@renders(MessageKind.AGREEMENT_DUE)
def _due(reading: Reading) -> Rendered:
    return _to_write(reading, "agreement.due")


def _to_write(reading: Reading, key: str) -> Rendered:
    text = reading.say(key, partner=reading.partners())
    row = blocks.actions(_open_button(reading.message.pairing_id or "", reading.say, "write"))
    return Rendered(text, [blocks.section(text), row])


@renders(MessageKind.AGREEMENT_TO_SIGN)
def _to_sign(reading: Reading) -> Rendered:
    return _with_words(reading, "agreement.to_sign")


@renders(MessageKind.AGREEMENT_UNSIGNED)
def _unsigned(reading: Reading) -> Rendered:
    return _with_words(reading, "agreement.unsigned")


def _with_words(reading: Reading, key: str) -> Rendered:
    text = reading.say(key, partner=reading.partners())
    found = _desk(reading)
    shown = [blocks.section(text), *_words(found), _sign_row(found, reading.say)]
    return Rendered(text, shown)


@renders(MessageKind.AGREEMENT_SIGNED)
def _signed(reading: Reading) -> Rendered:
    text = reading.say("agreement.signed", partner=reading.partners())
    row = blocks.actions(_open_button(reading.message.pairing_id or "", reading.say, "look"))
    return Rendered(text, [blocks.section(text), row])


def _words(found: Desk) -> list[blocks.Block]:
    """What is agreed, question by question."""
    return _answers(found.rules, found.answers)


def _answers(rules: AgreementRules, answers: Mapping[str, Any]) -> list[blocks.Block]:
    lines = []
    for asked in rules.questions:
        if (answer := answers.get(asked.id)) is not None:
            said = ", ".join(map(str, answer)) if isinstance(answer, list) else str(answer)
            told = blocks.clip_markup(escape(said), ANSWER_MOST)
            lines.append(f"*{escape(asked.label)}*\n{told}")
    return [blocks.section(line) for line in lines]


def _open_button(pairing_id: str, say_it: Say, how: str) -> blocks.Block:
    style = "primary" if how == "write" else None
    text = say_it(f"agreement.open.{how}")
    return blocks.button(text, ids.OPEN_AGREEMENT, value=pairing_id, style=style)


def _sign_row(found: Desk, say_it: Say) -> blocks.Block:
    value = f"{found.pairing.pairing_id} {found.version}"
    sign = blocks.button(say_it("agreement.sign"), ids.SIGN_AGREEMENT, value=value, style="primary")
    return blocks.actions(sign, _open_button(found.pairing.pairing_id, say_it, "change"))


def show(call: Call, rest: str = "") -> None:
    """`agreement`, or the button: how far each pair's has come, and a way on."""
    if rest.strip().lower() == TEAM:
        _show_to_team(call)
        return
    with call.read() as tx:
        programme = programme_or_refuse(tx)
        if parse_stored(programme.definition).agreement is None:
            raise NoAgreement
        found = agreements.own(tx, programme.programme_id, call.slack_user_id)
    if not found:
        raise NoPartner
    shown = _all_standing(call, found[:MOST_SHOWN])
    title = call.say("agreement.title")
    if "command" in call.body:
        call.ack(text=title, blocks=shown)
    else:
        call.open_view(blocks.modal("notice", title, shown, close=call.say("close")))


def _show_to_team(call: Call) -> None:
    """`agreement team`: what pairs let the programme's team read."""
    with call.begin() as tx:
        programme_id = programme_or_refuse(tx).programme_id
        found = agreements.open_to_team(tx, programme_id, call.slack_user_id, call.now)
    count = call.say("agreement.of_team", count=len(found))
    shown = [blocks.section(count), *_of_team(call, found)]
    title, close = call.say("agreement.title"), call.say("close")
    call.open_view(blocks.modal("notice", title, shown, close=close))


def _all_standing(call: Call, found: Sequence[Desk]) -> list[blocks.Block]:
    """Each agreement with its words, for as many as a message holds; the others in brief."""
    shown: list[blocks.Block] = []
    for number, it in enumerate(found, start=1):
        rows, to_come = _standing(call, it), BRIEF * (len(found) - number)
        if len(shown) + len(rows) + to_come > BLOCKS_MOST:
            look = _open_button(it.pairing.pairing_id, call.say, "look")
            rows = [rows[0], blocks.actions(look)]
        shown += rows
    return shown


def _standing(call: Call, found: Desk) -> list[blocks.Block]:
    others = [it for it in found.members if it is not found.member]
    with_whom = listed([mention(it.slack_user_id) for it in others], call.locale)
    if found.agreement is None:
        is_mentee = found.member.role is Role.MENTEE
        text = call.say(f"agreement.none.{found.member.role or Role.MENTEE}", partner=with_whom)
        row = [_open_button(found.pairing.pairing_id, call.say, "write")] if is_mentee else []
        return [blocks.section(text), *([blocks.actions(*row)] if row else [])]
    waiting = [mention(it.slack_user_id) for it in found.unsigned]
    key = "agreement.stands" if found.is_signed else "agreement.waits"
    who = listed(waiting, call.locale) if waiting else Markup("")
    text = call.say(key, partner=with_whom, who=who)
    if found.is_mine_to_sign:
        return [blocks.section(text), *_words(found), _sign_row(found, call.say)]
    change = _open_button(found.pairing.pairing_id, call.say, "change")
    return [blocks.section(text), *_words(found), blocks.actions(change), *_sharing(call, found)]


def _sharing(call: Call, found: Desk) -> list[blocks.Block]:
    """Whether the team may read it, which takes all of the pair."""
    held, mine = found.agreement, found.member.participant_id
    if held is None or not found.is_signed:
        return []
    would = [it for it in found.members if it.participant_id in (held.shared or ())]
    who = listed([mention(it.slack_user_id) for it in would], call.locale)
    is_on = mine in (held.shared or ())
    is_open = held.is_open_to_team([it.participant_id for it in found.members])
    key = "open" if is_open else "some" if would else "nobody"
    value = f"{found.pairing.pairing_id} {held.version} {0 if is_on else 1}"
    text = call.say("agreement.keep" if is_on else "agreement.share")
    row = blocks.actions(blocks.button(text, ids.SHARE_AGREEMENT, value=value))
    return [blocks.context(call.say(f"agreement.shared.{key}", who=who)), row]


def share(call: Call) -> None:
    """Somebody would let the team read it, or would not any more."""
    pairing_id, seen, wish = [*str(call.action.get("value", "")).split(" "), "", ""][:3]
    version = int(seen) if seen.isdecimal() else -1
    with call.begin() as tx:
        found = agreements.share(
            tx, pairing_id, call.slack_user_id, version, call.now, is_on=wish == "1"
        )
        held = found.agreement
        is_open = held is not None and held.is_open_to_team(
            [it.participant_id for it in found.members]
        )
    key = "is_open" if is_open else "is_shared" if wish == "1" else "is_kept"
    text = call.say(f"agreement.{key}")
    call.replace_message(text, [blocks.section(text)])


def _of_team(call: Call, found: list[Shared]) -> list[blocks.Block]:
    """What pairs let the team read, each in a paragraph."""
    shown: list[blocks.Block] = []
    for it in found[:TEAM_MOST]:
        who = listed([mention(one.slack_user_id, call.locale) for one in it.members], call.locale)
        answers = [block["text"]["text"] for block in _answers(it.rules, it.answers)]
        shown.append(blocks.section("\n".join([f"*{who}*", *answers])))
    if more := len(found[TEAM_MOST:]):
        shown.append(blocks.context(call.say("coordination.more", count=more)))
    return shown


def open_form(call: Call) -> None:
    """Write the agreement, or change it."""
    with call.read() as tx:
        found = agreements.desk(tx, str(call.action.get("value", "")), call.slack_user_id)
    call.open_view(agreement_view(found, call.say, call.locale))


def agreement_view(found: Desk, say_it: Say, locale: str) -> blocks.Block:
    """The form of an agreement, as it stands."""
    answers = dict(found.answers)
    fields = [question_field(it, answers, locale) for it in found.rules.questions]
    return blocks.modal(
        ids.AGREEMENT_FORM,
        say_it("agreement.title"),
        [blocks.section(say_it("agreement.intro")), *fields],
        submit=say_it("agreement.save"),
        close=say_it("cancel"),
        private_metadata=f"{found.pairing.pairing_id} {found.version}",
    )


def save(call: Call) -> None:
    """The form was sent: it is written and signed."""
    pairing_id, _, seen = call.view["private_metadata"].partition(" ")
    given = blocks.answers(call.view)
    with call.begin() as tx:
        version = int(seen) if seen.isdecimal() else -1
        found = agreements.write(tx, pairing_id, call.slack_user_id, given, version, call.now)
        is_signed, waiting = found.is_signed, [it.slack_user_id for it in found.unsigned]
    call.tell(_outcome(call, is_signed, waiting))
    home.refresh(call)


def sign(call: Call) -> None:
    """It is signed as it was read."""
    pairing_id, _, seen = str(call.action.get("value", "")).partition(" ")
    with call.begin() as tx:
        version = int(seen) if seen.isdecimal() else -1
        found = agreements.sign(tx, pairing_id, call.slack_user_id, version, call.now)
        is_signed, waiting = found.is_signed, [it.slack_user_id for it in found.unsigned]
    text = _outcome(call, is_signed, waiting)
    call.replace_message(text, [blocks.section(text)])
    home.refresh(call)


def _outcome(call: Call, is_signed: bool, waiting: list[str]) -> Markup:
    if is_signed:
        return call.say("agreement.is_signed")
    who = listed([mention(it) for it in waiting], call.locale)
    return call.say("agreement.was_sent", who=who)


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who write and sign."""
    app.action(ids.SHOW_AGREEMENTS)(guard(bot, show))
    app.action(ids.OPEN_AGREEMENT)(guard(bot, open_form))
    app.action(ids.SIGN_AGREEMENT)(guard(bot, sign))
    app.action(ids.SHARE_AGREEMENT)(guard(bot, share))
    app.view(ids.AGREEMENT_FORM)(guard(bot, save))
