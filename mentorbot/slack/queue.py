"""What those who wait for a partner are told."""

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Role
from mentorbot.slack import blocks
from mentorbot.slack.rendering import Reading, Rendered, renders
from mentorbot.storage import participants


def looking_for(reading: Reading) -> str:
    """The role that the reader waits for, in words."""
    found = participants.of_person(
        reading.tx, reading.programme.programme_id, reading.message.recipients[0]
    )
    role = found.role if found and found.role else Role.MENTEE
    return reading.say(f"role.{role.counterpart}")


@renders(MessageKind.QUEUE_PLACE)
def _queue_place(reading: Reading) -> Rendered:
    params = reading.message.params
    key = "queue.place_again" if params["again"] else "queue.place"
    text = reading.say(key, count=params["place"], looking=looking_for(reading))
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.QUEUE_NEXT)
def _queue_next(reading: Reading) -> Rendered:
    text = reading.say("queue.next", looking=looking_for(reading))
    return Rendered(text, [blocks.section(text)])
