"""Reviewing a matching: a modal with every proposed pair and its reasons, and what is decided."""

from collections.abc import Callable
from datetime import date

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Role
from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.introductions import reasons_in_words
from mentorbot.slack.rendering import Outdated, Reading, Rendered, mention, renders
from mentorbot.storage.store import Transaction
from mentorbot.usecases import match_review
from mentorbot.usecases.match_review import InReview, ProposedPair
from mentorbot.wording import Markup, listed

PAIRS_ON_PAGE = 20
COMMENTS_SHOWN = 3
PAIRS_NAMED = 15
"""How many pairs that return are named in a message; the others are counted."""
Act = Callable[[Transaction, str], InReview | None]


def review_button(say_it: Say) -> blocks.Block:
    """The button that opens the proposed pairs."""
    return blocks.button(say_it("match_review.button"), ids.MATCH_REVIEW, style="primary")


@renders(MessageKind.MATCHING_REVIEW)
def _asked(reading: Reading) -> Rendered:
    told = reading.message.params
    if told["what"] == "returned":
        return _returned(reading)
    milestone_id = told["milestone_id"]
    if told["what"] == "approved" and not match_review.is_ready(
        reading.tx, reading.file, milestone_id
    ):
        raise Outdated
    values = {
        "programme": reading.file.name,
        "by": date.fromisoformat(told["by"]) if told["by"] else None,
        "count": told.get("count", 0),
    }
    key = f"match_review.told.{told['what']}"
    if told["what"] == "due":
        key = "match_review.told.due" if told["days"] else "match_review.told.today"
    text = reading.say(key, **values)
    row = blocks.actions(review_button(reading.say))
    return Rendered(text, [blocks.section(text), row])


def _returned(reading: Reading) -> Rendered:
    told, reader = reading.message.params, reading.message.recipients[0]
    found = match_review.returned(reading.tx, told["milestone_id"], reader)
    text = reading.say("match_review.returned", count=told["count"], programme=reading.file.name)
    lines = [
        reading.say("match_review.pair", mentor=mention(mentor), mentee=mention(mentee))
        for mentor, mentee in found[:PAIRS_NAMED]
    ]
    return Rendered(text, [blocks.section(text), *blocks.bulleted(lines)])


def show(call: Call, _rest: str = "") -> None:
    """`matching`, or a button: the first of the proposed pairs."""
    with call.read() as tx:
        found = match_review.look(tx, call.slack_user_id, call.now)
    call.open_view(review_view(found, call.slack_user_id, 0, call.say, call.locale))


def turn(call: Call) -> None:
    """A button to other pairs."""
    page, _shown = _carried(call)
    with call.read() as tx:
        found = match_review.look(tx, call.slack_user_id, call.now)
    call.update_view(review_view(found, call.slack_user_id, page, call.say, call.locale))


def _carried(call: Call) -> tuple[int, str]:
    """The page that a button leads to, and the pairs that were shown with it."""
    page, _, shown = str(call.action.get("value", "")).partition(" ")
    return (int(page) if page.isdecimal() else 0), shown


def review_view(found: InReview, reader: str, page: int, say_it: Say, locale: str) -> blocks.Block:
    """Some of the proposed pairs, how far their approval is, and what the reader can do."""
    pages = -(-len(found.pairs) // PAIRS_ON_PAGE)
    page = max(0, min(page, pages - 1))
    some = found.pairs[page * PAIRS_ON_PAGE : (page + 1) * PAIRS_ON_PAGE]
    shown = [blocks.section("\n".join(_status(found, say_it, locale))), blocks.divider()]
    shown += [_pair(it, reader, f"{page} {found.shown}", say_it, locale) for it in some]
    if pages > 1:
        shown.append(blocks.context(say_it("match_review.page", page=page + 1, pages=pages)))
        shown.append(blocks.actions(*_turning(found, page, pages, say_it)))
    row = _deciding(found, reader, page, is_last=page == pages - 1, say_it=say_it)
    shown += [blocks.actions(*row)] if row else [blocks.context(say_it("match_review.read_on"))]
    title, close = say_it("match_review.title"), say_it("close")
    return blocks.modal("notice", title, shown, close=close)


def _status(found: InReview, say_it: Say, locale: str) -> list[Markup]:
    lines = [say_it("match_review.proposed", count=len(found.pairs))]
    mentors, mentees = found.left[Role.MENTOR], found.left[Role.MENTEE]
    if mentors or mentees:
        lines.append(say_it("match_review.left", mentors=mentors, mentees=mentees))
    if found.approvers:
        who = listed([mention(it, locale) for it in found.approvers], locale)
        lines.append(say_it("match_review.approved_by", who=who))
    if found.is_approved:
        lines.append(say_it("match_review.approved"))
    else:
        lines.append(say_it("match_review.needed", count=found.needed))
        if found.group < len(found.approvers) + found.needed:
            lines.append(say_it("match_review.too_few", count=found.group))
    if found.by is not None:
        lines.append(say_it("match_review.by", by=found.by))
    return lines


def _pair(pair: ProposedPair, reader: str, carried: str, say_it: Say, locale: str) -> blocks.Block:
    who = {"mentor": mention(pair.mentor, locale), "mentee": mention(pair.mentee, locale)}
    if reader in (pair.mentor, pair.mentee):
        return blocks.section(say_it("match_review.own_pair"))
    why = reasons_in_words(pair.reasons, locale)
    key = "stands" if pair.stands else "returns"
    said = [
        say_it("match_review.comment", who=mention(author, locale), words=words)
        for author, words in pair.comments[-COMMENTS_SHOWN:]
    ]
    value = f"{carried} comment {pair.mentor_id} {pair.mentee_id}"
    change = blocks.button(say_it("match_edits.button"), ids.MATCH_CHANGE, value=value)
    text = "\n".join([say_it(f"match_review.line.{key}", **who, why=why), *said])
    return blocks.section(text, accessory=change)


def _turning(found: InReview, page: int, pages: int, say_it: Say) -> list[blocks.Block]:
    row = []
    if page > 0:
        value = f"{page - 1} {found.shown}"
        row.append(blocks.button(say_it("match_review.back"), ids.MATCH_REVIEW_BACK, value=value))
    if page < pages - 1:
        value = f"{page + 1} {found.shown}"
        row.append(blocks.button(say_it("match_review.on"), ids.MATCH_REVIEW_ON, value=value))
    return row


def _deciding(
    found: InReview, reader: str, page: int, *, is_last: bool, say_it: Say
) -> list[blocks.Block]:
    """Approving comes after the last pair; sending once enough people have approved."""
    value, row = f"{page} {found.shown}", []
    if found.may_send and found.is_approved:
        sure = _confirm("send", say_it)
        text = say_it("match_review.send")
        button = blocks.button(
            text, ids.MATCH_REVIEW_SEND, value=value, style="primary", confirm=sure
        )
        row.append(button)
    if reader in found.approvers:
        text = say_it("match_review.take_back")
        row.append(blocks.button(text, ids.MATCH_REVIEW_TAKE_BACK, value=value))
    elif is_last:
        text = say_it("match_review.approve")
        style = None if found.is_approved else "primary"
        row.append(blocks.button(text, ids.MATCH_REVIEW_APPROVE, value=value, style=style))
    if found.can_undo:
        text = say_it("match_edits.undo")
        row.append(blocks.button(text, ids.MATCH_UNDO, value=value))
    if found.may_send and is_last:
        sure = _confirm("start_over", say_it)
        text = say_it("match_review.start_over")
        button = blocks.button(text, ids.MATCH_REVIEW_START_OVER, value=value, confirm=sure)
        row.append(button)
    return row


def _confirm(what: str, say_it: Say) -> blocks.Block:
    title, text = say_it(f"match_review.sure_title.{what}"), say_it(f"match_review.sure.{what}")
    return blocks.confirm(title, text, say_it(f"match_review.{what}"), say_it("cancel"))


def approve(call: Call) -> None:
    """The button after the last pair."""
    page, shown = _carried(call)
    with call.begin() as tx:
        found = match_review.approve(tx, call.slack_user_id, shown, call.now)
    call.update_view(review_view(found, call.slack_user_id, page, call.say, call.locale))


def take_back(call: Call) -> None:
    """Somebody has thought again."""
    page, _shown = _carried(call)
    with call.begin() as tx:
        found = match_review.take_back(tx, call.slack_user_id, call.now)
    call.update_view(review_view(found, call.slack_user_id, page, call.say, call.locale))


def send(call: Call) -> None:
    """A coordinator lets the approved pairs be introduced."""
    _page, shown = _carried(call)
    with call.begin() as tx:
        match_review.send(tx, call.slack_user_id, shown, call.now)
    _close_with(call, "match_review.sent")


def start_over(call: Call) -> None:
    """A coordinator has the pairs found anew."""
    _page, shown = _carried(call)
    with call.begin() as tx:
        match_review.start_over(tx, call.slack_user_id, shown, call.now)
    _close_with(call, "matching.proposing")


def _close_with(call: Call, key: str) -> None:
    call.bot.knock.set()
    title, text = call.say("match_review.title"), call.say(key)
    call.update_view(blocks.modal("notice", title, [blocks.section(text)], close=call.say("close")))


def register(app: App, bot: MentorBot) -> None:
    """Listen to everything in the modal, and to what opens it."""
    for action_id, listener in (
        (ids.MATCH_REVIEW, show),
        (ids.MATCH_REVIEW_BACK, turn),
        (ids.MATCH_REVIEW_ON, turn),
        (ids.MATCH_REVIEW_APPROVE, approve),
        (ids.MATCH_REVIEW_TAKE_BACK, take_back),
        (ids.MATCH_REVIEW_SEND, send),
        (ids.MATCH_REVIEW_START_OVER, start_over),
    ):
        app.action(action_id)(guard(bot, listener))
