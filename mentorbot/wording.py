"""Every sentence a person reads: `say(key, locale, **values)` over locales/*.toml.

A key is a dotted path into the file. A table with the keys `one` and `other` is chosen by
`count` under the locale's CLDR plural rule. Values that are not `Markup` pass through `escape`, so
that no answer, name or goal can ping a channel, mention a person or place a link.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list

DEFAULT_LOCALE = "en"
_WORD_JOINER = "\u2060"
_ADDRESS = re.compile(r":(?=//)|(?<=www)\.(?=\w)|(?<=\w)\.(?=[^\W\d_])", re.IGNORECASE)


class Markup(str):
    """Text that is Slack markup already, made by us: a mention, a link, a sentence of ours."""

    __slots__ = ()


def escape(text: str) -> str:
    """Neutralise text from a person: no pings, mentions, formatting of links or entities.

    Source: Slack's "Escaping text"; a word joiner after the scheme's colon and after dots within a
    word keeps clients from turning plain addresses into links.
    """
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _ADDRESS.sub(rf"\g<0>{_WORD_JOINER}", safe)


def plain(text: str) -> str:
    """What `escape` made, as a person reads it: for headers, options and file names."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@lru_cache
def _sentences(language: str) -> Mapping[str, Any]:
    path = files("mentorbot") / "locales" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@lru_cache
def languages() -> tuple[str, ...]:
    """The languages that have a file."""
    folder = files("mentorbot") / "locales"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def language_of(locale: str) -> str:
    """The language we speak to a reader of this locale (`en-GB` and `en_US` read `en`)."""
    language = locale.replace("_", "-").split("-")[0].lower()
    return language if language in languages() else DEFAULT_LOCALE


def _babel(locale: str) -> Locale:
    language = language_of(locale)
    region = locale.replace("_", "-").split("-")[1:2]
    if language == "en" and region != ["US"]:
        return Locale("en", "GB")
    return Locale(language)


def sentence(key: str, locale: str = DEFAULT_LOCALE) -> Any:
    """What the locale's file holds under a dotted key; raises KeyError where there is nothing."""
    found: Any = _sentences(language_of(locale))
    for part in key.split("."):
        found = found[part]
    return found


def say(key: str, locale: str = DEFAULT_LOCALE, **values: Any) -> Markup:
    """A sentence, filled in; `count` picks the plural form.

    A date is told with its year, an instant by the clock that it carries.
    Raises KeyError for unknown keys.
    """
    found = sentence(key, locale)
    if isinstance(found, Mapping):
        form = _babel(locale).plural_form(values["count"])
        found = found.get(form, found["other"])
    shown = {name: _shown(value, locale) for name, value in values.items()}
    return Markup(found.format(**shown))


def _shown(value: object, locale: str) -> object:
    if isinstance(value, datetime):
        clock = Markup(format_datetime(value, "HH:mm", locale=_babel(locale)))
        return say("moment", locale, day=full_date(value, locale), clock=clock)
    if isinstance(value, date):
        return full_date(value, locale)
    return escape(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def listed(values: Sequence[str], locale: str = DEFAULT_LOCALE) -> Markup:
    """Several words as a list in prose: "Arabic, English and Urdu"."""
    return Markup(format_list([str(_shown(v, locale)) for v in values], locale=_babel(locale)))


def day(on: date, locale: str = DEFAULT_LOCALE) -> Markup:
    """A date in words, such as "Friday 27 November"."""
    pattern = "EEEE, d MMMM" if language_of(locale) == "en" else "EEEE d MMMM"
    return Markup(format_date(on, pattern, locale=_babel(locale)))


def full_date(on: date, locale: str = DEFAULT_LOCALE) -> Markup:
    """A date with its year, such as "27 November 2026"."""
    return Markup(format_date(on, "d MMMM y", locale=_babel(locale)))


def month(on: date, locale: str = DEFAULT_LOCALE) -> Markup:
    """The month of a date, such as "November 2026"."""
    return Markup(format_date(on, "LLLL y", locale=_babel(locale)))


def moment(at: datetime, time_zone: str, locale: str = DEFAULT_LOCALE) -> Markup:
    """An instant on a reader's own clock, such as "Friday, 27 November at 10:00"."""
    local = at.astimezone(ZoneInfo(time_zone))
    clock = format_datetime(local, "HH:mm", locale=_babel(locale))
    return say("moment", locale, day=day(local.date(), locale), clock=Markup(clock))
