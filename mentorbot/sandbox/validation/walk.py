"""The walker: holds a payload against a rule and finds every place that breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

from mentorbot.sandbox.validation.problems import Problem
from mentorbot.sandbox.validation.rules import (
    AnyObject,
    Anything,
    Boolean,
    Choice,
    ListOf,
    Nullable,
    Number,
    OneOf,
    Rule,
    Shape,
    String,
)


def problems_in(value: Any, rule: Rule, pointer: str) -> Iterator[Problem]:
    """Everything wrong with `value`, whose place in the whole payload is `pointer`."""
    match rule:
        case Shape():
            yield from _in_shape(value, rule, pointer)
        case OneOf():
            yield from _in_one_of(value, rule, pointer)
        case ListOf():
            yield from _in_list(value, rule, pointer)
        case String():
            yield from _in_string(value, rule, pointer)
        case Number():
            yield from _in_number(value, rule, pointer)
        case Boolean():
            if not isinstance(value, bool):
                yield Problem(pointer, "must provide a boolean")
        case Choice():
            if isinstance(value, bool) or value not in rule.values:
                yield Problem(pointer, "must be a valid enum value")
        case Nullable():
            if value is not None:
                yield from problems_in(value, rule.rule, pointer)
        case AnyObject():
            if not isinstance(value, dict):
                yield Problem(pointer, "must provide an object")
        case Anything():
            return
        case _:
            assert_never(rule)


def _in_shape(value: Any, rule: Shape, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(pointer, "must provide an object")
        return
    found = list(_in_fields(value, rule, pointer))
    yield from found
    # Rules between fields read the values, so they are asked once each value is sound by itself.
    if not found:
        for agreement in rule.agreements:
            for problem in agreement(value):
                yield Problem(pointer + problem.pointer, problem.says)


def _in_fields(value: dict[str, Any], rule: Shape, pointer: str) -> Iterator[Problem]:
    for name, field in rule.fields.items():
        if name in value:
            yield from problems_in(value[name], field.rule, f"{pointer}/{name}")
        elif field.required:
            yield Problem(pointer, f"missing required field: {name}")
    for name in value:
        if name not in rule.fields:
            yield Problem(pointer, f"invalid additional property: {name}")


def _in_one_of(value: Any, rule: OneOf, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(pointer, "must provide an object")
    elif "type" not in value:
        yield Problem(pointer, "missing required field: type")
    elif not isinstance(value["type"], str):
        yield Problem(f"{pointer}/type", "must provide a string")
    elif value["type"] not in rule.shapes:
        yield Problem(f"{pointer}/type", f"unsupported type: {value['type']}")
    else:
        yield from _in_shape(value, rule.shapes[value["type"]], pointer)


def _in_list(value: Any, rule: ListOf, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(pointer, "must provide an array")
        return
    if len(value) < rule.least:
        yield Problem(pointer, f"must provide at least {rule.least} items")
    if rule.most is not None and len(value) > rule.most:
        yield Problem(pointer, f"no more than {rule.most} items allowed")
    for index, item in enumerate(value):
        yield from problems_in(item, rule.item, f"{pointer}/{index}")


def _in_string(value: Any, rule: String, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield Problem(pointer, "must provide a string")
    elif len(value) < rule.least:
        yield Problem(pointer, f"must be more than {rule.least - 1} characters")
    elif rule.most is not None and len(value) > rule.most:
        yield Problem(pointer, f"must be less than {rule.most + 1} characters")
    elif rule.pattern is not None and rule.pattern.fullmatch(value) is None:
        yield Problem(pointer, f"failed to match format: {rule.reading}")


def _in_number(value: Any, rule: Number, pointer: str) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int if rule.whole else (int, float)):
        yield Problem(pointer, f"must provide {'an integer' if rule.whole else 'a number'}")
    elif rule.least is not None and value < rule.least:
        yield Problem(pointer, f"must be greater than or equal to {rule.least}")
    elif rule.most is not None and value > rule.most:
        yield Problem(pointer, f"must be less than or equal to {rule.most}")
