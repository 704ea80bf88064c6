"""What a person puts into an interactive element, as Slack's client keeps and checks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mentorbot.sandbox.errors import NotPossible
from mentorbot.sandbox.records import Json

VALUE_KEYS = {
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "rich_text_input": "rich_text_value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "file_input": "files",
}
MOST_FILES = 10
TEXT_INPUTS = frozenset({"plain_text_input", "number_input", "email_text_input", "url_text_input"})
REQUIRED = "Please complete this required field."


def interactive_elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each interactive element with the block that holds it."""
    for block in blocks:
        if block["type"] == "input":
            yield block, block["element"]
        elif block["type"] == "actions":
            for element in block["elements"]:
                yield block, element
        elif block["type"] == "section" and "action_id" in block.get("accessory", {}):
            yield block, block["accessory"]


def find_element(blocks: list[Json], action_id: str, block_id: str | None) -> tuple[Json, Json]:
    """The element with this action id; raises `NotPossible` when it is not shown."""
    for block, element in interactive_elements(blocks):
        if element["action_id"] == action_id and block_id in (None, block["block_id"]):
            return block, element
    raise NotPossible(f"there is nothing to click with the action_id {action_id!r}")


def state_values(blocks: list[Json], filled: Json) -> Json:
    """`state.values` as Slack sends it: what is filled in, else the initial values."""
    values: Json = {}
    for block, element in interactive_elements(blocks):
        if element["type"] not in VALUE_KEYS:
            continue
        held = filled.get(block["block_id"], {}).get(element["action_id"])
        if held is None or held["type"] != element["type"]:
            held = initial_value(element)
        values.setdefault(block["block_id"], {})[element["action_id"]] = held
    return values


def initial_value(element: Json) -> Json:
    """The state of an element nobody has touched."""
    key = VALUE_KEYS[element["type"]]
    initial = element.get("initial_" + key.removeprefix("selected_"))
    if key == "rich_text_value":
        initial = element.get("initial_value")
    if initial is None and key.endswith("s"):
        initial = []
    return {"type": element["type"], key: initial}


def chosen(element: Json, value: Any) -> Json:
    """The state of an element after a person has put `value` in; raises `NotPossible`."""
    key = VALUE_KEYS[element["type"]]
    if key == "selected_option":
        content: Any = None if value in (None, "") else option(element, value)
    elif key == "selected_options":
        content = [option(element, each) for each in _listed(value)]
    elif key.endswith("s"):
        content = _listed(value)
    elif element["type"] in TEXT_INPUTS:
        content = None if value in (None, "") else str(value)
    else:
        content = None if value == "" else value
    return {"type": element["type"], key: content}


def option(element: Json, value: Any) -> Json:
    """The option of an element with this value, as Slack sends it back."""
    if element["type"] in ("external_select", "multi_external_select"):
        return {"text": {"type": "plain_text", "text": str(value)}, "value": str(value)}
    options: list[Json] = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        options.extend(group["options"])
    for each in options:
        if each.get("value") == value:
            return each
    raise NotPossible(f"{element['action_id']!r} offers no option {value!r}")


def is_empty(held: Json) -> bool:
    content = held[VALUE_KEYS[held["type"]]]
    return content is None or content == [] or content == ""


def complaint(block: Json, held: Json) -> str | None:
    """What Slack's client says about an input before it sends anything, if it complains."""
    element = block["element"]
    if is_empty(held):
        return None if block.get("optional") else REQUIRED
    if element["type"] == "number_input":
        return _number_complaint(element, held["value"])
    if element["type"] == "email_text_input":
        return None if "@" in held["value"] else "Please enter a valid email address."
    if element["type"] == "url_text_input":
        return None if "://" in held["value"] else "Please enter a valid URL."
    if element["type"] == "plain_text_input":
        return _length_complaint(element, held["value"])
    if element["type"] == "file_input":
        return _files_complaint(element, held["files"])
    limit = element.get("max_selected_items")
    if limit is not None and len(held[VALUE_KEYS[held["type"]]]) > limit:
        return f"Please choose at most {limit}."
    return None


def _length_complaint(element: Json, value: str) -> str | None:
    longest, shortest = element.get("max_length", 3000), element.get("min_length", 0)
    if len(value) > longest:
        return f"Please shorten this to {longest} characters or fewer."
    if len(value) < shortest:
        return f"Please write at least {shortest} characters."
    return None


def _files_complaint(element: Json, files: list[Json]) -> str | None:
    most = element.get("max_files", MOST_FILES)
    if len(files) > most:
        return f"Please choose at most {most}."
    kinds = element.get("filetypes") or []
    endings = [str(file["name"]).rpartition(".")[2].lower() for file in files]
    strange = [ending for ending in endings if kinds and ending not in kinds]
    return f"Files of the type {strange[0]} are not taken here." if strange else None


def _number_complaint(element: Json, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "Please enter a number."
    if not element.get("is_decimal_allowed") and not number.is_integer():
        return "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None


def _listed(value: Any) -> list[Any]:
    if value in (None, ""):
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
