"""What Slack refuses besides sizes: wrong kinds, unknown names, wrong places, clashing fields."""

from __future__ import annotations

import pytest

from tests.sandbox.test_validation import (
    PNG,
    Json,
    accessory,
    actions,
    asked,
    button,
    confirm,
    image,
    marked,
    menu,
    modal,
    options,
    overflow,
    plain,
    refusal,
    rich_text,
    section,
    select,
)


def said_of(block: Json) -> list[str]:
    """What a modal with this block is refused for, without the common head of each pointer."""
    found = refusal(lambda: modal(block)).messages
    return [each.replace("json-pointer:/view/blocks/0", "") for each in found]


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ({"type": "sectoin"}, "unsupported type: sectoin [/type]"),
        ({"text": plain()}, "missing required field: type []"),
        ({"type": 3}, "must provide a string [/type]"),
        (section(colour="red"), "invalid additional property: colour []"),
        (section(text="hello"), "must provide an object [/text]"),
        (section(text={"text": "a"}), "missing required field: type [/text]"),
        (section(text={"type": "mrkdwn"}), "missing required field: text [/text]"),
        (section(text={"type": "plain_text", "text": 3}), "must provide a string [/text/text]"),
        (section(fields=plain()), "must provide an array [/fields]"),
        (section(expand="yes"), "must provide a boolean [/expand]"),
        (section(text=marked() | {"emoji": True}), "invalid additional property: emoji [/text]"),
        (
            section(text=plain() | {"verbatim": True}),
            "invalid additional property: verbatim [/text]",
        ),
        (section(accessory=None), "must provide an object [/accessory]"),
        ({"type": "divider", "text": plain()}, "invalid additional property: text []"),
        ({"type": "header"}, "missing required field: text []"),
        ({"type": "header", "text": marked()}, "unsupported type: mrkdwn [/text/type]"),
        (actions(button(text=marked())), "unsupported type: mrkdwn [/elements/0/text/type]"),
        (actions(button(style="green")), "must be a valid enum value [/elements/0/style]"),
        (actions(button(url="nowhere")), "failed to match format: URL [/elements/0/url]"),
        (actions({"type": "image"}), "unsupported type: image [/elements/0/type]"),
        (
            actions({"type": "plain_text_input"}),
            "unsupported type: plain_text_input [/elements/0/type]",
        ),
        (
            accessory(type="plain_text_input"),
            "unsupported type: plain_text_input [/accessory/type]",
        ),
        (accessory(type="datetimepicker"), "unsupported type: datetimepicker [/accessory/type]"),
        (asked("button"), "unsupported type: button [/element/type]"),
        (asked("overflow", options=options()), "unsupported type: overflow [/element/type]"),
        (
            {"type": "context", "elements": [button()]},
            "unsupported type: button [/elements/0/type]",
        ),
        (select() | {"label": marked()}, "unsupported type: mrkdwn [/label/type]"),
        (select() | {"hint": marked()}, "unsupported type: mrkdwn [/hint/type]"),
        (select(placeholder=marked()), "unsupported type: mrkdwn [/element/placeholder/type]"),
        (
            select(options=[{"text": marked(), "value": "v"}]),
            "unsupported type: mrkdwn [/element/options/0/text/type]",
        ),
        (
            select(options=[{"text": plain()}]),
            "missing required field: value [/element/options/0]",
        ),
        (
            select(options=[{"text": plain(), "value": "v", "url": PNG}]),
            "invalid additional property: url [/element/options/0]",
        ),
        (confirm(title=marked()), "unsupported type: mrkdwn [/elements/0/confirm/title/type]"),
        (confirm(style="loud"), "must be a valid enum value [/elements/0/confirm/style]"),
        (image(image_url="data:x"), "failed to match format: URL [/image_url]"),
        (asked("number_input"), "missing required field: is_decimal_allowed [/element]"),
        (
            asked("plain_text_input", min_length="1"),
            "must provide an integer [/element/min_length]",
        ),
        (
            asked("plain_text_input", max_length=1.5),
            "must provide an integer [/element/max_length]",
        ),
        (
            asked("plain_text_input", min_length=True),
            "must provide an integer [/element/min_length]",
        ),
        (
            asked("number_input", is_decimal_allowed=True, min_value=1),
            "must provide a string [/element/min_value]",
        ),
        (
            asked("datepicker", initial_date="1 May"),
            "failed to match format: YYYY-MM-DD [/element/initial_date]",
        ),
        (
            asked("timepicker", initial_time="25:00"),
            "failed to match format: HH:mm [/element/initial_time]",
        ),
        (
            rich_text({"type": "text", "text": ""}),
            "must be more than 0 characters [/elements/0/elements/0/text]",
        ),
        (rich_text({"type": "table"}), "unsupported type: table [/elements/0/elements/0/type]"),
        (
            rich_text({"type": "text", "text": "a", "style": {"loud": True}}),
            "invalid additional property: loud [/elements/0/elements/0/style]",
        ),
        (
            rich_text({"type": "broadcast", "range": "all"}),
            "must be a valid enum value [/elements/0/elements/0/range]",
        ),
    ],
)
def test_wrong_kind_or_name_is_refused_with_its_place(block: Json, says: str) -> None:
    assert said_of(block) == [says]


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ({"type": "section"}, "must provide at least one of: text, fields []"),
        (
            {"type": "image", "alt_text": "a"},
            "must provide at least one of: image_url, slack_file []",
        ),
        (
            image(slack_file={"id": "F1"}),
            "must provide only one of: image_url, slack_file []",
        ),
        (asked("static_select"), "must provide at least one of: options, option_groups [/element]"),
        (
            select(option_groups=[{"label": plain(), "options": options()}]),
            "must provide only one of: options, option_groups [/element]",
        ),
        (
            select(initial_option={"text": plain(), "value": "v9"}),
            "must match one of the provided options [/element/initial_option]",
        ),
        (
            menu("radio_buttons", initial_option={"text": marked(9), "value": "v0"}),
            "must match one of the provided options [/element/initial_option]",
        ),
        (
            menu("checkboxes", initial_options=[*options(), {"text": plain(), "value": "v9"}]),
            "must match one of the provided options [/element/initial_options/2]",
        ),
        (
            menu("multi_static_select", max_selected_items=1, initial_options=options(2)),
            "no more than 1 items allowed [/element/initial_options]",
        ),
        (
            menu("multi_static_select", max_selected_items=0),
            "must be greater than or equal to 1 [/element/max_selected_items]",
        ),
        (
            asked("plain_text_input", min_length=6, max_length=5),
            "must be less than or equal to `max_length` [/element/min_length]",
        ),
        (
            asked("number_input", is_decimal_allowed=False, min_value="6", max_value="5"),
            "must be less than or equal to `max_value` [/element/min_value]",
        ),
        (
            asked("number_input", is_decimal_allowed=False, initial_value="6", max_value="5"),
            "must be less than or equal to `max_value` [/element/initial_value]",
        ),
        (
            asked("number_input", is_decimal_allowed=False, initial_value="5.5"),
            "must be a whole number unless decimals are allowed [/element/initial_value]",
        ),
        (
            asked("datepicker", initial_date="2026-02-30"),
            "must be a valid date [/element/initial_date]",
        ),
        (
            asked("file_input") | {"dispatch_action": True},
            "must be false for a `file_input` element [/dispatch_action]",
        ),
        (
            asked("conversations_select", filter={}),
            "must provide at least one of: include, exclude_external_shared_channels,"
            " exclude_bot_users [/element/filter]",
        ),
        (
            actions(button(action_id="a"), button(action_id="b"), button(action_id="a")),
            '`action_id` "a" already exists [/elements/2/action_id]',
        ),
    ],
)
def test_fields_that_clash_are_refused(block: Json, says: str) -> None:
    assert said_of(block) == [says]


@pytest.mark.parametrize(
    "block",
    [
        {"type": "divider"},
        section(fields=[plain(), marked()]),
        accessory(**image()),
        accessory(type="image", slack_file={"url": PNG}, alt_text="a"),
        overflow(url="https://example.org"),
        confirm(style="danger"),
        select(initial_option=options()[1]),
        menu("checkboxes", initial_options=options()[:1]),
        asked("checkboxes", options=[{"text": marked(), "value": "v", "description": marked()}]),
        menu("multi_static_select", max_selected_items=2, initial_options=options(2)),
        asked("plain_text_input", min_length=5, max_length=5, initial_value="", multiline=True),
        asked("number_input", is_decimal_allowed=True, min_value="-1.5", initial_value="0"),
        asked("datepicker", initial_date="2028-02-29", focus_on_load=True),
        asked("timepicker", initial_time="09:30", timezone="Europe/London"),
        asked("conversations_select", filter={"include": ["im"]}, response_url_enabled=True),
        asked("external_select", min_query_length=0),
        asked("users_select", initial_user="U1"),
        asked("multi_channels_select", initial_channels=["C1"]),
        asked("rich_text_input", initial_value=rich_text({"type": "text", "text": "a"})),
        asked("email_text_input"),
        asked("url_text_input"),
        asked("file_input", filetypes=["pdf"]),
        rich_text(),
        rich_text(
            {"type": "user", "user_id": "U1"},
            {"type": "emoji", "name": "wave"},
            {"type": "link", "url": "https://example.org", "style": {"bold": True}},
            {"type": "date", "timestamp": 1, "format": "{date}"},
        ),
        {"type": "alert", "text": marked(), "level": "info"},
    ],
    ids=lambda block: block["type"],
)
def test_what_the_reference_allows_is_taken(block: Json) -> None:
    modal(block)
