"""When somebody can apply, or apply again, in a sentence; and otherwise whom they can ask."""

from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.windows import Opening, Window
from mentorbot.slack.contacts import contact_named
from mentorbot.usecases.outlook import How
from mentorbot.usecases.standing import Standing
from mentorbot.wording import Markup, say


def way_back(found: Standing, locale: str, *, brief: bool = False) -> Markup:
    """How somebody who goes can come back; `brief` where there is no room for a contact."""
    window = found.window
    if window.opening is Opening.ALWAYS:
        is_over = found.outlook.how is How.OVER
        return say("window.again.over" if is_over else "window.again.always", locale)
    if window.opening is Opening.EARLY:
        return say("window.again.early", locale, on=window.opens_on)
    if window.is_closed:
        closed = say("window.again.closed", locale, on=window.closes_on)
        return Markup(f"{closed} {next_round(found.file, window, locale, brief=brief)}")
    if window.closes_on is None:
        return say("window.again.open", locale)
    return say("window.again.until", locale, on=window.closes_on)


def next_round(file: ProgrammeFile, window: Window, locale: str, *, brief: bool = False) -> Markup:
    """When the next round of applications opens, or who can tell."""
    if window.next_on is not None:
        return say("window.next.reopens", locale, on=window.next_on)
    if file.contacts and not brief:
        who = contact_named(file.contacts[0], locale)
        return say("window.next.contact", locale, contact=who)
    return say("window.next.coordinators", locale)
