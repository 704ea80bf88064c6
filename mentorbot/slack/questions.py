"""The questions of a programme file as input blocks."""

from collections.abc import Callable
from typing import Any

from mentorbot.domain.questions import (
    LONGEST_LIST,
    AnyQuestion,
    Choice,
    Choices,
    LongText,
    Number,
    Text,
    Widget,
)
from mentorbot.slack import blocks
from mentorbot.wording import say

TICKED = "agreed"


def question_field(question: AnyQuestion, known: dict[str, Any], locale: str) -> blocks.Block:
    """A question as an input block, filled with what is known."""
    answer = _fitting(question, known.get(question.id))
    element = _ELEMENTS[question.widget](question, answer, locale)
    return blocks.field(
        question.id,
        question.label,
        element,
        hint=question.hint,
        optional=not question.required,
    )


def _fitting(question: AnyQuestion, known: Any) -> Any:
    """What is known, where a field of this kind can show it: the file may have asked otherwise."""
    if known is None or question.widget is Widget.TICK:
        return known
    answer = question.clean(known)
    is_strict = question.widget in (Widget.NUMBER, Widget.DATE)
    return None if is_strict and question.problem(answer) else answer


def _line(question: Text, known: Any, _locale: str) -> blocks.Block:
    return blocks.text_input(most=question.most, initial=known)


def _paragraph(question: LongText, known: Any, _locale: str) -> blocks.Block:
    return blocks.text_input(
        most=question.most, least=question.least, multiline=True, initial=known
    )


def _one_of(question: Choice, known: Any, locale: str) -> blocks.Block:
    options = [blocks.option(text) for text in question.options]
    return _asking(blocks.select(options, initial=known), locale)


def _some_of(question: Choices, known: Any, locale: str) -> blocks.Block:
    options = [blocks.option(text) for text in question.options]
    element = blocks.multi_select(options, initial=known or ())
    if question.most < len(options):
        element["max_selected_items"] = question.most
    return _asking(element, locale)


def _number(question: Number, known: Any, locale: str) -> blocks.Block:
    """A list where it is short enough; picking is quicker than typing."""
    if question.most - question.least < LONGEST_LIST:
        numbers = [blocks.option(str(n)) for n in range(question.least, question.most + 1)]
        initial = str(question.least if known is None and question.required else known)
        return _asking(blocks.select(numbers, initial=initial), locale)
    return blocks.number_input(question.least, question.most, initial=known)


def _date(_question: AnyQuestion, known: Any, _locale: str) -> blocks.Block:
    return blocks.date_picker(initial=known)


def _email(_question: AnyQuestion, known: Any, _locale: str) -> blocks.Block:
    return blocks.email_input(initial=known)


def _tick(question: AnyQuestion, known: Any, locale: str) -> blocks.Block:
    box = blocks.option(say(f"form.tick.{question.kind}", locale), TICKED)
    return blocks.checkboxes([box], initial=[TICKED] if known else [])


def _asking(element: blocks.Block, locale: str) -> blocks.Block:
    return {**element, "placeholder": blocks.plain_text(say("form.choose", locale), 150)}


_ELEMENTS: dict[Widget, Callable[[Any, Any, str], blocks.Block]] = {
    Widget.LINE: _line,
    Widget.PARAGRAPH: _paragraph,
    Widget.ONE_OF: _one_of,
    Widget.SOME_OF: _some_of,
    Widget.NUMBER: _number,
    Widget.DATE: _date,
    Widget.EMAIL: _email,
    Widget.TICK: _tick,
}
