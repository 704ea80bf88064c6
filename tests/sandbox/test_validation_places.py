"""What depends on the place: the surface, the neighbours in a list of blocks, the container."""

from __future__ import annotations

import pytest

from tests.sandbox.test_validation import (
    Json,
    actions,
    asked,
    button,
    home,
    message,
    modal,
    plain,
    raw,
    refusal,
    rich_text,
    section,
    select,
)


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
