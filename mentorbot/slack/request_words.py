"""Requests in words, with the buttons that ask, answer and take back."""

from datetime import datetime
from zoneinfo import ZoneInfo

from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.rendering import mention
from mentorbot.usecases.request_ends import Asked
from mentorbot.wording import Markup, day, escape


def ask_button(mentor_id: str, say_it: Say) -> blocks.Block:
    """The button that asks a mentor."""
    return blocks.button(say_it("requests.ask"), ids.ASK_MENTOR, value=mentor_id)


def answer_buttons(request_id: str, say_it: Say) -> blocks.Block:
    """A mentor's two answers; no is a form, for it can name a colleague."""
    yes = say_it("requests.accept")
    return blocks.actions(
        blocks.button(yes, ids.ACCEPT_REQUEST, value=request_id, style="primary"),
        blocks.button(say_it("requests.decline"), ids.DECLINE_REQUEST, value=request_id),
    )


def withdraw_button(request_id: str, say_it: Say) -> blocks.Block:
    """The button that takes a request back, which asks once more."""
    sure = blocks.confirm(
        say_it("requests.withdraw_title"),
        say_it("requests.withdraw_sure"),
        say_it("requests.withdraw"),
        say_it("cancel"),
    )
    withdraw = say_it("requests.withdraw")
    return blocks.button(withdraw, ids.WITHDRAW_REQUEST, value=request_id, confirm=sure)


def until_in_words(at: datetime, zone: str, locale: str) -> Markup:
    """The day until which a request can be answered, on somebody's calendar."""
    return day(at.astimezone(ZoneInfo(zone)).date(), locale)


def request_blocks(
    found: Asked, zone: str, say_it: Say, locale: str, *, is_mentor: bool
) -> list[blocks.Block]:
    """An open request in a list, from one side, with what can be done about it."""
    until = until_in_words(found.request.expires_at, zone, locale)
    other = found.mentee if is_mentor else found.mentor
    who = mention(other.slack_user_id, locale)
    if not is_mentor:
        line = say_it("requests.waits", who=who, until=until)
        row = blocks.actions(withdraw_button(found.request.request_id, say_it))
        return [blocks.section(line), row]
    shown = [blocks.section(say_it("requests.to_answer", who=who, until=until))]
    shown += quoted(found.request.note)
    return [*shown, answer_buttons(found.request.request_id, say_it)]


def quoted(note: str) -> list[blocks.Block]:
    """What a mentee wrote, as a quotation; nothing where they wrote nothing."""
    if not note:
        return []
    return [blocks.section("\n".join(f">{line}" for line in escape(note).splitlines()))]
