"""The text of a programme file: YAML with the place of every value, so that mistakes have one.

Only plain YAML is read: no tags, no aliases, no key twice, nothing longer than it has to be.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

import yaml
from pydantic_core import ErrorDetails
from yaml.reader import ReaderError

from mentorbot.domain.errors import InvalidProgramme
from mentorbot.domain.parts import Disagreements, Place

MOST_BYTES = 1_000_000
MOST_DEPTH = 40
MOST_PARTS = 20_000
MOST_MISTAKES = 100
_QUOTED = re.compile(r"'([^']*)'")
_TEXT = "tag:yaml.org,2002:str"
_SAFE_TAGS = {f"tag:yaml.org,2002:{it}" for it in ("str", "int", "float", "bool", "null", "map")}
_SAFE_TAGS |= {"tag:yaml.org,2002:seq", "tag:yaml.org,2002:timestamp"}


@dataclass(frozen=True)
class Mistake:
    """What is wrong at a place of the file; lines and columns count from 1."""

    line: int
    column: int
    path: str
    what: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.path}: {self.what}"


@dataclass(frozen=True)
class Source:
    """A file that is YAML: its data, and the node that each part of it came from."""

    data: Any
    root: yaml.Node

    def mistake(self, place: Place, what: str) -> Mistake:
        """A mistake at a place, or at the nearest part of it that is there."""
        node, path = self.root, list[str]()
        for step in place:
            child = _child(node, step)
            if child is not None:
                node, path = child, [*path, str(step)]
        missing = [str(it) for it in place[-1:] if str(it) not in path[-1:]]
        shown = ".".join([*path, *missing] if what.startswith("missing") else path)
        mark = _key_mark(self.root, path) or node.start_mark
        return Mistake(mark.line + 1, mark.column + 1, shown or "file", what)


class Located(Protocol):
    """A file that knows where each part of it stands."""

    def mistake(self, place: Place, what: str) -> Mistake:
        """A mistake at a place, or at the nearest part of it that is there."""


class _NotTaken(yaml.MarkedYAMLError):
    """YAML, but not for a programme file."""


def read_source(text: str) -> Source:
    """Read YAML; raises InvalidProgramme with the one place that keeps it from being read."""
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise InvalidProgramme(
            f"This is too long: a programme file has at most {MOST_BYTES} bytes."
        )
    try:
        _skim(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is None:
            raise InvalidProgramme("This is empty. `mentorbot programme show img` shows a file.")
        _check(root)
        if not isinstance(root, yaml.MappingNode):
            _refuse(root, "a programme file begins with words such as `id:` and `name:`")
        return Source(yaml.SafeLoader("").construct_document(root), root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        not_yaml = "" if isinstance(error, _NotTaken) else "this is not YAML: "
        raise InvalidProgramme(f"{where}{not_yaml}{error.problem}") from error
    except ReaderError as error:
        raise InvalidProgramme(_unreadable(text, error.position)) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidProgramme(f"This is not YAML: {error}") from error


def _unreadable(text: str, position: int) -> str:
    """The place of a character that YAML does not allow."""
    before = text[:position]
    line, column = before.count("\n") + 1, position - before.rfind("\n")
    return f"line {line}, column {column}: this is not YAML: a character that no text has"


def _skim(text: str) -> None:
    """Refuse, before it is read, what would be more than it looks, or takes too long to read."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        problem = None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            problem = "aliases and anchors (& and *) are not taken here"
        elif number > MOST_PARTS:
            problem = f"a programme file has no more than {MOST_PARTS:,} parts"
        elif depth > MOST_DEPTH:
            problem = "this is nested too deeply"
        if problem:
            raise _NotTaken(
                problem=problem,
                problem_mark=event.start_mark,  # type: ignore[arg-type]  # of libyaml or not
            )


def _check(node: yaml.Node) -> None:
    """Refuse what a programme file has no use for."""
    if node.tag not in _SAFE_TAGS:
        _refuse(node, f"the tag {node.tag} is not taken here")
    if node.tag.endswith(":timestamp"):
        try:
            yaml.safe_load(node.value)
        except ValueError as error:
            _refuse(node, f"{node.value} is no date: {error}")
    if isinstance(node, yaml.MappingNode):
        known: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                _refuse(key, "a key is a word")
            if key.value in known:
                _refuse(key, f"{key.value} stands here twice")
            known.add(key.value)
            key.tag = _TEXT  # a key is a word, also where YAML reads a truth, as of `on`
            _check(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _check(value)


def _refuse(node: yaml.Node, problem: str) -> None:
    raise _NotTaken(problem=problem, problem_mark=node.start_mark)


def _child(node: yaml.Node, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: yaml.Node = node.value[step]
        return found
    return None


def _key_mark(root: yaml.Node, path: Sequence[str]) -> yaml.Mark | None:
    """Where the last word of a path stands, which is where a reader looks; None in a list."""
    node: yaml.Node = root
    for number, step in enumerate(path):
        if isinstance(node, yaml.MappingNode):
            key, value = next((k, v) for k, v in node.value if k.value == step)
            if number == len(path) - 1:
                mark: yaml.Mark = key.start_mark
                return mark
            node = value
        else:
            node = node.value[int(step)]
    return None


def mistakes(
    source: Located, errors: Sequence[ErrorDetails], schema: Mapping[str, Any]
) -> list[Mistake]:
    """The errors of a validation, each at its place, with what is allowed there and what is meant.

    `schema` is the JSON Schema that was validated against. Of very many, the first are told.
    """
    spoilt = {tuple(it["loc"][:length]) for it in errors for length in range(len(it["loc"]))}
    found = [
        source.mistake(place, what)
        for it in errors[:MOST_MISTAKES]
        if it["type"] != "too_short" or it["loc"] not in spoilt
        for place, what in _placed(it, schema)
    ]
    return sorted(dict.fromkeys(found), key=lambda it: (it.line, it.column))


def _placed(error: ErrorDetails, schema: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Where to look, and what is wrong there."""
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, Disagreements):
        yield from (((*error["loc"], *place), what) for place, what in cause.found)
    elif error["type"] == "union_tag_invalid":
        yield (*error["loc"], "kind"), _in_words(error, schema)
    else:
        yield error["loc"], _in_words(error, schema)


def _in_words(error: ErrorDetails, schema: Mapping[str, Any]) -> str:
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return f"missing: {_name(error)} is needed here"
    if kind == "extra_forbidden":
        known = _words_at(schema, error["loc"])
        return f"unknown word {_name(error)!r}{_meant(_name(error), known)}"
    if "expected_tags" in context or "expected" in context:
        allowed = _QUOTED.findall(str(context.get("expected_tags") or context["expected"]))
        told = given.get("kind") if isinstance(given, dict) else given
        meant = _meant(told, allowed, say_all=False)
        return f"found {_shown(told)}; allowed: {', '.join(allowed)}{meant}"
    said = error["msg"].removeprefix("Value error, ")
    if isinstance(given, bool) and kind.startswith("string"):
        return f"found {_shown(given)}; YAML reads yes, no, on and off so: put the word in quotes"
    if isinstance(given, str | int | float) or given is None:
        return f"found {_shown(given)}; {said}"
    return said


def _name(error: ErrorDetails) -> str:
    return str(error["loc"][-1])


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _meant(word: Any, allowed: Sequence[str], *, say_all: bool = True) -> str:
    near = get_close_matches(str(word), allowed, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]!r}?"
    return "" if not allowed or not say_all else f"; known: {', '.join(sorted(allowed))}"


def _words_at(schema: Mapping[str, Any], place: Place) -> list[str]:
    """The words that may stand beside the last step of a place."""
    here = [schema]
    for step in place[:-1]:
        here = [inner for each in here for inner in _inside(schema, each, step)]
    words = [word for each in here for kind in _kinds(schema, each) for word in _words(kind)]
    return list(dict.fromkeys(words))


def _words(kind: Mapping[str, Any]) -> Sequence[str]:
    return list(kind.get("properties", ()))


def _kinds(schema: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What a part of a schema may be, references followed."""
    if "$ref" in here:
        yield from _kinds(schema, schema["$defs"][here["$ref"].rpartition("/")[2]])
        return
    options = [*here.get("anyOf", ()), *here.get("oneOf", ()), *here.get("allOf", ())]
    for option in options:
        yield from _kinds(schema, option)
    if not options:
        yield here


def _inside(
    schema: Mapping[str, Any], here: Mapping[str, Any], step: str | int
) -> Iterator[Mapping[str, Any]]:
    kinds = list(_kinds(schema, here))
    for kind in kinds:
        if isinstance(step, int):
            yield from (kind[it] for it in ("items",) if it in kind)
        elif step in kind.get("properties", {}):
            yield kind["properties"][step]
        elif isinstance(kind.get("additionalProperties"), dict):
            yield kind["additionalProperties"]
    if isinstance(step, str):  # the tag of a union: the kind that goes by it
        yield from (kind for kind in kinds if _goes_by(kind, step))


def _goes_by(kind: Mapping[str, Any], tag: str) -> bool:
    named = kind.get("properties", {}).get("kind", {})
    if named:
        return bool(named.get("const") == tag or tag in named.get("enum", ()))
    return tag in kind.get("required", ())
