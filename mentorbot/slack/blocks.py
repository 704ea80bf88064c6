"""Block Kit, as small functions: each returns a block, an element or a view within Slack's limits.

Limits are those of Slack's Block Kit reference. Texts are cut with an ellipsis rather than refused,
so that the longest answer cannot stop a message.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from mentorbot.wording import plain

Block = dict[str, Any]

SECTION_MOST, HEADER_MOST, BUTTON_MOST, OPTION_MOST, TITLE_MOST = 3000, 150, 75, 75, 24
LINE_MOST = 600
OPTIONS_MOST = 100


POSTED_MOST, EACH_BLOCK = 10_000, 100
"""How much text the blocks of a posted message hold together, and what each counts besides.

Slack's own limit is not documented; messages were refused from 11,300 characters on:
https://github.com/slackapi/bolt-js/issues/2867
"""


def clip(text: str, most: int) -> str:
    """The text, cut to `most` characters with an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


_CUT_THROUGH = re.compile(r"(?:&[a-z]*|<[^<>]*)$")


def clip_markup(text: str, most: int) -> str:
    """As `clip`, for mrkdwn: no entity, mention or link is cut through."""
    if len(text) <= most:
        return text
    return f"{_CUT_THROUGH.sub('', text[: most - 1]).rstrip()}…"


def plain_text(text: str, most: int) -> Block:
    """A plain_text object."""
    return {"type": "plain_text", "text": clip(plain(text), most), "emoji": True}


def section(text: str, *, accessory: Block | None = None) -> Block:
    """A paragraph of mrkdwn; `verbatim` keeps Slack from making links and mentions of its own."""
    block: Block = {
        "type": "section",
        "text": {"type": "mrkdwn", "text": clip_markup(text, SECTION_MOST), "verbatim": True},
    }
    if accessory:
        block["accessory"] = accessory
    return block


def posted(shown: Sequence[Block]) -> list[Block]:
    """Blocks with their longest paragraphs cut, where Slack would not take them in one message."""
    room = POSTED_MOST - EACH_BLOCK * len(shown)
    lengths = sorted(
        (len(it["text"]) for block in shown for it in _paragraphs(block)), reverse=True
    )
    longest = 0
    while lengths and lengths[-1] * len(lengths) <= room:
        longest = lengths.pop()
        room -= longest
    if not lengths:
        return list(shown)
    longest = max(room // len(lengths), longest)
    return [_with_paragraphs_cut(block, longest) for block in shown]


def _paragraphs(block: Block) -> list[Block]:
    """The texts of a block that may be long."""
    if block["type"] == "section":
        return [block["text"]]
    return block["elements"] if block["type"] == "context" else []


def _with_paragraphs_cut(block: Block, most: int) -> Block:
    cut = [{**it, "text": clip_markup(it["text"], most)} for it in _paragraphs(block)]
    if not cut:
        return block
    return {**block, "text": cut[0]} if block["type"] == "section" else {**block, "elements": cut}


def header(text: str) -> Block:
    """A large heading."""
    return {"type": "header", "text": plain_text(text, HEADER_MOST)}


def context(text: str) -> Block:
    """A small grey line."""
    return {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": clip_markup(text, SECTION_MOST), "verbatim": True}],
    }


def divider() -> Block:
    """A thin line."""
    return {"type": "divider"}


def bullets(lines: Iterable[str]) -> str:
    """Lines as a bulleted mrkdwn list."""
    return "\n".join(f"•  {line}" for line in lines)


def bulleted(lines: Iterable[str]) -> list[Block]:
    """Lines as a bulleted list, in as many sections as it takes to leave none of them out."""
    parts: list[list[str]] = []
    for line in (clip_markup(line, LINE_MOST) for line in lines):
        if not parts or len(bullets([*parts[-1], line])) > SECTION_MOST:
            parts.append([])
        parts[-1].append(line)
    return [section(bullets(part)) for part in parts]


def button(
    text: str,
    action_id: str,
    *,
    value: str | None = None,
    style: str | None = None,
    confirm: Block | None = None,
) -> Block:
    """A button; `style` is "primary" or "danger"."""
    element: Block = {
        "type": "button",
        "text": plain_text(text, BUTTON_MOST),
        "action_id": action_id,
    }
    optional = {"value": value, "style": style, "confirm": confirm}
    return {**element, **{name: given for name, given in optional.items() if given}}


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """An "are you sure?" dialog."""
    return {
        "title": plain_text(title, 100),
        "text": plain_text(text, 300),
        "confirm": plain_text(yes, 30),
        "deny": plain_text(no, 30),
    }


def actions(*elements: Block, block_id: str | None = None) -> Block:
    """A row of buttons."""
    block: Block = {"type": "actions", "elements": list(elements)}
    return {**block, "block_id": block_id} if block_id else block


def option(text: str, value: str | None = None) -> Block:
    """An option of a select; the value is the text unless given."""
    return {"text": plain_text(text, OPTION_MOST), "value": value if value is not None else text}


def field(
    block_id: str, label: str, element: Block, *, hint: str | None = None, optional: bool = False
) -> Block:
    """An input block; its element's action_id is the block_id."""
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, 2000),
        "element": {**element, "action_id": block_id},
        "optional": optional,
    }
    if hint:
        block["hint"] = plain_text(hint, 2000)
    return block


def text_input(
    *, most: int, least: int = 0, multiline: bool = False, initial: str | None = None
) -> Block:
    """A text input of `least` to `most` characters."""
    element: Block = {"type": "plain_text_input", "max_length": most, "multiline": multiline}
    if least:
        element["min_length"] = least
    return {**element, "initial_value": clip(initial, most)} if initial else element


def number_input(least: int, most: int, *, initial: int | None = None) -> Block:
    """A whole number to type."""
    element: Block = {
        "type": "number_input",
        "is_decimal_allowed": False,
        "min_value": str(least),
        "max_value": str(most),
    }
    return element if initial is None else {**element, "initial_value": str(initial)}


def date_picker(*, initial: str | None = None) -> Block:
    """A date to pick; `initial` is such as 2026-01-31."""
    return {"type": "datepicker"} | ({"initial_date": initial} if initial else {})


def time_picker(*, initial: str | None = None) -> Block:
    """A time of day to pick; `initial` is such as 15:00."""
    return {"type": "timepicker"} | ({"initial_time": initial} if initial else {})


def people_select(*, initial: Sequence[str] = ()) -> Block:
    """Some people to pick."""
    return {"type": "multi_users_select"} | ({"initial_users": list(initial)} if initial else {})


def email_input(*, initial: str | None = None) -> Block:
    """An e-mail address to type."""
    return {"type": "email_text_input"} | ({"initial_value": initial} if initial else {})


def checkboxes(options: Sequence[Block], *, initial: Sequence[str] = ()) -> Block:
    """Boxes to tick."""
    element: Block = {"type": "checkboxes", "options": list(options)}
    chosen = [o for o in options if o["value"] in initial]
    return {**element, "initial_options": chosen} if chosen else element


def select(options: Sequence[Block], *, initial: str | None = None) -> Block:
    """A choice of one."""
    element: Block = {"type": "static_select", "options": list(options)}
    chosen = next((o for o in options if o["value"] == initial), None)
    return {**element, "initial_option": chosen} if chosen else element


def multi_select(options: Sequence[Block], *, initial: Sequence[str] = ()) -> Block:
    """A choice of several."""
    element: Block = {"type": "multi_static_select", "options": list(options)}
    chosen = [o for o in options if o["value"] in initial]
    return {**element, "initial_options": chosen} if chosen else element


def modal(
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str | None = None,
    close: str | None = None,
    private_metadata: str = "",
) -> Block:
    """A modal view."""
    view: Block = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain_text(title, TITLE_MOST),
        "blocks": list(blocks)[:100],
        "private_metadata": private_metadata,
    }
    if submit:
        view["submit"] = plain_text(submit, TITLE_MOST)
    if close:
        view["close"] = plain_text(close, TITLE_MOST)
    return view


def answers(view: Block) -> dict[str, Any]:
    """What a submitted view holds, by block_id: text, an option's value, or a list of values."""
    return {
        block_id: _answer(next(iter(elements.values()), {}))
        for block_id, elements in view["state"]["values"].items()
    }


_HELD = (
    "selected_users",
    "selected_user",
    "selected_conversation",
    "selected_date",
    "selected_time",
    "files",
)


def _answer(element: Block) -> Any:
    if "selected_options" in element:
        return [chosen["value"] for chosen in element["selected_options"] or []]
    if "selected_option" in element:
        return (element["selected_option"] or {}).get("value")
    for key in _HELD:
        if key in element:
            return element[key]
    return printable(element.get("value"))


def printable(text: Any) -> Any:
    """A text without null characters, which PostgreSQL cannot store; other values as they are."""
    return text.replace("\x00", "") if isinstance(text, str) else text
