"""Slack's own Python models as a second opinion: what they build within limits is taken."""

from __future__ import annotations

import json
import string
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from slack_sdk.models import blocks as m
from slack_sdk.models.metadata import Metadata
from slack_sdk.models.views import View

from mentorbot.sandbox.validation import (
    InvalidPayload,
    blocks,
    elements,
    panels,
    rich_text,
    validate_message,
    validate_view,
)
from mentorbot.sandbox.validation.rules import Shape
from mentorbot.sandbox.validation.views import VIEW_MOST_BYTES

LETTERS = string.ascii_letters + " éŁ李😀*_&;<>"
PATIENTLY = settings(suppress_health_check=[HealthCheck.too_slow], max_examples=25, deadline=None)


def words(most: int) -> st.SearchStrategy[str]:
    """Text of any legal length, the longest included often."""
    short = st.text(LETTERS, min_size=1, max_size=min(most, 12))
    return short | short.map(lambda text: (text * most)[:most])


def plain(most: int) -> st.SearchStrategy[m.PlainTextObject]:
    return st.builds(m.PlainTextObject, text=words(most), emoji=maybe(st.booleans()))


def any_text(most: int) -> st.SearchStrategy[m.TextObject]:
    marked = st.builds(m.MarkdownTextObject, text=words(most), verbatim=maybe(st.booleans()))
    return plain(most) | marked


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def many(strategy: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[list[Any]]:
    few = st.lists(strategy, min_size=1, max_size=min(3, most))
    return few | few.map(lambda items: (items * most)[:most])


URLS = st.just("https://example.org/a.png")
OPTIONS = st.builds(m.Option, text=plain(75), value=words(150), description=maybe(plain(75)))
CONFIRMS = st.builds(
    m.ConfirmObject, title=plain(100), text=any_text(300), confirm=plain(30), deny=plain(30)
)
BUTTONS = st.builds(
    m.ButtonElement,
    text=plain(75),
    value=maybe(words(2000)),
    url=maybe(URLS),
    style=st.sampled_from([None, "primary", "danger"]),
    confirm=maybe(CONFIRMS),
)
SMALL_IMAGES = st.builds(m.ImageElement, image_url=URLS, alt_text=words(2000))
OVERFLOWS = st.builds(m.OverflowMenuElement, options=many(OPTIONS, 5), confirm=maybe(CONFIRMS))
PLACED = {"placeholder": maybe(plain(150)), "confirm": maybe(CONFIRMS)}
SELECTS = (
    st.builds(m.StaticSelectElement, options=many(OPTIONS, 100), **PLACED)
    | st.builds(m.StaticMultiSelectElement, options=many(OPTIONS, 100), **PLACED)
    | st.builds(m.UserSelectElement, initial_user=maybe(st.just("U1")), **PLACED)
    | st.builds(m.ConversationMultiSelectElement, max_selected_items=maybe(st.just(2)), **PLACED)
    | st.builds(m.ExternalDataSelectElement, min_query_length=maybe(st.just(0)), **PLACED)
)
CHOICES = st.builds(m.CheckboxesElement, options=many(OPTIONS, 10)) | st.builds(
    m.RadioButtonsElement, options=many(OPTIONS, 10)
)
PICKERS = st.builds(
    m.DatePickerElement, initial_date=maybe(st.dates().map(str)), **PLACED
) | st.builds(m.TimePickerElement, initial_time=maybe(st.just("23:59")), **PLACED)
TYPED = (
    st.builds(
        m.PlainTextInputElement,
        placeholder=maybe(plain(150)),
        multiline=maybe(st.booleans()),
        min_length=maybe(st.integers(0, 5)),
        max_length=maybe(st.integers(5, 3000)),
    )
    | st.builds(m.NumberInputElement, is_decimal_allowed=st.booleans(), min_value=st.just("0"))
    | st.builds(m.EmailInputElement, placeholder=maybe(plain(150)))
    | st.builds(m.UrlInputElement, placeholder=maybe(plain(150)))
    | st.builds(m.DateTimePickerElement, initial_date_time=maybe(st.integers(0, 9_999_999_999)))
)
PARTS = st.builds(m.RichTextElementParts.Text, text=words(50)) | st.builds(
    m.RichTextElementParts.Link, url=URLS, text=words(50)
)
RICH_SECTIONS = st.builds(m.RichTextSectionElement, elements=many(PARTS, 3))
RICH = RICH_SECTIONS | st.builds(
    m.RichTextListElement,
    elements=many(RICH_SECTIONS, 3),
    style=st.sampled_from(["bullet", "ordered"]),
    indent=maybe(st.integers(0, 8)),
)
EVERYWHERE = (
    st.builds(
        m.SectionBlock,
        text=any_text(3000),
        fields=maybe(many(any_text(2000), 10)),
        accessory=BUTTONS | SMALL_IMAGES | OVERFLOWS | SELECTS | CHOICES | PICKERS,
    )
    | st.builds(m.DividerBlock)
    | st.builds(m.HeaderBlock, text=plain(150))
    | st.builds(m.ActionsBlock, elements=many(BUTTONS | OVERFLOWS | SELECTS | PICKERS, 25))
    | st.builds(m.ContextBlock, elements=many(SMALL_IMAGES | any_text(3000), 10))
    | st.builds(m.ImageBlock, image_url=URLS, alt_text=words(2000), title=maybe(plain(2000)))
    | st.builds(m.RichTextBlock, elements=many(RICH, 3))
)
INPUTS = st.builds(
    m.InputBlock,
    label=plain(2000),
    hint=maybe(plain(2000)),
    element=SELECTS | CHOICES | PICKERS | TYPED,
    optional=maybe(st.booleans()),
)


@PATIENTLY
@given(built=st.lists(EVERYWHERE, min_size=1, max_size=4), text=words(3000))
def test_messages_that_slacks_models_build_are_taken(built: list[m.Block], text: str) -> None:
    metadata = Metadata(event_type="t", event_payload={"a": 1}).to_dict()
    whole = [block.to_dict() for block in built]
    validate_message({"text": f"a{text}", "blocks": whole, "metadata": metadata})


@PATIENTLY
@given(
    built=st.lists(EVERYWHERE | INPUTS, min_size=1, max_size=4),
    title=plain(24),
    submit=plain(24),
    close=maybe(plain(24)),
    private_metadata=maybe(words(3000)),
)
def test_modals_that_slacks_models_build_are_taken(built: list[m.Block], **fields: Any) -> None:
    view = View(type="modal", blocks=built, **fields).to_dict()
    assume(len(json.dumps(view)) <= VIEW_MOST_BYTES)
    validate_view(view, surface="modal")


@PATIENTLY
@given(built=st.lists(EVERYWHERE, min_size=1, max_size=4))
def test_home_tabs_that_slacks_models_build_are_taken(built: list[m.Block]) -> None:
    view = View(type="home", blocks=built).to_dict()
    assume(len(json.dumps(view)) <= VIEW_MOST_BYTES)
    validate_view(view, surface="home")


TABLES = {
    shape.type: shape
    for module in (blocks, elements, panels)
    for shape in vars(module).values()
    if isinstance(shape, Shape) and shape.type
} | {"rich_text": rich_text.RICH_TEXT}

SHARED_NAMES = {"image"}  # borne by a block and by an element


def modelled(parent: type) -> list[Any]:
    """Every model of one kind that has a table, and the fields that it sends."""
    return [
        pytest.param(model.type, set(object.__new__(model).attributes), id=model.__name__)
        for model in parent.__subclasses__()
        if getattr(model, "type", None) in TABLES.keys() - SHARED_NAMES
    ]


@pytest.mark.parametrize(("type_", "names"), modelled(m.Block))
def test_table_of_a_block_has_every_field_of_slacks_model(type_: str, names: set[str]) -> None:
    assert set(TABLES[type_].fields) == names


# The models inherit these from their parents without ever sending them.
UNSENT = {"alt_text"}


@pytest.mark.parametrize(
    ("type_", "names"),
    [*modelled(m.InteractiveElement), *modelled(m.InputInteractiveElement)],
)
def test_table_of_an_element_has_every_field_it_needs(type_: str, names: set[str]) -> None:
    own = names - UNSENT - {"confirm", "placeholder", "focus_on_load"}
    assert own <= set(TABLES[type_].fields)


def test_every_type_of_block_that_slack_models_is_known() -> None:
    types = {each.type for each in m.Block.__subclasses__()}
    unsent = {"call", "auth_provider"}  # made by Slack for call apps; agents' sign-in
    assert types - unsent <= set(TABLES)


SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "a", *TABLES])
NAMES = st.sampled_from(
    ["type", "text", "blocks", "elements", "element", "options", "rows", "child_blocks", "value"]
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@PATIENTLY
@given(
    block=st.dictionaries(NAMES, JSON, max_size=5),
    type_=st.sampled_from([*TABLES, "mrkdwn"]),
    any_=JSON,
)
def test_nonsense_is_refused_and_never_crashes(block: Any, type_: str, any_: Any) -> None:
    messy = block | {"type": type_}
    for sent in ([messy], [any_], any_, [{"type": "section", "accessory": messy}, messy]):
        with suppress(InvalidPayload):
            validate_message({"text": "a", "blocks": sent})
        with suppress(InvalidPayload):
            validate_message({"text": "a", "attachments": [{"blocks": sent}]})
        with suppress(InvalidPayload):
            validate_message({"text": any_, "attachments": any_, "metadata": any_})
        with suppress(InvalidPayload):
            validate_view({"type": "home", "blocks": sent}, surface="home")
