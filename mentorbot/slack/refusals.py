"""What a refusal carries, as a person reads it: roles by their names, dates by their own clock."""

from collections.abc import Mapping
from datetime import date, datetime

from mentorbot.domain.content import Contact
from mentorbot.slack.contacts import contact_named
from mentorbot.slack.rendering import mention
from mentorbot.usecases.importing import IMPORT
from mentorbot.wording import Markup, listed, say

DATES = frozenset({"on", "next_on"})


def worded(values: Mapping[str, str | int], locale: str) -> dict[str, object]:
    """The data of a refusal, each in words where it is none yet."""
    told: dict[str, object] = dict(values)
    told |= {name: _read(str(values[name])) for name in DATES & values.keys()}
    if "role" in values:
        told["role"] = say(f"role.{values['role']}", locale)
    if "channel" in values:
        told["channel"] = Markup(f"<#{values['channel']}>")
    if "roles" in values:
        held = [say(f"team.several.{role}", locale) for role in str(values["roles"]).split()]
        told["roles"] = listed(held, locale)
    if "team_role" in values:
        told["team_role"] = say(f"team.one.{values['team_role']}", locale)
    if "named" in values:
        is_import = values["named"] == IMPORT
        by_import = say("reviewing.by_import", locale)
        told["named"] = by_import if is_import else Markup(f"<@{values['named']}>")
    if "partners" in values:
        whom = [mention(it, locale) for it in str(values["partners"]).split()]
        told["partners"] = listed(whom, locale)
    if "contact" in values:
        told["contact"] = _contact(values, locale)
    return told


def _read(told: str) -> date:
    """A date, or an instant on the reader's clock, from its ISO form."""
    return datetime.fromisoformat(told) if "T" in told else date.fromisoformat(told)


def _contact(values: Mapping[str, str | int], locale: str) -> Markup:
    known = {name: str(values[name]) for name in ("title", "email") if name in values}
    return contact_named(Contact(name=str(values["contact"]), **known), locale)
