"""The programmes that ship with MentorBot: each a file beside this one."""

from functools import cache
from importlib.resources import files

from mentorbot.domain.errors import InvalidProgramme
from mentorbot.domain.programme import ProgrammeFile, read_programme


def presets() -> tuple[str, ...]:
    """The names of the programmes that ship with MentorBot."""
    entries = files(__name__).iterdir()
    return tuple(sorted(entry.name[:-4] for entry in entries if entry.name.endswith(".yml")))


@cache
def preset(name: str) -> ProgrammeFile:
    """A programme that ships with MentorBot; raises InvalidProgramme for an unknown name."""
    return read_programme(source(name))


def source(name: str) -> str:
    """The text of a preset; raises InvalidProgramme for an unknown name."""
    if name not in presets():
        raise InvalidProgramme(f"There is no preset {name!r}; known: {', '.join(presets())}.")
    return (files(__name__) / f"{name}.yml").read_text(encoding="utf-8")
