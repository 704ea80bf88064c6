"""The group DM of a pair: introduction with its first-meeting card, conversation starter, hello."""

from collections.abc import Mapping, Sequence
from typing import Any

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Participant, Role
from mentorbot.slack import blocks
from mentorbot.slack.rendering import Reading, Rendered, mention, renders
from mentorbot.storage import pairings
from mentorbot.wording import Markup, escape, listed, say


def reasons_in_words(
    reasons: Sequence[Mapping[str, Any]], locale: str, *, in_group: bool = False
) -> Markup:
    """Why two people were matched: "you both work in Paediatrics in Leeds and speak Urdu".

    That somebody was a first choice is told, and no other choice: it would embarrass somebody.
    """
    shared = {reason["question"]: reason["shared"] for reason in reasons}
    if in_group:
        return _of_group(shared, locale)
    parts = []
    if "specialty" in shared and "place" in shared:
        specialty = _in_prose(shared.pop("specialty"))
        values = {"specialty": specialty, "place": shared.pop("place")}
        parts.append(say("reasons.specialty_and_place", locale, **values))
    for question, common in shared.items():
        if question == "repeat":
            parts.append(say("reasons.repeat", locale))
        elif question == "ballot":
            parts += [say("reasons.first_choice", locale)] if common == "1" else []
        elif question in ("specialty", "place", "languages"):
            value = listed(common, locale) if isinstance(common, list) else common
            value = _in_prose(value) if question == "specialty" else value
            parts.append(say(f"reasons.{question}", locale, value=value))
        else:
            value = listed(common, locale) if isinstance(common, list) else common
            parts.append(say("reasons.other", locale, value=value))
    by_ballot = any(reason["question"] == "ballot" for reason in reasons)
    otherwise = "reasons.ballot" if by_ballot else "reasons.waiting"
    return listed(parts, locale) if parts else say(otherwise, locale)


def _of_group(shared: Mapping[str, Any], locale: str) -> Markup:
    """What all of a group share: "you all share Deep learning"."""
    found = [value for question, value in shared.items() if question != "repeat"]
    named = [it for value in found for it in (value if isinstance(value, list) else [value])]
    if not named:
        return say("reasons.group_fits", locale)
    return say("reasons.group", locale, value=listed(named, locale))


def _in_prose(name: str) -> str:
    """A specialty as it stands in the middle of a sentence; abbreviations stay as they are."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


@renders(MessageKind.INTRODUCTION)
def _introduction(reading: Reading) -> Rendered:
    everyone = pairings.members(reading.tx, reading.message.pairing_id or "")
    mentor, *mentees = everyone
    mentioned = reading.mentions([it.slack_user_id for it in mentees])
    who = {"mentor": mention(mentor.slack_user_id), "mentee": mentioned}
    pairing, kind = reading.pairing(), "group" if len(mentees) > 1 else "pair"
    why = reasons_in_words(pairing.reasons, reading.locale, in_group=len(mentees) > 1)
    card = reading.file.first_meeting
    return Rendered(
        reading.say(f"introduction.text.{kind}", **who, programme=reading.file.name),
        [
            blocks.section(
                reading.say(f"introduction.hello.{kind}", **who, programme=reading.file.name)
            ),
            blocks.section(reading.say(f"introduction.why.{kind}", why=why)),
            *(
                blocks.section(text)
                for text in (_in_their_words(reading, one) for one in everyone)
                if text
            ),
            blocks.divider(),
            blocks.header(reading.say("introduction.card")),
            blocks.section(
                f"*{reading.say('introduction.boundaries')}*\n"
                + blocks.bullets(escape(line) for line in card.boundaries)
            ),
            blocks.section(
                f"*{reading.say('introduction.prompts')}*\n"
                + blocks.bullets(escape(line) for line in card.prompts)
            ),
            blocks.context(reading.say(_what_next(reading), until=pairing.ends_on)),
        ],
    )


def _what_next(reading: Reading) -> str:
    """What is said of the time to come, by how often the file checks in."""
    is_weekly = reading.file.touchpoints.check_in.is_weekly
    return "introduction.what_next" if is_weekly else "introduction.what_next_at_times"


def _in_their_words(reading: Reading, member: Participant) -> str:
    question = "offer" if member.role is Role.MENTOR else "hopes"
    answer = member.answers.get(question)
    if not isinstance(answer, str) or not answer:
        return ""
    quoted = "\n".join(f"> {line}" for line in escape(answer).splitlines())
    who = mention(member.slack_user_id)
    return f"{reading.say(f'introduction.{question}', who=who)}\n{quoted}"


@renders(MessageKind.STARTER)
def _starter(reading: Reading) -> Rendered:
    starters = reading.file.starters_in(reading.message.params.get("stage"))
    number = reading.message.params["starter"] % len(starters)
    question = escape(starters[number])
    text = reading.say("starter.text", question=Markup(question))
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.QUIET_PAIR)
def _quiet_pair(reading: Reading) -> Rendered:
    text = reading.say("quiet.pair")
    return Rendered(text, [blocks.section(text)])
