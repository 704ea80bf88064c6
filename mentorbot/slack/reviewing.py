"""Reviewing applications: one at a time in a modal, and what reviewers hear."""

from mentorbot.domain.messages import MessageKind
from mentorbot.slack import blocks
from mentorbot.slack.places import application_of
from mentorbot.slack.rendering import Reading, Rendered, mention, renders


@renders(MessageKind.REVIEW_WANTED)
def _review_wanted(reading: Reading) -> Rendered:
    found = application_of(reading)
    who = mention(found.slack_user_id, reading.locale) if found.slack_user_id else found.name
    key = f"reviewing.wanted.{reading.message.params['why']}"
    text = reading.say(key, who=who, role=reading.say(f"role.{found.role}"))
    return Rendered(text, [blocks.section(text)])
