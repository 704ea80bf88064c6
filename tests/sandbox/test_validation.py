"""Whole messages and views: what counts over all their blocks, and how each part is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mentorbot.sandbox.validation import (
    InvalidPayload,
    validate_message,
    validate_posted,
    validate_view,
)

Json = dict[str, Any]
PNG = "https://example.org/a.png"


def plain(length: int = 3) -> Json:
    return {"type": "plain_text", "text": "é" * length}


def marked(length: int = 3) -> Json:
    return {"type": "mrkdwn", "text": "é" * length}


def options(count: int = 2) -> list[Json]:
    return [{"text": plain(), "value": f"v{index}"} for index in range(count)]


def section(**fields: Any) -> Json:
    return {"type": "section", "text": marked(), **fields}


def accessory(**fields: Any) -> Json:
    return section(accessory=fields)


def button(**fields: Any) -> Json:
    return {"type": "button", "text": plain(), **fields}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def asked(type_: str, **fields: Any) -> Json:
    return {"type": "input", "label": plain(), "element": {"type": type_, **fields}}


def select(**fields: Any) -> Json:
    return asked("static_select", **({"options": options()} | fields))


def menu(type_: str, **fields: Any) -> Json:
    return asked(type_, options=options(), **fields)


def confirm(**fields: Any) -> Json:
    whole = {"title": plain(), "text": plain(), "confirm": plain(), "deny": plain()} | fields
    return actions(button(confirm=whole))


def option(**fields: Any) -> Json:
    return select(options=[{"text": plain(), "value": "v"} | fields])


def overflow(count: int = 1, **fields: Any) -> Json:
    return accessory(type="overflow", options=[each | fields for each in options(count)])


def group(**fields: Any) -> Json:
    groups = [{"label": plain(), "options": options()} | fields]
    return asked("static_select", option_groups=groups)


def image(**fields: Any) -> Json:
    return {"type": "image", "image_url": PNG, "alt_text": "a", **fields}


def video(**fields: Any) -> Json:
    required = {"video_url": PNG, "thumbnail_url": PNG, "title": plain(), "alt_text": "a"}
    return {"type": "video", **required, **fields}


def rich_text(*parts: Json) -> Json:
    inside = [{"type": "rich_text_section", "elements": list(parts)}]
    return {"type": "rich_text", "elements": inside}


def raw(count: int) -> list[Json]:
    return [{"type": "raw_text", "text": "a"}] * count


def url(length: int) -> str:
    return "https://example.org/".ljust(length, "a")


def message(*blocks: Json) -> None:
    validate_message({"text": "fallback", "blocks": list(blocks)})


def modal(*blocks: Json, **fields: Any) -> None:
    whole = {"type": "modal", "title": plain(), "submit": plain(), "blocks": list(blocks)}
    validate_view(whole | fields, surface="modal")


def home(*blocks: Json, **fields: Any) -> None:
    validate_view({"type": "home", "blocks": list(blocks), **fields}, surface="home")


def refusal(act: Callable[[], None]) -> InvalidPayload:
    with pytest.raises(InvalidPayload) as caught:
        act()
    return caught.value


def test_message_takes_fifty_blocks_and_views_a_hundred() -> None:
    message(*[section()] * 50)
    modal(*[section()] * 100)
    home(*[section()] * 100)
    too_many = refusal(lambda: message(*[section()] * 51))
    assert too_many.messages == ["no more than 50 items allowed [json-pointer:/blocks]"]
    for surface in (modal, home):
        error = refusal(lambda surface=surface: surface(*[section()] * 101))
        assert error.messages == ["no more than 100 items allowed [json-pointer:/view/blocks]"]


def test_message_text_is_taken_to_forty_thousand_characters() -> None:
    validate_message({"text": "a" * 40_000})
    assert refusal(lambda: validate_message({"text": "a" * 40_001})).error == "msg_too_long"


def test_markdown_is_counted_over_all_blocks_of_a_message() -> None:
    def markdown(length: int) -> Json:
        return {"type": "markdown", "text": "a" * length}

    message(markdown(12_000))
    message(markdown(6_000), markdown(6_000))
    alone = refusal(lambda: message(markdown(12_001)))
    assert alone.messages == ["must be less than 12001 characters [json-pointer:/blocks/0/text]"]
    assert refusal(lambda: message(markdown(6_000), markdown(6_001))).error == "invalid_blocks"


def test_what_is_posted_holds_less_text_in_all_than_an_answer_to_a_command() -> None:
    whole = [{"type": "section", "text": {"type": "mrkdwn", "text": "a" * 2920}}] * 4
    validate_posted({"text": "t", "blocks": whole})
    longer: dict[str, Any] = {"text": "t", "blocks": [*whole, {"type": "divider"}]}
    validate_message(longer)
    assert refusal(lambda: validate_posted(longer)).error == "msg_blocks_too_long"


def test_message_takes_a_hundred_attachments() -> None:
    validate_message({"text": "t", "attachments": [{"text": "a"}] * 100})
    refused = refusal(lambda: validate_message({"text": "t", "attachments": [{}] * 101}))
    assert refused.error == "too_many_attachments"


def test_metadata_has_a_limit() -> None:
    def send(length: int) -> None:
        payload = {"event_type": "t", "event_payload": {"a": "x" * length}}
        validate_message({"text": "t", "metadata": payload})

    send(7_900)
    assert refusal(lambda: send(8_000)).error == "metadata_too_large"


def test_view_is_taken_to_250_kilobytes() -> None:
    home(*[section(text=marked(2900) | {"text": "a" * 2900})] * 80)
    too_large = refusal(lambda: home(*[section(text=plain() | {"text": "a" * 2900})] * 90))
    assert too_large.error == "view_too_large"


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
