"""What Slack refuses besides sizes: wrong kinds, unknown names, wrong places, clashing fields."""

from __future__ import annotations

from typing import Any

import pytest

from mentorbot.sandbox.validation import validate_message, validate_view
from tests.sandbox.test_validation import (
    PNG,
    Json,
    accessory,
    actions,
    asked,
    button,
    confirm,
    home,
    image,
    marked,
    menu,
    message,
    modal,
    options,
    overflow,
    plain,
    raw,
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


def test_same_action_id_in_two_blocks_is_taken() -> None:
    message(actions(button(action_id="a")), actions(button(action_id="a")))


def test_block_id_is_used_once_in_a_message_and_once_in_a_view() -> None:
    twice = [section(block_id="b"), {"type": "divider"}, section(block_id="b")]
    says = '`block_id` "b" already exists'
    assert refusal(lambda: message(*twice)).messages == [
        f"{says} [json-pointer:/blocks/2/block_id]"
    ]
    for surface in (modal, home):
        error = refusal(lambda surface=surface: surface(*twice))
        assert error.messages == [f"{says} [json-pointer:/view/blocks/2/block_id]"]


def test_only_one_element_takes_the_cursor() -> None:
    says = "only one element may have `focus_on_load` set to true"
    refused = refusal(lambda: modal(*[asked("datepicker", focus_on_load=True)] * 2))
    assert refused.messages == [f"{says} [json-pointer:/view/blocks/1/element/focus_on_load]"]


@pytest.mark.parametrize(
    ("block", "surfaces"),
    [
        (section(), "message modal home"),
        (select(), "message modal home"),
        ({"type": "alert", "text": plain()}, "modal"),
        ({"type": "card", "title": plain()}, "message home"),
        ({"type": "file", "external_id": "e", "source": "remote"}, "message"),
        ({"type": "markdown", "text": "# a"}, "message"),
        ({"type": "table", "rows": [raw(2)]}, "message"),
        (
            {"type": "plan", "title": "p", "tasks": []}
            | {"tasks": [{"type": "task_card", "task_id": "t", "title": "t", "status": "pending"}]},
            "message",
        ),
        (
            {
                "type": "context_actions",
                "elements": [
                    {
                        "type": "feedback_buttons",
                        "positive_button": {"text": plain(), "value": "y"},
                        "negative_button": {"text": plain(), "value": "n"},
                    }
                ],
            },
            "message",
        ),
        (asked("file_input"), "modal"),
        (asked("email_text_input"), "modal"),
        (asked("url_text_input"), "modal"),
        (asked("number_input", is_decimal_allowed=False), "modal"),
        (asked("datetimepicker"), "message modal"),
        (asked("rich_text_input"), "modal home"),
        (
            actions(
                {
                    "type": "workflow_button",
                    "text": plain(),
                    "workflow": {"trigger": {"url": "https://slack.com/shortcuts/Ft1/x"}},
                }
            ),
            "message",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else value["type"],
)
def test_each_surface_takes_its_own(block: Json, surfaces: str) -> None:
    for name, send in {"message": message, "modal": modal, "home": home}.items():
        if name in surfaces.split():
            send(block)
        else:
            error = refusal(lambda send=send: send(block))
            assert all(each.startswith("unsupported type: ") for each in error.messages)


def test_modal_with_an_input_needs_submit() -> None:
    view = {"type": "modal", "title": plain(), "blocks": [section(), select()]}
    error = refusal(lambda: validate_view(view, surface="modal"))
    assert error.error == "invalid_arguments"
    says = "must define `submit` to use an `input` block in modals"
    assert error.messages == [f"{says} [json-pointer:/view/blocks/1/input]"]
    validate_view(view | {"submit": plain()}, surface="modal")
    validate_view(view | {"blocks": [section()]}, surface="modal")


@pytest.mark.parametrize("field", ["title", "submit", "close", "clear_on_close"])
def test_home_has_none_of_a_modals_frame(field: str) -> None:
    says = f"invalid additional property: {field} [json-pointer:/view]"
    assert refusal(lambda: home(section(), **{field: plain()})).messages == [says]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"title": "Title"}, "must provide an object [json-pointer:/view/title]"),
        ({"title": marked()}, "unsupported type: mrkdwn [json-pointer:/view/title/type]"),
        ({"title": plain(0)}, "must be more than 0 characters [json-pointer:/view/title/text]"),
        ({"type": "home"}, "must be a valid enum value [json-pointer:/view/type]"),
        ({"blocks": {}}, "must provide an array [json-pointer:/view/blocks]"),
        ({"blocks": ["a"]}, "must provide an object [json-pointer:/view/blocks/0]"),
        ({"hash": "a"}, "invalid additional property: hash [json-pointer:/view]"),
        ({"notify_on_close": 1}, "must provide a boolean [json-pointer:/view/notify_on_close]"),
        ({"private_metadata": {}}, "must provide a string [json-pointer:/view/private_metadata]"),
    ],
)
def test_views_frame_is_checked(fields: Json, says: str) -> None:
    assert refusal(lambda: modal(**fields)).messages == [says]


def test_view_needs_a_type_a_title_and_blocks() -> None:
    missing: Any = {}
    assert refusal(lambda: validate_view(missing, surface="modal")).messages == [
        f"missing required field: {name} [json-pointer:/view]"
        for name in ("type", "title", "blocks")
    ]


def test_view_that_is_no_object_is_refused() -> None:
    nothing: Any = []
    says = ["must provide an object [json-pointer:/view]"]
    assert refusal(lambda: validate_view(nothing, surface="home")).messages == says


def test_every_fault_is_found_not_only_the_first() -> None:
    error = refusal(
        lambda: message(
            section(text=marked(3001), colour="red"),
            actions(button(text=plain(76)), button(value="v" * 2001)),
            {"type": "header", "text": plain(0)},
        )
    )
    assert error.error == "invalid_blocks"
    assert error.messages == [
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        "invalid additional property: colour [json-pointer:/blocks/0]",
        "must be less than 76 characters [json-pointer:/blocks/1/elements/0/text/text]",
        "must be less than 2001 characters [json-pointer:/blocks/1/elements/1/value]",
        "must be more than 0 characters [json-pointer:/blocks/2/text/text]",
    ]


@pytest.mark.parametrize("payload", [{}, {"text": ""}, {"text": "  "}, {"text": "", "blocks": []}])
def test_message_with_nothing_to_say_is_refused(payload: Json) -> None:
    assert refusal(lambda: validate_message(payload)).error == "no_text"


@pytest.mark.parametrize(
    "payload",
    [{"text": "a"}, {"blocks": [section()]}, {"attachments": [{"color": "#fff", "text": "a"}]}],
)
def test_message_says_something_in_one_of_three_ways(payload: Json) -> None:
    validate_message(payload)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"text": 3}, "invalid_arguments"),
        ({"blocks": "[]"}, "invalid_blocks_format"),
        ({"blocks": ["a"]}, "invalid_blocks"),
        ({"attachments": "a"}, "invalid_attachments"),
        ({"attachments": ["a"]}, "invalid_attachments"),
        ({"attachments": [{"blocks": {}}]}, "invalid_attachments"),
        ({"attachments": [{"blocks": [{"type": "nope"}]}]}, "invalid_attachments"),
        ({"metadata": "a"}, "invalid_metadata_format"),
        ({"metadata": {"event_type": "t"}}, "invalid_metadata_format"),
        ({"metadata": {"event_payload": {}}}, "invalid_metadata_format"),
        ({"metadata": {"event_type": "", "event_payload": {}}}, "invalid_metadata_format"),
        ({"metadata": {"event_type": "t", "event_payload": []}}, "invalid_metadata_format"),
        ({"metadata": {"event_type": "t", "event_payload": {}, "x": 1}}, "invalid_metadata_format"),
    ],
)
def test_message_parts_are_refused_by_name(fields: Json, error: str) -> None:
    assert refusal(lambda: validate_message({"text": "a"} | fields)).error == error


def test_fault_in_an_attachment_is_pointed_to() -> None:
    attachments = [{"blocks": [section()]}, {"blocks": [section(text=plain(3001))]}]
    error = refusal(lambda: validate_message({"text": "a", "attachments": attachments}))
    place = "/attachments/1/blocks/0/text/text"
    assert error.messages == [f"must be less than 3001 characters [json-pointer:{place}]"]


def test_metadata_with_any_object_is_taken() -> None:
    payload = {"id": 3, "deep": {"a": [1, "b", True]}}
    validate_message({"text": "a", "metadata": {"event_type": "t", "event_payload": payload}})


def test_message_has_one_table() -> None:
    table = {"type": "table", "rows": [raw(2)]}
    error = refusal(lambda: message(table, section(), table))
    assert (error.error, error.messages) == ("invalid_attachments", ["only_one_table_allowed"])


def test_data_table_has_even_rows_and_a_plain_header() -> None:
    def table(*rows: list[Json]) -> Json:
        return {"type": "data_table", "caption": "c", "rows": list(rows)}

    message(table(raw(1), [rich_text()]))
    assert refusal(lambda: message(table(raw(2), raw(1)))).messages == [
        "must provide exactly 2 items [json-pointer:/blocks/0/rows/1]"
    ]
    assert refusal(lambda: message(table([rich_text()], raw(1)))).messages == [
        "unsupported type: rich_text [json-pointer:/blocks/0/rows/0/0/type]"
    ]


def test_container_begins_collapsed_only_if_it_opens() -> None:
    box = {"type": "container", "title": plain(), "child_blocks": [section()]}
    message(box | {"is_collapsible": True, "default_collapsed": True})
    assert refusal(lambda: message(box | {"default_collapsed": True})).error == "invalid_blocks"


def test_block_ids_differ_inside_a_container_too() -> None:
    inner = {"type": "container", "title": plain(), "child_blocks": [section(block_id="b")]}
    error = refusal(lambda: message(section(block_id="b"), inner))
    place = "/blocks/1/child_blocks/0/block_id"
    assert error.messages == [f'`block_id` "b" already exists [json-pointer:{place}]']
