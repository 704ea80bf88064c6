"""How alike two free texts are, by the words that they share and few others use (TF-IDF).

A word weighs its number in the text times ln((1 + texts) / (1 + texts with it)) + 1, a text is a
direction of length 1, and two texts are as alike as the cosine between them (Salton & Buckley
1988). Directions are rounded to whole numbers, so that every sum is exact in any order.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentorbot.domain.matching.criteria import Codes, Encoded
from mentorbot.domain.matching.problem import Block

MOST_WORDS = 512
"""How many words are compared: of those on both sides, the ones that most texts have."""
LENGTH = 1024
"""A direction's length in whole numbers; products of two stay exact in 24 bits."""
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Texts:
    """How alike what a mentee and a mentor wrote is."""

    def encoded(self, mentees: Sequence[Any], mentors: Sequence[Any]) -> tuple[Encoded, Encoded]:
        """Directions over the words of both sides."""
        sides = [[_words(it) for it in side] for side in (mentees, mentors)]
        found_in = [Counter(word for text in side for word in text) for side in sides]
        total = found_in[0] + found_in[1]
        texts = sum(bool(text) for side in sides for text in side)
        rarity = {word: log((1 + texts) / (1 + count)) + 1 for word, count in total.items()}
        both = sorted(found_in[0].keys() & found_in[1].keys(), key=lambda it: (-total[it], it))
        compared = {word: number for number, word in enumerate(both[:MOST_WORDS])}
        directions = [_directions(side, rarity, compared) for side in sides]
        return directions[0], directions[1]

    def points(self, mentees: Codes, mentors: Codes, most: int) -> Block:
        """The cosine's share, rounded."""
        products: NDArray[np.float32] = mentees @ mentors.T
        full = LENGTH * LENGTH
        np.minimum(products, full, out=products)
        products *= np.float32(most / full)
        products += np.float32(0.5)
        return products.astype(np.int16)


def _words(text: Any) -> Counter[str]:
    return Counter(_WORD.findall(str(text).casefold())) if text else Counter()


def _directions(
    texts: Sequence[Counter[str]], rarity: dict[str, float], compared: dict[str, int]
) -> Encoded:
    rows = np.zeros((len(texts), max(len(compared), 1)), dtype=np.float32)
    for number, words in enumerate(texts):
        weights = {word: count * rarity[word] for word, count in sorted(words.items())}
        length = sqrt(sum(it * it for it in weights.values()))
        for word in weights.keys() & compared.keys():
            rows[number, compared[word]] = round(LENGTH * weights[word] / length)
    return Encoded(rows, np.array([not it for it in texts], dtype=bool))
