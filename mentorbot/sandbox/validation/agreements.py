"""Rules between the fields of one object: which go together, and what each must not exceed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from mentorbot.sandbox.validation.problems import Problem
from mentorbot.sandbox.validation.rules import Agreement


def at_least_one_of(*names: str) -> Agreement:
    """One of these fields is there."""

    def check(value: dict[str, Any]) -> Iterator[Problem]:
        if not any(name in value for name in names):
            yield Problem("", f"must provide at least one of: {', '.join(names)}")

    return check


def at_most_one_of(*names: str) -> Agreement:
    """No two of these fields are there together."""

    def check(value: dict[str, Any]) -> Iterator[Problem]:
        if sum(name in value for name in names) > 1:
            yield Problem("", f"must provide only one of: {', '.join(names)}")

    return check


def exactly_one_of(*names: str) -> Agreement:
    """Just one of these fields is there."""

    def check(value: dict[str, Any]) -> Iterator[Problem]:
        yield from at_least_one_of(*names)(value)
        yield from at_most_one_of(*names)(value)

    return check


def in_order(smaller: str, larger: str) -> Agreement:
    """`smaller` is not above `larger`, where both are there; numbers, or numbers as strings."""

    def check(value: dict[str, Any]) -> Iterator[Problem]:
        if smaller in value and larger in value and float(value[smaller]) > float(value[larger]):
            yield Problem(f"/{smaller}", f"must be less than or equal to `{larger}`")

    return check


def initial_is_an_option(value: dict[str, Any]) -> Iterator[Problem]:
    """What is chosen at first must be among what can be chosen."""
    offered = [_shown(option) for option in _offered(value)]
    if "initial_option" in value and _shown(value["initial_option"]) not in offered:
        yield Problem("/initial_option", "must match one of the provided options")
    for index, option in enumerate(value.get("initial_options", [])):
        if _shown(option) not in offered:
            yield Problem(f"/initial_options/{index}", "must match one of the provided options")


def initial_fits_max_selected(value: dict[str, Any]) -> Iterator[Problem]:
    """No more may be chosen at first than may be chosen at all."""
    for name in (name for name in value if name.startswith("initial_")):
        if len(value[name]) > value.get("max_selected_items", len(value[name])):
            yield Problem(f"/{name}", f"no more than {value['max_selected_items']} items allowed")


def number_is_allowed(value: dict[str, Any]) -> Iterator[Problem]:
    """Bounds and the first value have decimals only where decimals are allowed."""
    for name in ("initial_value", "min_value", "max_value"):
        if "." in value.get(name, "") and not value["is_decimal_allowed"]:
            yield Problem(f"/{name}", "must be a whole number unless decimals are allowed")


def initial_date_exists(value: dict[str, Any]) -> Iterator[Problem]:
    """The first date is one that the calendar has."""
    try:
        date.fromisoformat(value.get("initial_date", "2000-01-01"))
    except ValueError:
        yield Problem("/initial_date", "must be a valid date")


def file_input_is_silent(value: dict[str, Any]) -> Iterator[Problem]:
    """An input block with a file_input cannot dispatch actions."""
    if value.get("dispatch_action") and value["element"]["type"] == "file_input":
        yield Problem("/dispatch_action", "must be false for a `file_input` element")


def collapses_only_if_collapsible(value: dict[str, Any]) -> Iterator[Problem]:
    """A container begins collapsed only where it can be opened again."""
    if value.get("default_collapsed") and not value.get("is_collapsible"):
        yield Problem("/default_collapsed", "must be false unless `is_collapsible` is true")


def rows_are_even(value: dict[str, Any]) -> Iterator[Problem]:
    """Every row has as many cells as the first."""
    width = len(value["rows"][0])
    for index, row in enumerate(value["rows"]):
        if len(row) != width:
            yield Problem(f"/rows/{index}", f"must provide exactly {width} items")


def header_is_plain(value: dict[str, Any]) -> Iterator[Problem]:
    """The first row of a data table holds no rich text."""
    for index, cell in enumerate(value["rows"][0]):
        if cell["type"] == "rich_text":
            yield Problem(f"/rows/0/{index}/type", "unsupported type: rich_text")


def action_ids_differ(value: dict[str, Any]) -> Iterator[Problem]:
    """Within one block no two elements answer to the same action_id."""
    seen: set[str] = set()
    for index, element in enumerate(value["elements"]):
        action_id = element.get("action_id")
        if action_id in seen:
            says = f'`action_id` "{action_id}" already exists'
            yield Problem(f"/elements/{index}/action_id", says)
        elif action_id is not None:
            seen.add(action_id)


def _offered(value: dict[str, Any]) -> list[dict[str, Any]]:
    grouped = [option for group in value.get("option_groups", []) for option in group["options"]]
    return [*value.get("options", []), *grouped]


def _shown(option: dict[str, Any]) -> tuple[str, str, str]:
    description = option.get("description", {}).get("text", "")
    return option["value"], option["text"]["text"], description
