"""Going on longer than planned: one of a pair wishes it, and all have to agree."""

from datetime import date

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import InvalidAnswers, NoExtension
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.programme import parse_stored
from mentorbot.slack import blocks, home, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.pairs import names_of, pair_field
from mentorbot.slack.rendering import Reading, Rendered, mention, renders
from mentorbot.usecases import pace
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.pace import Pair
from mentorbot.wording import full_date, listed


@renders(MessageKind.EXTENSION_PROPOSED)
def _proposed(reading: Reading) -> Rendered:
    text = _told(reading, "extending.proposed")
    value = f"{reading.message.pairing_id} {reading.message.params['extension']}"
    row = blocks.actions(
        blocks.button(
            reading.say("extending.agree"), ids.AGREE_TO_EXTEND, value=value, style="primary"
        ),
        blocks.button(reading.say("extending.decline"), ids.DECLINE_TO_EXTEND, value=value),
    )
    return Rendered(text, [blocks.section(text), row])


@renders(MessageKind.EXTENSION_AGREED)
def _agreed(reading: Reading) -> Rendered:
    text = _told(reading, "extending.agreed")
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.EXTENSION_DECLINED)
def _declined(reading: Reading) -> Rendered:
    text = _told(reading, "extending.declined")
    return Rendered(text, [blocks.section(text)])


def _told(reading: Reading, key: str) -> str:
    params = reading.message.params
    until = full_date(date.fromisoformat(params["until"]), reading.locale)
    length = reading.say("extending.months", count=params["months"])
    who = mention(params["who"], reading.locale)
    return reading.say(key, who=who, length=length, until=until)


def open_form(call: Call, _rest: str = "") -> None:
    """Ask by how much, and which pairing where there are several."""
    pairing_id = call.action.get("value") if "actions" in call.body else None
    with call.read() as tx:
        if pairing_id:
            found = [pace.pair(tx, pairing_id, call.slack_user_id)]
        else:
            programme = programme_or_refuse(tx)
            if parse_stored(programme.definition).extension is None:
                raise NoExtension
            found = pace.own(tx, programme.programme_id, call.slack_user_id)
        names = names_of(tx, [(it.pairing, it.others) for it in found], call.locale)
    call.open_view(extension_view(found, names, call.say))


def extension_view(found: list[Pair], names: list[str], say_it: Say) -> blocks.Block:
    """The form with which somebody wishes to go on longer; raises NoExtension."""
    months = pace.months_on_offer(found[0])
    if not months:
        raise NoExtension
    lengths = [blocks.option(say_it("extending.months", count=it), str(it)) for it in months]
    ids_of = [it.pairing.pairing_id for it in found]
    return blocks.modal(
        ids.EXTEND_FORM,
        say_it("extending.title"),
        [
            blocks.section(say_it("extending.intro")),
            pair_field(ids_of, names, say_it("pairs.which")),
            blocks.field("months", say_it("extending.how_long"), blocks.select(lengths)),
        ],
        submit=say_it("extending.ask"),
        close=say_it("cancel"),
    )


def save(call: Call) -> None:
    """The form was sent: the others are asked."""
    given = blocks.answers(call.view)
    missing = [it for it in ("pairing", "months") if not given.get(it)]
    if missing:
        raise InvalidAnswers({it: ("form.missing", {}) for it in missing})
    with call.begin() as tx:
        before = pace.pair(tx, given["pairing"], call.slack_user_id).pairing.ends_on
        months = int(given["months"]) if given["months"].isdecimal() else 0
        found = pace.propose(tx, given["pairing"], call.slack_user_id, months, call.now)
        text = _outcome(call, found, is_longer=found.pairing.ends_on > before)
    call.tell(text)
    home.refresh(call)


def _outcome(call: Call, found: Pair, *, is_longer: bool) -> str:
    who = listed([mention(it.slack_user_id, call.locale) for it in found.others], call.locale)
    until = full_date(found.pairing.ends_on, call.locale)
    return call.say("extending.is_longer" if is_longer else "extending.asked", who=who, until=until)


def agree(call: Call) -> None:
    """Yes, go on longer."""
    pairing_id, version = _meant(call)
    with call.begin() as tx:
        before = pace.pair(tx, pairing_id, call.slack_user_id).pairing.ends_on
        found = pace.agree(tx, pairing_id, call.slack_user_id, version, call.now)
        text = _outcome(call, found, is_longer=found.pairing.ends_on > before)
    call.replace_message(text, [blocks.section(text)])
    home.refresh(call)


def decline(call: Call) -> None:
    """No: the end stays where it is."""
    pairing_id, version = _meant(call)
    with call.begin() as tx:
        found = pace.decline(tx, pairing_id, call.slack_user_id, version, call.now)
    until = full_date(found.pairing.ends_on, call.locale)
    text = call.say("extending.stays", until=until)
    call.replace_message(text, [blocks.section(text)])


def _meant(call: Call) -> tuple[str, int]:
    pairing_id, _, version = str(call.action.get("value", "")).partition(" ")
    return pairing_id, int(version) if version.isdecimal() else -1


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who go on longer."""
    app.action(ids.EXTEND)(guard(bot, open_form))
    app.view(ids.EXTEND_FORM)(guard(bot, save))
    app.action(ids.AGREE_TO_EXTEND)(guard(bot, agree))
    app.action(ids.DECLINE_TO_EXTEND)(guard(bot, decline))
