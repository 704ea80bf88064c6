"""Conditions of a programme file over what is known of an applicant, each with what it tells.

A condition is recognised by its own word, such as `at_least`; a new one is a class here, in
`Condition`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, ClassVar, get_args

from pydantic import Discriminator, Field, StrictInt, Tag

from mentorbot.domain.parts import Identifier, Line, OptionText, Part
from mentorbot.domain.questions import AnyQuestion, Choice, Choices, Day, Number

Domain = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=200)]
Reason = tuple[str, Mapping[str, str | int]]
"""A wording key and its values; a `question` among them is an id, whose label is shown."""


@dataclass(frozen=True)
class Facts:
    """What is known of an applicant: answers by question id, addresses, the lists they are on."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    emails: Collection[str] = ()
    lists: Collection[str] = ()


class _Condition(Part):
    """A condition; `word` is the one that names it in the file."""

    word: ClassVar[str]

    def missed(self, facts: Facts) -> "tuple[Leaf, ...]":
        """The fewest conditions that keep an applicant out; none where this one holds."""
        raise NotImplementedError

    def leaves(self) -> "Iterator[Leaf]":
        """Every single condition in it."""
        raise NotImplementedError


class Leaf(_Condition):
    """A single condition; `why` is what is told where it does not hold, instead of our own."""

    why: Line | None = None

    def holds(self, facts: Facts) -> bool:
        """Whether it is so."""
        raise NotImplementedError

    def is_near(self, facts: Facts) -> bool:  # noqa: ARG002  # for those with a bound
        """Whether it does not hold by so little that a person should look."""
        return False

    def reason(self) -> Reason:
        """What an applicant is told."""
        raise NotImplementedError

    def told(self) -> Reason:
        """The programme's own words, or ours."""
        return ("eligibility.why", {"why": self.why}) if self.why else self.reason()

    def fault(self, questions: Mapping[str, AnyQuestion]) -> str | None:  # noqa: ARG002
        """Why it can never be decided in this programme, or None."""
        return None

    def missed(self, facts: Facts) -> "tuple[Leaf, ...]":
        """Itself, or nothing."""
        return () if self.holds(facts) else (self,)

    def leaves(self) -> "Iterator[Leaf]":
        """Itself."""
        yield self


class _OfAnswer(Leaf):
    """A condition on the answer to one question."""

    answer: Identifier

    def found(self, facts: Facts) -> Any:
        """The answer, or None."""
        return facts.answers.get(self.answer)

    def fault(self, questions: Mapping[str, AnyQuestion]) -> str | None:
        """A question that is not asked, or whose answers can never fit."""
        question = questions.get(self.answer)
        if question is None:
            return f"the form has no question {self.answer!r}"
        if question.sensitive:
            return f"{self.answer} is sensitive: nobody may be left out by it"
        return self._misfit(question)

    def _misfit(self, question: AnyQuestion) -> str | None:
        raise NotImplementedError


class Is(_OfAnswer):
    """The answer is exactly this."""

    word = "is"
    is_: StrictInt | OptionText = Field(alias="is")

    def holds(self, facts: Facts) -> bool:
        """Whether it is so."""
        return bool(self.found(facts) == self.is_)

    def reason(self) -> Reason:
        """What it has to be."""
        return "eligibility.is", {"question": self.answer, "wanted": self.is_}

    def _misfit(self, question: AnyQuestion) -> str | None:
        return _not_on_offer(question, [self.is_])


class OneOf(_OfAnswer):
    """The answer is one of these, or has one of these in it."""

    word = "one_of"
    one_of: tuple[OptionText, ...] = Field(min_length=1)

    def holds(self, facts: Facts) -> bool:
        """Whether it is so."""
        found = self.found(facts)
        given = found if isinstance(found, list) else [found]
        return bool(set(given) & set(self.one_of))

    def reason(self) -> Reason:
        """What it may be."""
        return "eligibility.one_of", {"question": self.answer, "wanted": ", ".join(self.one_of)}

    def _misfit(self, question: AnyQuestion) -> str | None:
        return _not_on_offer(question, list(self.one_of))


class _Bound(_OfAnswer):
    """A bound on a number or a date; `near` is by how much one may miss it and still be seen.

    In the question's own unit, or days.
    """

    near: int = Field(default=1, ge=0)

    def bound(self) -> int | date:
        """The last value that is still well."""
        raise NotImplementedError

    def short_by(self, found: int | date) -> int:
        """By how much an answer misses the bound; 0 or less where it does not."""
        raise NotImplementedError

    def value(self, facts: Facts) -> int | date | None:
        """The answer as the kind of thing that the bound is."""
        found = self.found(facts)
        if isinstance(self.bound(), int):
            return found if isinstance(found, int) else None
        try:
            return date.fromisoformat(found)
        except (TypeError, ValueError):
            return None

    def holds(self, facts: Facts) -> bool:
        """Whether it is so."""
        found = self.value(facts)
        return found is not None and self.short_by(found) <= 0

    def is_near(self, facts: Facts) -> bool:
        """Whether it is missed by no more than `near`."""
        found = self.value(facts)
        return found is not None and 0 < self.short_by(found) <= self.near

    def reason(self) -> Reason:
        """The bound."""
        bound = self.bound()
        if isinstance(bound, date):
            return f"eligibility.{self.word}_on", {"question": self.answer, "on": bound.isoformat()}
        return f"eligibility.{self.word}", {"question": self.answer, "wanted": str(bound)}

    def _misfit(self, question: AnyQuestion) -> str | None:
        fitting = Number if isinstance(self.bound(), int) else Day
        if isinstance(question, fitting):
            return None
        wanted = "number" if fitting is Number else "date"
        return f"{self.word} needs a question of the kind {wanted}, and {self.answer} is none"


class AtLeast(_Bound):
    """The answer is this number or date, or more."""

    word = "at_least"
    at_least: StrictInt | date

    def bound(self) -> int | date:
        """The smallest value."""
        return self.at_least

    def short_by(self, found: int | date) -> int:
        """How much more it would have to be."""
        return _apart(self.at_least, found)


class AtMost(_Bound):
    """The answer is this number or date, or less."""

    word = "at_most"
    at_most: StrictInt | date

    def bound(self) -> int | date:
        """The largest value."""
        return self.at_most

    def short_by(self, found: int | date) -> int:
        """How much less it would have to be."""
        return _apart(found, self.at_most)


class ListedIn(Leaf):
    """The applicant is on a list that coordinators keep, such as a society's members.

    They are known by an address that Slack has confirmed for them, or that a form's export tells.
    Any other that they type is a near miss.
    """

    word = "listed_in"
    listed_in: Identifier

    def holds(self, facts: Facts) -> bool:
        """Whether it is so."""
        return self.listed_in in facts.lists

    def reason(self) -> Reason:
        """Which list."""
        named = self.listed_in.replace("_", " ")
        return "eligibility.listed_in", {"wanted": named, "listed_in": self.listed_in}


class EmailDomain(Leaf):
    """The applicant's address is of one of these domains, or below one.

    It is one that Slack has confirmed for them, or that a form's export tells. Any other that they
    type is a near miss.
    """

    word = "email_domain"
    email_domain: tuple[Domain, ...] = Field(min_length=1)

    def holds(self, facts: Facts) -> bool:
        """Whether it is so."""
        domains = [email.rpartition("@")[2].casefold() for email in facts.emails]
        return any(
            domain == it or domain.endswith(f".{it}")
            for domain in domains
            for it in self.email_domain
        )

    def reason(self) -> Reason:
        """Which domains."""
        return "eligibility.email_domain", {"wanted": ", ".join(self.email_domain)}


class AllOf(_Condition):
    """Each of these."""

    word = "all"
    all: "tuple[Condition, ...]" = Field(min_length=1, max_length=50)

    def missed(self, facts: Facts) -> tuple[Leaf, ...]:
        """What each of them misses."""
        return tuple(leaf for part in self.all for leaf in part.missed(facts))

    def leaves(self) -> Iterator[Leaf]:
        """Those of each."""
        return (leaf for part in self.all for leaf in part.leaves())


class AnyOf(_Condition):
    """At least one of these."""

    word = "any"
    any: "tuple[Condition, ...]" = Field(min_length=1, max_length=50)

    def missed(self, facts: Facts) -> tuple[Leaf, ...]:
        """What the one misses that is nearest to being so."""
        each = [part.missed(facts) for part in self.any]
        return min(each, key=lambda it: (len(it), sum(not leaf.is_near(facts) for leaf in it)))

    def leaves(self) -> Iterator[Leaf]:
        """Those of each."""
        return (leaf for part in self.any for leaf in part.leaves())


class Not(Leaf):
    """The opposite of this; `why` is needed, for nobody can guess it."""

    word = "not"
    not_: "Condition" = Field(alias="not")
    why: Line

    def holds(self, facts: Facts) -> bool:
        """Whether it is so."""
        return bool(self.not_.missed(facts))

    def reason(self) -> Reason:
        """The programme's own words; there are no others."""
        return "eligibility.why", {"why": self.why}

    def leaves(self) -> Iterator[Leaf]:
        """Those that it turns round."""
        return self.not_.leaves()


_Conditions = (
    Annotated[AllOf, Tag(AllOf.word)]
    | Annotated[AnyOf, Tag(AnyOf.word)]
    | Annotated[Not, Tag(Not.word)]
    | Annotated[Is, Tag(Is.word)]
    | Annotated[OneOf, Tag(OneOf.word)]
    | Annotated[AtLeast, Tag(AtLeast.word)]
    | Annotated[AtMost, Tag(AtMost.word)]
    | Annotated[ListedIn, Tag(ListedIn.word)]
    | Annotated[EmailDomain, Tag(EmailDomain.word)]
)
WORDS = tuple(tag.tag for _kind, tag in map(get_args, get_args(_Conditions)))


def _word_of(value: Any) -> str | None:
    if isinstance(value, _Condition):
        return value.word
    words = [word for word in WORDS if isinstance(value, dict) and word in value]
    return words[0] if len(words) == 1 else None


Condition = Annotated[
    _Conditions,
    Discriminator(
        _word_of,
        custom_error_type="condition",
        custom_error_message=f"a condition has exactly one of these words: {', '.join(WORDS)}",
    ),
]
for _group in (AllOf, AnyOf, Not):
    _group.model_rebuild()


def _apart(larger: int | date, smaller: int | date) -> int:
    if isinstance(larger, date) and isinstance(smaller, date):
        return (larger - smaller).days
    if isinstance(larger, int) and isinstance(smaller, int):
        return larger - smaller
    raise TypeError("a number is not compared with a date")


def _not_on_offer(question: AnyQuestion, wanted: list[str | int]) -> str | None:
    if not isinstance(question, Choice | Choices):
        return None
    strange = [str(it) for it in wanted if it not in question.options]
    return f"{question.id} has no option {', '.join(map(repr, strange))}" if strange else None
