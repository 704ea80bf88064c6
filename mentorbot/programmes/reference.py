"""The reference of programme files, in Markdown, made from the schema itself."""

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import Any

from mentorbot.domain.conditions import WORDS
from mentorbot.domain.programme import schema

Part = Mapping[str, Any]
OPENING = """# The programme file

A programme is one file in YAML. `mentorbot programme show img` prints one to begin from,
`mentorbot programme new mine.yml` asks a few questions and writes one, and
`mentorbot programme check mine.yml` names every mistake by line and column. This page is printed by
`mentorbot programme reference`, from the schema by which files are checked.

Dates are written like `2027-01-31` and are in the programme's time zone. An id is a word in small
letters, digits and underscores, such as `first_cohort`. Only plain YAML is read: no tags, no
aliases, no word twice, at most 1,000,000 bytes.
"""
CONDITIONS = """## Conditions

Who may take part is said by one condition for each role. Each is recognised by its own word, and
`all`, `any` and `not` hold others:

```yaml
eligibility:
  mentee:
    any:
      - all:
          - {answer: degree, is: PhD}
          - {answer: year, at_least: 3, why: PhD students can take part from their 3rd year.}
      - {listed_in: members}
```

`why` is what an applicant reads instead of our own words. Whoever misses one bound alone by no more
than `near` is a near miss, and a person looks.
"""


def reference() -> str:
    """The whole page."""
    found = schema()
    parts: Mapping[str, Part] = found["$defs"]
    order = _reached(found["properties"], parts)
    conditions = [name for name in order if _word(parts[name])]
    plain = [name for name in order if name not in conditions and "properties" in parts[name]]
    pages = [OPENING, _section("The file as a whole", found, parts)]
    pages += [_section(_title(name), parts[name], parts) for name in plain]
    pages += [CONDITIONS]
    pages += [_section(f"`{_word(parts[name])}`", parts[name], parts, "###") for name in conditions]
    return "\n".join(pages)


def _reached(here: Any, parts: Mapping[str, Part], seen: list[str] | None = None) -> list[str]:
    """The parts that a part leads to, in the order in which a reader meets them."""
    seen = [] if seen is None else seen
    for name in _references(here):
        if name not in seen:
            seen.append(name)
            _reached(parts[name], parts, seen)
    return seen


def _references(here: Any) -> Iterator[str]:
    if isinstance(here, dict):
        for key, value in here.items():
            if key == "$ref":
                yield value.rpartition("/")[2]
            elif key != "mapping":
                yield from _references(value)
    elif isinstance(here, list):
        for value in here:
            yield from _references(value)


def _word(part: Part) -> str | None:
    """The word by which a condition is recognised."""
    required = part.get("required", ())
    return next((word for word in WORDS if word in required), None)


def _title(name: str) -> str:
    """A class's name as words: `ClosingRules` is "Closing rules"."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return words.strip().capitalize()


def _section(title: str, part: Part, parts: Mapping[str, Part], level: str = "##") -> str:
    lines = [f"{level} {title}", "", inspect.cleandoc(part.get("description", "")), ""]
    lines += ["| word | takes | needed |", "|---|---|---|"]
    required = part.get("required", ())
    for word, value in part["properties"].items():
        needed = "yes" if word in required else _default(value)
        lines.append(f"| `{word}` | {_takes(value, parts)} | {needed} |")
    return "\n".join([*lines, ""])


def _default(value: Part) -> str:
    default = value.get("default")
    if default in (None, [], {}, ()):
        return "no"
    return f"no: {json.dumps(default, ensure_ascii=False)}"


def _takes(value: Part, parts: Mapping[str, Part]) -> str:
    """What may stand there, in a few words."""
    if "$ref" in value:
        return _named(value["$ref"].rpartition("/")[2], parts)
    options = [it for it in value.get("anyOf", value.get("oneOf", ())) if it.get("type") != "null"]
    if options:
        return " or ".join(dict.fromkeys(_takes(it, parts) for it in options))
    if "const" in value or "enum" in value:
        return " or ".join(f"`{it}`" for it in value.get("enum", [value.get("const")]))
    if value.get("type") == "array":
        return f"list of {_takes(value['items'], parts)}{_bounds(value, 'Items')}"
    if value.get("type") == "object":
        return _mapping(value, parts)
    return f"{_plain(value)}{_bounds(value, 'Length')}{_range(value)}"


def _mapping(value: Part, parts: Mapping[str, Part]) -> str:
    """Words that a file chooses itself, or that are given, and what each takes."""
    names = value.get("propertyNames", {})
    name = names.get("$ref", "").rpartition("/")[2]
    keys = _takes(parts[name], parts) if name else "ids of your own"
    inner = [value.get("additionalProperties"), *value.get("patternProperties", {}).values()]
    return f"for {keys}: {' or '.join(_takes(it, parts) for it in inner if it)}"


def _named(name: str, parts: Mapping[str, Part]) -> str:
    if "enum" in parts[name]:
        return _takes(parts[name], parts)
    if _word(parts[name]):
        return "a [condition](#conditions)"
    title = _title(name)
    return f"[{title.lower()}](#{title.lower().replace(' ', '-')})"


def _plain(value: Part) -> str:
    kinds = {"string": "text", "integer": "whole number", "boolean": "`true` or `false`"}
    formats = {"date": "date", "time": "time of day"}
    pattern = str(value.get("pattern"))
    if pattern.startswith(("^[a-z]", "^https")):
        return "id" if pattern.startswith("^[a-z]") else "`https` address"
    return formats.get(value.get("format", ""), kinds.get(value.get("type", ""), "text"))


def _bounds(value: Part, of: str) -> str:
    least, most = value.get(f"min{of}"), value.get(f"max{of}")
    unit = " characters" if of == "Length" else ""
    if least and most and least > 1:
        return f", {least:,} to {most:,}{unit}"
    return f", at most {most:,}{unit}" if most else ""


def _range(value: Part) -> str:
    least, most = value.get("minimum"), value.get("maximum")
    if least is not None and most is not None:
        return f" from {least:,} to {most:,}"
    return f" from {least:,}" if least is not None else ""
