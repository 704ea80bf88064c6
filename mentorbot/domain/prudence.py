"""What is legal in a programme file, but unwise."""

from collections.abc import Iterator

from mentorbot.domain.model import Role
from mentorbot.domain.programme import CAPACITY, ProgrammeFile

SOON_DAYS = 14
LONG_FORM = 12
MANY_DAYS = 35


def warnings(file: ProgrammeFile) -> Iterator[str]:
    """A sentence for each thing that a coordinator may come to regret."""
    check_in, cycle = file.touchpoints.check_in, file.cycle
    if check_in.first_day > SOON_DAYS:
        late = f"the first check-in comes after {check_in.first_day} days"
        yield f"{late}: a pair that never met is noticed late"
    if (check_in.every_days or 0) > MANY_DAYS:
        yield f"check-ins are {check_in.every_days} days apart: silence is noticed late"
    if check_in.first_day >= cycle.least_days - file.touchpoints.closing.days_before_end:
        yield "no check-in comes before the closing"
    if not file.touchpoints.closing.reminder_days:
        yield "nobody is reminded of the feedback, on which certificates depend"
    if not file.matching.criteria:
        yield "no criterion says who fits whom: partners are given by waiting time alone"
    if not file.signposts:
        yield "there is no place to turn to for somebody who needs more than a mentor"
    for role in Role:
        asked = len(file.questions_for(role))
        if asked > LONG_FORM:
            yield f"a {role} is asked {asked} questions: many will not finish the form"
    if CAPACITY not in {question.id for question in file.form}:
        yield "mentors are not asked for their capacity: each has one mentee at a time"
