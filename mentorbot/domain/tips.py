"""Tips: short pieces of advice that people get now and then, each once."""

from collections.abc import Iterator, Sequence
from hashlib import sha256

from mentorbot.domain.model import Role
from mentorbot.domain.parts import Identifier, Part, Place, Prose


class Tip(Part):
    """A short piece of advice, for both roles unless one is named.

    With `stages` it is for mentees in these, and for their mentors.
    """

    text: Prose
    roles: tuple[Role, ...] = tuple(Role)
    stages: tuple[Identifier, ...] = ()

    @property
    def key(self) -> str:
        """What it is known by, wherever it stands in the file."""
        return sha256(self.text.encode()).hexdigest()[:16]

    def is_for(self, role: Role, stage_id: str | None) -> bool:
        """Whether it is for somebody in a role, in a pair whose mentee is in a stage."""
        return role in self.roles and (not self.stages or stage_id in self.stages)


def tip_for(tips: Sequence[Tip], role: Role, stage_id: str | None, turn: int) -> Tip | None:
    """The tip whose turn it is, from 1, for somebody in a role; None where there is none for them.

    After the last comes the first again: whoever joined later has not heard it.
    """
    fitting = [tip for tip in tips if tip.is_for(role, stage_id)]
    return fitting[(turn - 1) % len(fitting)] if fitting else None


def tip_faults(tips: Sequence[Tip], stage_ids: Sequence[str]) -> Iterator[tuple[Place, str]]:
    """Stages that a file does not have, and tips for nobody."""
    for number, tip in enumerate(tips):
        for place, stage_id in enumerate(tip.stages):
            if stage_id not in stage_ids:
                yield ("tips", number, "stages", place), f"there is no stage {stage_id!r}"
        if not tip.roles:
            yield ("tips", number, "roles"), "a tip is for a role, or for both"
        if tip.key in {other.key for other in tips[:number]}:
            yield ("tips", number, "text"), "this tip stands there twice"
