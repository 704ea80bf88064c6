"""The directory of mentors: what it shows of each, and who answers to some words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from mentorbot.domain.model import Role
from mentorbot.domain.parts import Identifier, Part, Place
from mentorbot.domain.questions import AnyQuestion
from mentorbot.domain.shown import shown_faults

MOST_WORDS = 12
"""So many words of a search count; who types more has pasted a text."""
EXACT, BEGINS, SIMILAR = 4, 3, 2
LEAST_TO_BEGIN, LEAST_TO_RESEMBLE = 3, 4
_WORD = re.compile(r"[^\W_]+")


class Directory(Part):
    """Mentors to look for, by their answers to the questions in `shown`.

    Whoever takes part reads their names and these answers, never addresses or sensitive ones.
    """

    shown: tuple[Identifier, ...] = Field(min_length=1, max_length=20)

    def faults(self, questions: Sequence[AnyQuestion]) -> Iterator[tuple[Place, str]]:
        """Answers that nobody may read in it, or that mentors do not give."""
        whom = "mentors, who stand in the directory"
        yield from shown_faults(self.shown, questions, [Role.MENTOR], readers="others", whom=whom)

    def text(self, answers: Mapping[str, Any]) -> str:
        """Everything that can be found of somebody with these answers."""
        found = (answers.get(question_id) for question_id in self.shown)
        return " ".join(
            " ".join(map(str, it)) if isinstance(it, list) else str(it) for it in found if it
        )


@dataclass(frozen=True)
class Entry:
    """Somebody who can be found; between those who answer equally well, `order` decides."""

    key: str
    text: str
    order: tuple[int, ...] = ()


def search(wanted: str, entries: Sequence[Entry]) -> list[str]:
    """The keys of those who answer to some words, best first; without words everybody.

    A word counts for whole words, the beginnings of words, and words with a slip in them, and for
    more the fewer people it is found with. Left out is who answers to less than half as much as
    the best. The same entries give the same answer, whatever their order.
    """
    words = words_of(wanted)[:MOST_WORDS]
    known = [frozenset(words_of(entry.text)) for entry in entries]
    scores = Counter[int]()
    vocabulary = frozenset[str]().union(*known)
    for word in dict.fromkeys(words):
        for number, points in _points(_alike(word, vocabulary), known).items():
            scores[number] += points
    least = max(scores.values(), default=0) / 2
    found = [it for it in range(len(entries)) if not words or scores[it] >= least > 0]
    found.sort(key=lambda it: (-scores[it], entries[it].order, entries[it].key))
    return [entries[it].key for it in found]


def words_of(text: str) -> list[str]:
    """The words of a text in small letters and without accents."""
    small = text.casefold()
    if not small.isascii():
        apart = unicodedata.normalize("NFKD", small)
        small = "".join(it for it in apart if not unicodedata.combining(it))
    return _WORD.findall(small)


def _alike(word: str, vocabulary: frozenset[str]) -> dict[str, int]:
    """The words that a searched one may mean; those with a slip, only where there are no others."""
    begins = {it: BEGINS for it in vocabulary if it.startswith(word)}
    if len(word) < LEAST_TO_BEGIN:
        begins = {}
    if word in vocabulary:
        begins[word] = EXACT
    if begins or len(word) < LEAST_TO_RESEMBLE:
        return begins
    mine = _trigrams(word)
    return {it: SIMILAR for it in vocabulary if _resembles(mine, it)}


def _resembles(mine: frozenset[str], other: str) -> bool:
    """Whether two words share at least half of their trigrams (Dice's coefficient)."""
    theirs = _trigrams(other)
    return 4 * len(mine & theirs) >= len(mine) + len(theirs)


def _trigrams(word: str) -> frozenset[str]:
    padded = f"  {word} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


def _points(alike: Mapping[str, int], known: Sequence[frozenset[str]]) -> dict[int, int]:
    """What a word is worth for each who has it, in whole numbers."""
    best = {
        number: max(alike[it] for it in theirs & alike.keys())
        for number, theirs in enumerate(known)
        if not theirs.isdisjoint(alike)
    }
    rarity = (len(known) // len(best)).bit_length() if best else 0
    return {number: points * rarity for number, points in best.items()}
