"""Advisers of a specialty: who they are, and asking one to talk."""

from collections.abc import Mapping, Sequence

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import NoSpecialties
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import AuditEntry
from mentorbot.domain.programme import parse_stored
from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import Reading, Rendered, mention, renders
from mentorbot.storage.store import Transaction
from mentorbot.usecases import advice
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import listed

SHOWN = 20


@renders(MessageKind.ADVICE_WANTED)
def _wanted(reading: Reading) -> Rendered:
    params = reading.message.params
    entry = reading.tx.get(AuditEntry, params["entry_id"])
    details = entry.details if entry is not None else {}
    key = "advice.wanted" if params.get("has_adviser", True) else "advice.wanted_of_team"
    text = reading.say(
        key,
        who=mention(params["about"], reading.locale),
        specialty=details.get("specialty", ""),
        words=details.get("words", ""),
    )
    return Rendered(text, [blocks.section(text)])


def show_advisers(call: Call, rest: str = "") -> None:
    """`adviser`, for one's own specialty, or `adviser cardiology`."""
    with call.read() as tx:
        programme = programme_or_refuse(tx)
        file = parse_stored(programme.definition)
        if rest:
            wanted = [advice.specialty_or_refuse(file, rest)]
        elif file.specialties:
            wanted = advice.own_specialties(
                tx, programme.programme_id, file, call.slack_user_id
            ) or [advice.specialty_or_refuse(file, "")]
        else:
            raise NoSpecialties(programme=file.name)
        found = {it: advice.advisers(tx, programme.programme_id, it) for it in wanted[:SHOWN]}
    shown = adviser_blocks(found, call.say, call.locale)
    if "command" in call.body:
        call.ack(text=call.say("advice.title"), blocks=shown)
    else:
        title = call.say("advice.title")
        call.open_view(blocks.modal("notice", title, shown, close=call.say("close")))


def adviser_blocks(
    found: Mapping[str, Sequence[str]], say_it: Say, locale: str
) -> list[blocks.Block]:
    """Each specialty with its advisers, and a button that asks them, or the coordinators."""
    shown = []
    for specialty, who in found.items():
        key = "advice.advisers" if who else "advice.nobody"
        named = listed([mention(it, locale) for it in who], locale)
        button = blocks.button(say_it("advice.ask"), ids.ASK_ADVISER, value=specialty)
        text = say_it(key, specialty=specialty, who=named, count=len(who))
        shown.append(blocks.section(text, accessory=button))
    return shown


def open_ask(call: Call) -> None:
    """The button beside an adviser: what is it about?"""
    with call.read() as tx:
        specialty = _specialty(tx, call, call.action["value"])
        has_adviser = bool(advice.advisers(tx, programme_or_refuse(tx).programme_id, specialty))
    words = blocks.text_input(most=advice.MOST_WORDS, multiline=True)
    intro = "advice.intro" if has_adviser else "advice.intro_to_team"
    view = blocks.modal(
        ids.ASK_FORM,
        call.say("advice.title"),
        [
            blocks.section(call.say(intro, specialty=specialty)),
            blocks.field("words", call.say("advice.words"), words),
        ],
        submit=call.say("advice.send"),
        close=call.say("cancel"),
        private_metadata=specialty,
    )
    call.open_view(view)


def _specialty(tx: Transaction, call: Call, given: str) -> str:
    """The specialty of a button; raises Stale where it is neither in the file nor the person's."""
    programme = programme_or_refuse(tx)
    file = parse_stored(programme.definition)
    whose = (programme.programme_id, file, call.slack_user_id)
    return advice.specialty_or_stale(tx, *whose, given)


def save_ask(call: Call) -> None:
    """The form was sent."""
    words = str(blocks.answers(call.view)["words"] or "")
    with call.begin_knowing_person() as tx:
        asked = advice.ask(
            tx,
            programme_or_refuse(tx).programme_id,
            _specialty(tx, call, call.view["private_metadata"]),
            call.slack_user_id,
            words,
            call.now,
        )
    who = listed([mention(it, call.locale) for it in asked], call.locale)
    call.tell(call.say("advice.asked", who=who))


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who look for an adviser."""
    app.view(ids.ASK_FORM)(guard(bot, save_ask))
    app.action(ids.SHOW_ADVISERS)(guard(bot, show_advisers))
    app.action(ids.ASK_ADVISER)(guard(bot, open_ask))
