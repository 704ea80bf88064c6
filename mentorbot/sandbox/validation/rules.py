"""The small language in which Slack's limits are written down as tables of fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mentorbot.sandbox.validation.problems import Problem

Agreement = Callable[[dict[str, Any]], Iterator[Problem]]
"""A rule between the fields of one object; its pointers are relative to the object."""


@dataclass(frozen=True, slots=True)
class String:
    """Text of `least` to `most` characters, wholly matching `pattern` where there is one."""

    most: int | None = None
    least: int = 1
    pattern: re.Pattern[str] | None = None
    reading: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A number between `least` and `most` inclusive; an integer unless `whole` is false."""

    least: float | None = None
    most: float | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false, not a word that means it."""


@dataclass(frozen=True, slots=True)
class Anything:
    """A value that Slack takes as it comes."""


@dataclass(frozen=True, slots=True)
class AnyObject:
    """An object with whatever fields its sender likes."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few values."""

    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """An array of `least` to `most` items that follow one rule."""

    item: Rule
    most: int | None = None
    least: int = 1


@dataclass(frozen=True, slots=True)
class Nullable:
    """A value that follows a rule, or null."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class Field:
    """A rule and whether the field may be left out."""

    rule: Rule
    required: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: the fields it may have, and what must hold between them.

    `source` is the title of the page in Slack's reference that the table follows. `type` is the
    value of the object's own `type` field, or empty where it has none.
    """

    source: str
    fields: Mapping[str, Field]
    type: str = ""
    agreements: tuple[Agreement, ...] = ()


@dataclass(frozen=True, slots=True)
class OneOf:
    """An object whose `type` says which of several shapes it must have."""

    shapes: Mapping[str, Shape]


Rule = String | Number | Boolean | Anything | AnyObject | Choice | ListOf | Nullable | Shape | OneOf


def required(rule: Rule) -> Field:
    """A field that must be there."""
    return Field(rule, required=True)


def optional(rule: Rule) -> Field:
    """A field that may be left out."""
    return Field(rule, required=False)


def shape(source: str, type_: str = "", /, *agreements: Agreement, **fields: Field) -> Shape:
    """A table: the reference's title, the object's type, rules between fields, the fields."""
    own = {"type": required(Choice((type_,)))} if type_ else {}
    return Shape(source, own | fields, type_, agreements)


def one_of(*shapes: Shape) -> OneOf:
    """The shape is the one whose type the object names."""
    return OneOf({each.type: each for each in shapes})
