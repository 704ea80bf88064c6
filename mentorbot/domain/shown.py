"""Answers that others may read: what a file may show of somebody, in a ballot or a directory."""

from collections.abc import Collection, Iterator, Sequence

from mentorbot.domain.model import Role
from mentorbot.domain.parts import Place
from mentorbot.domain.questions import AnyQuestion, Widget


def shown_faults(
    shown: Sequence[str],
    questions: Sequence[AnyQuestion],
    roles: Collection[Role],
    *,
    readers: str,
    whom: str,
) -> Iterator[tuple[Place, str]]:
    """Answers that `readers` must not read, or that nobody in some roles gives, who are `whom`."""
    by_id = {asked.id: asked for asked in questions}
    for number, question_id in enumerate(shown):
        place: Place = ("shown", number)
        asked = by_id.get(question_id)
        if asked is None:
            yield place, f"the form has no question {question_id!r}"
        elif asked.sensitive:
            yield place, f"{question_id} is sensitive: {readers} never read the answers"
        elif asked.widget is Widget.EMAIL:
            yield place, f"{question_id} is an address: {readers} never read it"
        elif asked.widget is Widget.TICK:
            yield place, f"{question_id} is a tick: there is nothing to read"
        elif not set(asked.roles) & set(roles):
            yield place, f"{question_id} is not asked of {whom}"
        elif question_id in shown[:number]:
            yield place, f"{question_id} is shown twice"
