"""Every length and count in Slack's reference, from both sides: the longest taken, one more not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.test_validation import (
    Json,
    accessory,
    actions,
    asked,
    button,
    confirm,
    group,
    image,
    marked,
    message,
    modal,
    option,
    options,
    overflow,
    plain,
    raw,
    refusal,
    section,
    select,
    url,
    video,
)

# Where it is · how the payload is made for a size · the largest size · the pointer of a fault.
LENGTHS: list[tuple[str, Callable[[int], Json], int, str]] = [
    ("section text", lambda n: section(text=marked(n)), 3000, "/text/text"),
    ("section field", lambda n: section(fields=[plain(n)]), 2000, "/fields/0/text"),
    ("block_id", lambda n: section(block_id="b" * n), 255, "/block_id"),
    ("header text", lambda n: {"type": "header", "text": plain(n)}, 150, "/text/text"),
    (
        "context text",
        lambda n: {"type": "context", "elements": [marked(n)]},
        3000,
        "/elements/0/text",
    ),
    ("button text", lambda n: actions(button(text=plain(n))), 75, "/elements/0/text/text"),
    ("button value", lambda n: actions(button(value="v" * n)), 2000, "/elements/0/value"),
    ("button url", lambda n: actions(button(url=url(n))), 3000, "/elements/0/url"),
    ("action_id", lambda n: actions(button(action_id="a" * n)), 255, "/elements/0/action_id"),
    (
        "accessibility label",
        lambda n: actions(button(accessibility_label="l" * n)),
        75,
        "/elements/0/accessibility_label",
    ),
    ("confirm title", lambda n: confirm(title=plain(n)), 100, "/elements/0/confirm/title/text"),
    ("confirm text", lambda n: confirm(text=marked(n)), 300, "/elements/0/confirm/text/text"),
    ("confirm yes", lambda n: confirm(confirm=plain(n)), 30, "/elements/0/confirm/confirm/text"),
    ("confirm no", lambda n: confirm(deny=plain(n)), 30, "/elements/0/confirm/deny/text"),
    ("input label", lambda n: select() | {"label": plain(n)}, 2000, "/label/text"),
    ("input hint", lambda n: select() | {"hint": plain(n)}, 2000, "/hint/text"),
    ("placeholder", lambda n: select(placeholder=plain(n)), 150, "/element/placeholder/text"),
    ("option text", lambda n: option(text=plain(n)), 75, "/element/options/0/text/text"),
    ("option value", lambda n: option(value="v" * n), 150, "/element/options/0/value"),
    (
        "option description",
        lambda n: option(description=plain(n)),
        75,
        "/element/options/0/description/text",
    ),
    ("option url", lambda n: overflow(url=url(n)), 3000, "/accessory/options/0/url"),
    ("group label", lambda n: group(label=plain(n)), 75, "/element/option_groups/0/label/text"),
    (
        "initial text",
        lambda n: asked("plain_text_input", initial_value="i" * n),
        3000,
        "/element/initial_value",
    ),
    ("image alt text", lambda n: image(alt_text="a" * n), 2000, "/alt_text"),
    ("image title", lambda n: image(title=plain(n)), 2000, "/title/text"),
    ("image url", lambda n: image(image_url=url(n)), 3000, "/image_url"),
    (
        "small image alt text",
        lambda n: accessory(**image(alt_text="a" * n)),
        2000,
        "/accessory/alt_text",
    ),
    ("video title", lambda n: video(title=plain(n)), 199, "/title/text"),
    ("video author", lambda n: video(author_name="a" * n), 49, "/author_name"),
    ("video description", lambda n: video(description=plain(n)), 200, "/description/text"),
]

COUNTS: list[tuple[str, Callable[[int], Json], int, int, str]] = [
    ("section fields", lambda n: section(fields=[plain()] * n), 1, 10, "/fields"),
    ("actions elements", lambda n: actions(*[button()] * n), 1, 25, "/elements"),
    (
        "context elements",
        lambda n: {"type": "context", "elements": [plain()] * n},
        1,
        10,
        "/elements",
    ),
    ("select options", lambda n: select(options=options(n)), 1, 100, "/element/options"),
    (
        "select groups",
        lambda n: asked(
            "static_select", option_groups=[{"label": plain(), "options": options()}] * n
        ),
        1,
        100,
        "/element/option_groups",
    ),
    (
        "group options",
        lambda n: group(options=options(n)),
        1,
        100,
        "/element/option_groups/0/options",
    ),
    (
        "multi select options",
        lambda n: asked("multi_static_select", options=options(n)),
        1,
        100,
        "/element/options",
    ),
    ("overflow options", overflow, 1, 5, "/accessory/options"),
    (
        "checkboxes",
        lambda n: asked("checkboxes", options=options(n)),
        1,
        10,
        "/element/options",
    ),
    (
        "radio buttons",
        lambda n: asked("radio_buttons", options=options(n)),
        1,
        10,
        "/element/options",
    ),
    (
        "dispatch triggers",
        lambda n: asked(
            "plain_text_input",
            dispatch_action_config={"trigger_actions_on": ["on_enter_pressed"] * n},
        ),
        1,
        2,
        "/element/dispatch_action_config/trigger_actions_on",
    ),
]

NUMBERS: list[tuple[str, Callable[[int], Json], int, int, str]] = [
    (
        "max_length",
        lambda n: asked("plain_text_input", max_length=n),
        1,
        3000,
        "/element/max_length",
    ),
    (
        "min_length",
        lambda n: asked("plain_text_input", min_length=n),
        0,
        3000,
        "/element/min_length",
    ),
    ("max_files", lambda n: asked("file_input", max_files=n), 1, 10, "/element/max_files"),
    (
        "initial_date_time",
        lambda n: asked("datetimepicker", initial_date_time=n),
        0,
        9_999_999_999,
        "/element/initial_date_time",
    ),
]

MESSAGE_ONLY: list[tuple[str, Callable[[int], Json], int, int, str]] = [
    ("table rows", lambda n: {"type": "table", "rows": [raw(1)] * n}, 1, 100, "/rows"),
    ("table cells", lambda n: {"type": "table", "rows": [raw(n)]}, 1, 20, "/rows/0"),
    (
        "table columns",
        lambda n: {"type": "table", "rows": [raw(1)], "column_settings": [None] * n},
        1,
        20,
        "/column_settings",
    ),
    (
        "data table rows",
        lambda n: {"type": "data_table", "caption": "c", "rows": [raw(2)] * n},
        2,
        101,
        "/rows",
    ),
    (
        "context actions",
        lambda n: {
            "type": "context_actions",
            "elements": [{"type": "icon_button", "icon": "trash", "text": plain()}] * n,
        },
        1,
        5,
        "/elements",
    ),
    (
        "carousel cards",
        lambda n: {"type": "carousel", "elements": [{"type": "card", "title": plain()}] * n},
        1,
        10,
        "/elements",
    ),
    (
        "container blocks",
        lambda n: {"type": "container", "title": plain(), "child_blocks": [section()] * n},
        1,
        10,
        "/child_blocks",
    ),
]


def _cases(rows: list[Any]) -> list[Any]:
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


# An empty address is refused as an address; an empty first answer is an answer.
MEANT = [row for row in LENGTHS if not row[3].endswith(("url", "initial_value"))]


@pytest.mark.parametrize(("make", "most", "pointer"), _cases(LENGTHS))
def test_longest_text_is_taken_and_one_more_is_not(
    make: Callable[[int], Json], most: int, pointer: str
) -> None:
    modal(make(most))
    says = f"must be less than {most + 1} characters [json-pointer:/view/blocks/0{pointer}]"
    assert refusal(lambda: modal(make(most + 1))).messages == [says]


@pytest.mark.parametrize(("make", "most", "pointer"), _cases(MEANT))
def test_empty_text_is_refused_where_text_is_meant(
    make: Callable[[int], Json], most: int, pointer: str
) -> None:
    says = f"must be more than 0 characters [json-pointer:/view/blocks/0{pointer}]"
    assert refusal(lambda: modal(make(0))).messages == [says]


@pytest.mark.parametrize(("make", "least", "most", "pointer"), _cases(COUNTS))
def test_fewest_and_most_items_are_taken_and_one_beyond_is_not(
    make: Callable[[int], Json], least: int, most: int, pointer: str
) -> None:
    modal(make(least))
    modal(make(most))
    place = f"[json-pointer:/view/blocks/0{pointer}]"
    assert refusal(lambda: modal(make(most + 1))).messages == [
        f"no more than {most} items allowed {place}"
    ]
    assert refusal(lambda: modal(make(least - 1))).messages == [
        f"must provide at least {least} items {place}"
    ]


@pytest.mark.parametrize(("make", "least", "most", "pointer"), _cases(MESSAGE_ONLY))
def test_blocks_of_messages_keep_their_counts(
    make: Callable[[int], Json], least: int, most: int, pointer: str
) -> None:
    message(make(least))
    message(make(most))
    place = f"[json-pointer:/blocks/0{pointer}]"
    assert (
        f"no more than {most} items allowed {place}"
        in refusal(lambda: message(make(most + 1))).messages
    )
    assert (
        f"must provide at least {least} items {place}"
        in refusal(lambda: message(make(least - 1))).messages
    )


@pytest.mark.parametrize(("make", "least", "most", "pointer"), _cases(NUMBERS))
def test_smallest_and_largest_numbers_are_taken_and_one_beyond_is_not(
    make: Callable[[int], Json], least: int, most: int, pointer: str
) -> None:
    modal(make(least))
    modal(make(most))
    place = f"[json-pointer:/view/blocks/0{pointer}]"
    assert refusal(lambda: modal(make(most + 1))).messages == [
        f"must be less than or equal to {most} {place}"
    ]
    assert refusal(lambda: modal(make(least - 1))).messages == [
        f"must be greater than or equal to {least} {place}"
    ]


@pytest.mark.parametrize(
    ("field", "most", "pointer"),
    [
        ("title", 24, "/view/title/text"),
        ("submit", 24, "/view/submit/text"),
        ("close", 24, "/view/close/text"),
        ("private_metadata", 3000, "/view/private_metadata"),
        ("callback_id", 255, "/view/callback_id"),
        ("external_id", 255, "/view/external_id"),
    ],
)
def test_modal_fields_keep_their_lengths(field: str, most: int, pointer: str) -> None:
    def value(length: int) -> Any:
        return plain(length) if pointer.endswith("/text") else "x" * length

    modal(section(), **{field: value(most)})
    says = f"must be less than {most + 1} characters [json-pointer:{pointer}]"
    assert refusal(lambda: modal(section(), **{field: value(most + 1)})).messages == [says]
