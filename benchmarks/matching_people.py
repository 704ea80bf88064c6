"""People who are to be matched, made up: many agree on what they look for, as people do."""

import random
from datetime import date
from fractions import Fraction
from typing import Any

from mentorbot.domain.matching.criteria import Hours, Level, Near, Region, Same, Shared, Weekly
from mentorbot.domain.matching.scoring import CriteriaScores, Criterion

TOPICS = [f"topic {it}" for it in range(40)]
FIELDS = [f"field {it}" for it in range(16)]
LEVELS = ("student", "resident", "fellow", "attending")
REGIONS = {"London": "Europe", "Paris": "Europe", "Lagos": "Africa", "Toronto": "America"}
ZONES = {
    "London": "Europe/London",
    "Paris": "Europe/Paris",
    "Lagos": "Africa/Lagos",
    "Toronto": "America/Toronto",
    "Delhi": "Asia/Kolkata",
}
EVENINGS = [(day * 1440 + 17 * 60, day * 1440 + 21 * 60) for day in range(5)]
WEEKENDS = [(day * 1440 + 9 * 60, day * 1440 + 17 * 60) for day in (5, 6)]
CRITERIA = (
    Criterion("topics", Shared(most=3), 40, "topics"),
    Criterion("field", Same(), 20, "field"),
    Criterion("years", Near(Fraction(15)), 10, "years"),
    Criterion("level", Level(LEVELS), 10, "level"),
    Criterion("place", Region(REGIONS), 5, "place"),
    Criterion("hours", Hours(120, date(2026, 11, 23)), 15, "hours"),
)


def scores_of(mentees: int) -> CriteriaScores:
    """The scores of so many mentees and half as many mentors, from their answers."""
    return CriteriaScores(
        CRITERIA,
        people(mentees, "mentees", years=4),
        people(mentees // 2, "mentors", years=12),
    )


def people(number: int, seed: str, years: float) -> list[dict[str, Any]]:
    """Some people's answers: the first topics and fields are those that most name."""
    rng = random.Random(f"{seed} {number}")
    return [_person(rng, years) for _ in range(number)]


def _person(rng: random.Random, years: float) -> dict[str, Any]:
    place = rng.choice(list(ZONES))
    spans = sorted({*rng.sample(EVENINGS, 2), rng.choice([*EVENINGS, *WEEKENDS])})
    return {
        "topics": sorted({TOPICS[_early(rng, len(TOPICS))] for _ in range(5)}),
        "field": FIELDS[_early(rng, len(FIELDS))],
        "years": max(0, round(rng.gauss(years, 4))),
        "level": LEVELS[min(int(years / 4) + rng.randrange(2), 3)],
        "place": place,
        "hours": Weekly(ZONES[place], tuple(spans)),
    }


def _early(rng: random.Random, size: int) -> int:
    return min(int(rng.expovariate(6 / size)), size - 1)
