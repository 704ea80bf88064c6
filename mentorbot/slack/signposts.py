"""Where to turn for more support than anybody here can give, those near the reader first."""

from collections.abc import Mapping

from mentorbot.domain.programme import ProgrammeFile
from mentorbot.slack import blocks
from mentorbot.wording import escape, say


def signposts(
    file: ProgrammeFile, locale: str, answers: Mapping[str, object] | None = None
) -> list[blocks.Block]:
    """The file's places to turn to; one for a place is shown to those who answered that place.

    Who is not known to live anywhere reads all of them.
    """
    said = {it.strip().casefold() for it in (answers or {}).values() if isinstance(it, str)}
    near = [it for it in file.signposts if it.place and it.place.casefold() in said]
    others = [it for it in file.signposts if it not in near and not (near and it.place)]
    lines = [f"<{it.url}|{escape(it.label)}>" for it in (*near, *others)]
    if not lines:
        return []
    return [blocks.section(f"{say('signposts', locale)}\n{blocks.bullets(lines)}")]
