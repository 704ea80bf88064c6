"""Changing a proposed pair: a form, what the change would bring, and taking it back."""

from typing import NamedTuple

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import InvalidAnswers, PairsChanged, Stale
from mentorbot.domain.match_review import MOST_CHARACTERS, EditKind
from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.match_review import review_view
from mentorbot.slack.rendering import mention
from mentorbot.storage.store import Transaction
from mentorbot.usecases import match_edits, match_review
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.match_edits import Change, Option, Way, Weighed

PAIRS_NAMED = 25
"""How many pairs that go or come are named; the others are counted."""


class _Carried(NamedTuple):
    """What a modal carries: its page, the pairs as they were shown, and the two it is about."""

    page: int
    shown: str
    kind: EditKind
    mentor_id: str
    mentee_id: str
    brings: tuple[str, ...]

    @property
    def change(self) -> Change:
        """What is wanted of the two."""
        return Change(self.kind, self.mentor_id, self.mentee_id)


def _read(text: str) -> _Carried:
    parts = text.split()
    if len(parts) < 5 or not parts[0].isdecimal() or parts[2] not in list(EditKind):
        raise Stale
    page, shown, kind, mentor_id, mentee_id, *brings = parts
    return _Carried(int(page), shown, EditKind(kind), mentor_id, mentee_id, tuple(brings))


def open_change(call: Call) -> None:
    """The button beside a pair: the form."""
    with call.read() as tx:
        match_review.look(tx, call.slack_user_id, call.now)
    call.open_view(change_view(str(call.action.get("value", "")), call.say))


def change_view(metadata: str, say_it: Say) -> blocks.Block:
    """What somebody can do about a pair: say something, keep the two apart, or another mentor."""
    options = [blocks.option(say_it(f"match_edits.kind.{it}"), str(it)) for it in EditKind]
    comment = blocks.text_input(most=MOST_CHARACTERS, multiline=True)
    return blocks.modal(
        ids.MATCH_CHANGE_FORM,
        say_it("match_edits.title"),
        [
            blocks.field("kind", say_it("match_edits.what"), blocks.select(options)),
            blocks.field(
                "mentor", say_it("match_edits.mentor"), {"type": "users_select"}, optional=True
            ),
            blocks.field("words", say_it("match_edits.words"), comment, optional=True),
        ],
        submit=say_it("match_edits.go_on"),
        close=say_it("cancel"),
        private_metadata=metadata,
    )


def weigh(call: Call) -> None:
    """The form was sent: a comment is kept, of a change it is shown what it would bring."""
    given, carried = blocks.answers(call.view), _read(call.view["private_metadata"])
    kind = EditKind(given.get("kind") or EditKind.COMMENT)
    carried = carried._replace(kind=kind)
    if kind is EditKind.COMMENT:
        words = given.get("words") or ""
        with call.begin() as tx:
            who, now = call.slack_user_id, call.now
            match_edits.comment(tx, who, carried.shown, carried.change, words, now)
        _show_below(call, carried.page)
        return
    with call.read() as tx:
        carried = _with_mentor(tx, carried, given.get("mentor"))
        who, now = call.slack_user_id, call.now
        found = match_edits.weigh(tx, who, carried.shown, carried.change, now)
    metadata = " ".join(
        [str(carried.page), carried.shown, kind, carried.mentor_id, carried.mentee_id]
        + [it.shown for it in found.options]
    )
    call.ack(
        response_action="update", view=weighed_view(found, who, metadata, call.say, call.locale)
    )


def _with_mentor(tx: Transaction, carried: _Carried, picked: str | None) -> _Carried:
    if carried.kind is not EditKind.TOGETHER:
        return carried
    if not picked:
        raise InvalidAnswers({"mentor": ("form.missing", {})})
    programme_id = programme_or_refuse(tx).programme_id
    return carried._replace(mentor_id=match_edits.mentor_of(tx, programme_id, picked))


def weighed_view(
    found: Weighed, reader: str, metadata: str, say_it: Say, locale: str
) -> blocks.Block:
    """What a change would bring, in one way or two, and which of them is taken.

    Of a pair of their own a reader learns only that there is one.
    """
    shown = [blocks.section(say_it("match_edits.now", pairs=found.pairs, points=found.points))]
    for option in found.options:
        shown += _option(option, found, reader, say_it, locale)
    if found.approvals:
        shown.append(blocks.section(say_it("match_edits.clears", count=found.approvals)))
    ways = [blocks.option(say_it(f"match_edits.way.{it.way}"), str(it.way)) for it in found.options]
    choice = blocks.select(ways, initial=str(found.options[0].way))
    shown.append(blocks.field("way", say_it("match_edits.which"), choice))
    return blocks.modal(
        ids.MATCH_TAKE_FORM,
        say_it("match_edits.title"),
        shown,
        submit=say_it("match_edits.take"),
        close=say_it("cancel"),
        private_metadata=metadata,
    )


def _option(
    option: Option, found: Weighed, reader: str, say_it: Say, locale: str
) -> list[blocks.Block]:
    """One way: the sum of points, how many pairs, and which go and come."""
    text = say_it(
        "match_edits.brings",
        way=say_it(f"match_edits.way.{option.way}"),
        pairs=len(option.proposals),
        points=option.points,
        more=f"{len(option.proposals) - found.pairs:+d}",
        gained=f"{option.points - found.points:+d}",
    )
    lines = []
    if any(reader in pair for pair in (*option.out, *option.came)):
        lines.append(say_it("match_edits.line.own"))
    for key, changed in (("goes", option.out), ("comes", option.came)):
        pairs = [pair for pair in changed if reader not in pair]
        for mentor, mentee in pairs[:PAIRS_NAMED]:
            who = {"mentor": mention(mentor, locale), "mentee": mention(mentee, locale)}
            lines.append(say_it(f"match_edits.line.{key}", **who))
        if len(pairs) > PAIRS_NAMED:
            lines.append(say_it("match_edits.line.more", number=len(pairs) - PAIRS_NAMED))
    return [blocks.section(text), *blocks.bulleted(lines)]


def take(call: Call) -> None:
    """A change is taken, as it was shown: the pairs are found once more before anything is kept."""
    carried = _read(call.view["private_metadata"])
    who, now = call.slack_user_id, call.now
    way = blocks.answers(call.view).get("way") or Way.FEW
    with call.read() as tx:
        found = match_edits.weigh(tx, who, carried.shown, carried.change, now)
    chosen = [it for it in found.options if it.way == way and it.shown in carried.brings]
    if not chosen:
        raise PairsChanged
    with call.begin() as tx:
        match_edits.take(tx, who, carried.shown, carried.change, chosen[0], now)
    _show_below(call, carried.page)


def undo(call: Call) -> None:
    """The button that takes the last change back."""
    page, _, shown = str(call.action.get("value", "")).partition(" ")
    with call.begin() as tx:
        match_edits.undo(tx, call.slack_user_id, shown, call.now)
        found = match_review.look(tx, call.slack_user_id, call.now)
    number = int(page) if page.isdecimal() else 0
    call.update_view(review_view(found, call.slack_user_id, number, call.say, call.locale))


def _show_below(call: Call, page: int) -> None:
    with call.read() as tx:
        found = match_review.look(tx, call.slack_user_id, call.now)
    call.update_view_below(review_view(found, call.slack_user_id, page, call.say, call.locale))


def register(app: App, bot: MentorBot) -> None:
    """Listen to the button beside a pair, its forms, and the one that undoes."""
    app.action(ids.MATCH_CHANGE)(guard(bot, open_change))
    app.action(ids.MATCH_UNDO)(guard(bot, undo))
    app.view(ids.MATCH_CHANGE_FORM)(guard(bot, weigh))
    app.view(ids.MATCH_TAKE_FORM)(guard(bot, take))
