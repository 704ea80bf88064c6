"""How often a pair is asked how it goes: `/mentorbot cadence` or the button in App Home."""

from collections.abc import Sequence

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import InvalidAnswers
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.pace import CADENCES
from mentorbot.slack import blocks, home, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.pairs import names_of, pair_field
from mentorbot.slack.rendering import Reading, Rendered, mention, renders
from mentorbot.usecases import pace
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.pace import Pair
from mentorbot.wording import listed


@renders(MessageKind.CADENCE_SET)
def _cadence_set(reading: Reading) -> Rendered:
    params = reading.message.params
    every = reading.say(f"cadence.every.{params['every']}")
    who = mention(params["who"], reading.locale)
    text = reading.say("cadence.told", who=who, every=every)
    value = reading.message.pairing_id or ""
    change = blocks.button(reading.say("cadence.change"), ids.SET_CADENCE, value=value)
    return Rendered(text, [blocks.section(text), blocks.actions(change)])


def open_form(call: Call, _rest: str = "") -> None:
    """Ask which pairing, where there are several, and how often."""
    pairing_id = call.action.get("value") if "actions" in call.body else None
    with call.read() as tx:
        if pairing_id:
            found = [pace.pair(tx, pairing_id, call.slack_user_id)]
        else:
            programme = programme_or_refuse(tx)
            found = pace.own(tx, programme.programme_id, call.slack_user_id)
        names = names_of(tx, [(it.pairing, it.others) for it in found], call.locale)
    call.open_view(cadence_view(found, names, call.say))


def cadence_view(found: Sequence[Pair], names: Sequence[str], say_it: Say) -> blocks.Block:
    """The form of how often a pair is asked; it shows what stands."""
    ids_of = [it.pairing.pairing_id for it in found]
    options = [blocks.option(say_it(f"cadence.every.{it}"), it) for it in CADENCES]
    stands = found[0].cadence if len(found) == 1 else None
    often = blocks.field("every", say_it("cadence.often"), blocks.select(options, initial=stands))
    return blocks.modal(
        ids.CADENCE_FORM,
        say_it("cadence.title"),
        [
            blocks.section(say_it("cadence.intro")),
            pair_field(ids_of, names, say_it("pairs.which")),
            often,
        ],
        submit=say_it("save"),
        close=say_it("cancel"),
    )


def save(call: Call) -> None:
    """The form was sent."""
    given = blocks.answers(call.view)
    missing = [it for it in ("pairing", "every") if not given.get(it)]
    if missing:
        raise InvalidAnswers({it: ("form.missing", {}) for it in missing})
    with call.begin() as tx:
        found = pace.set_cadence(tx, given["pairing"], call.slack_user_id, given["every"], call.now)
        partners = [mention(it.slack_user_id, call.locale) for it in found.others]
    every = call.say(f"cadence.every.{given['every']}")
    call.tell(call.say("cadence.done", every=every, partner=listed(partners, call.locale)))
    home.refresh(call)


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who set a pace."""
    app.action(ids.SET_CADENCE)(guard(bot, open_form))
    app.view(ids.CADENCE_FORM)(guard(bot, save))
