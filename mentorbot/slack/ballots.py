"""The ballot: reading about those whom one can choose from, voting, and how far it has come."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.erasures import is_stand_in
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Participant, Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import (
    Outdated,
    Reading,
    Rendered,
    at_moment,
    mention,
    renders,
)
from mentorbot.storage.store import Transaction
from mentorbot.usecases import placing, voting
from mentorbot.usecases.ballot_matching import LEFT_OVER, NO_VOTE, REASON
from mentorbot.usecases.outlook import outlook
from mentorbot.usecases.standing import InBallot
from mentorbot.usecases.voting import Board, Paper
from mentorbot.wording import Markup, escape, listed, moment, say

PEOPLE_ON_A_PAGE = 10
ANSWER_MOST = 400
LINES_SHOWN = 60


@renders(MessageKind.BALLOT_OPENED)
def _opened(reading: Reading) -> Rendered:
    return _with_button(reading, "ballot.opened")


@renders(MessageKind.BALLOT_REMINDED)
def _reminded(reading: Reading) -> Rendered:
    return _with_button(reading, "ballot.reminded")


@renders(MessageKind.BALLOT_CHOICE_GONE)
def _choice_gone(reading: Reading) -> Rendered:
    about = reading.message.params["about"]
    if is_stand_in(about):
        return _with_button(reading, "ballot.choice_gone_unnamed")
    return _with_button(reading, "ballot.choice_gone", who=mention(about, reading.locale))


def _with_button(reading: Reading, key: str, **values: object) -> Rendered:
    closes_at = datetime.fromisoformat(reading.message.params["closes_at"])
    rules, role = reading.file.matching.ballot, reading.member().role or Role.MENTEE
    if role not in reading.file.matching.voters:
        raise Outdated
    text = reading.say(
        key,
        programme=reading.file.name,
        looking=reading.say(f"role.{role.counterpart}"),
        count=rules.choices if rules else 1,
        until=at_moment(reading, closes_at),
        **values,
    )
    return Rendered(text, [blocks.section(text), blocks.actions(vote_button(reading.say))])


def vote_button(say_it: Say, *, has_voted: bool = False) -> blocks.Block:
    """The button that opens the ballot paper."""
    key = "ballot.change" if has_voted else "ballot.choose"
    return blocks.button(say_it(key), ids.VOTE, style=None if has_voted else "primary")


@renders(MessageKind.BALLOT_NOT_OPENED)
def _not_opened(reading: Reading) -> Rendered:
    text = reading.say("ballot.not_opened", programme=reading.file.name)
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.BALLOT_AWAITED)
def _awaited(reading: Reading) -> Rendered:
    text = reading.say("ballot.awaited", programme=reading.file.name)
    return Rendered(text, [blocks.section(text)])


def own_lines(mine: InBallot, say_it: Say, time_zone: str, locale: str) -> list[Markup]:
    """How somebody stands in the ballot."""
    if mine.opens_at is not None:
        return [say_it("ballot.opens", opens=moment(mine.opens_at, time_zone, locale))]
    if mine.closes_at is None:
        return []
    key = "ballot.you_voted" if mine.has_voted else "ballot.you_have_not"
    return [say_it(key, until=moment(mine.closes_at, time_zone, locale))]


def open_paper(call: Call) -> None:
    """The button of the message, or of App Home: whom to choose from, and the choices so far."""
    with call.read() as tx:
        paper = voting.paper(tx, call.slack_user_id, call.now)
        view = _paper_view(tx, call, paper, paper.choices, 0)
    call.open_view(view)


def turn_page(call: Call) -> None:
    """Another page of people; what is chosen so far, though not sent yet, stays chosen."""
    chosen, wanted = _chosen(call.view), str(call.action.get("value", ""))
    page = int(wanted) if wanted.isdecimal() else 0
    with call.read() as tx:
        paper = voting.paper(tx, call.slack_user_id, call.now)
        view = _paper_view(tx, call, paper, chosen, page)
    call.update_view(view)


def _chosen(view: Mapping[str, Any]) -> list[str]:
    """The choices in a paper, in order; empty where there is none."""
    given = blocks.answers(dict(view))
    return [str(given.get(str(number)) or "") for number in range(1, len(given) + 1)]


def save_vote(call: Call) -> None:
    """The paper was sent."""
    chosen = _chosen(call.view)
    with call.begin() as tx:
        cast = voting.vote(tx, call.slack_user_id, call.view["private_metadata"], chosen, call.now)
        names = _names(tx, cast.people)
        until = _until(tx, call, cast.file, cast.ballot.closes_at)
    lines = [f"{number}.  {escape(names[it])}" for number, it in enumerate(cast.choices, start=1)]
    call.tell(call.say("ballot.voted", choices=Markup("\n".join(lines)), until=until))


def _until(tx: Transaction, call: Call, file: ProgrammeFile, at: datetime) -> Markup:
    return moment(at, placing.zone_of(tx, file, call.slack_user_id), call.locale)


def _names(tx: Transaction, people: Sequence[Participant]) -> dict[str, str]:
    """What to call people in a list, each another way: namesakes are numbered."""
    known = voting.names(tx, people)
    several = {name for name, count in Counter(known.values()).items() if count > 1}
    seen, found = Counter[str](), {}
    for one in people:
        name = known[one.participant_id] or one.slack_user_id
        seen[name] += 1
        found[one.participant_id] = f"{name} ({seen[name]})" if name in several else name
    return found


def _paper_view(
    tx: Transaction, call: Call, paper: Paper, chosen: Sequence[str], page: int
) -> blocks.Block:
    names = _names(tx, paper.people)
    pages = [
        paper.people[begin : begin + PEOPLE_ON_A_PAGE]
        for begin in range(0, len(paper.people), PEOPLE_ON_A_PAGE)
    ] or [()]
    page = min(max(page, 0), len(pages) - 1)
    until = _until(tx, call, paper.file, paper.ballot.closes_at)
    role = (paper.voter.role or Role.MENTEE).counterpart
    if not paper.people:
        nobody = blocks.section(call.say(f"ballot.nobody.{role}"))
        return blocks.modal("notice", call.say("ballot.title"), [nobody], close=call.say("close"))
    shown = [blocks.section(call.say(f"ballot.intro.{role}", until=until, count=paper.most))]
    shown += _selects(call, paper, names, chosen, pages[page])
    shown += [blocks.divider()]
    shown += [_described(call, paper.file, one, names) for one in pages[page]]
    shown += _turning(call, page, len(pages))
    return blocks.modal(
        ids.VOTE_FORM,
        call.say("ballot.title"),
        shown,
        submit=call.say("ballot.send"),
        close=call.say("cancel"),
        private_metadata=paper.ballot.ballot_id,
    )


def _selects(
    call: Call,
    paper: Paper,
    names: Mapping[str, str],
    chosen: Sequence[str],
    on_page: Sequence[Participant],
) -> list[blocks.Block]:
    """A list for each choice: of everybody, or where they are too many, of this page's people."""
    offered, hint_key = list(names), "ballot.first_hint"
    if len(offered) > blocks.OPTIONS_MOST:
        hint_key = "ballot.page_hint"
        on_this = {it.participant_id for it in on_page}
        offered = [it for it in offered if it in on_this or it in chosen]
    options = [blocks.option(names[it], it) for it in sorted(offered, key=lambda it: names[it])]
    found = []
    for number in range(1, paper.most + 1):
        initial = chosen[number - 1] if number <= len(chosen) else None
        element = blocks.select(options, initial=initial)
        element["placeholder"] = blocks.plain_text(call.say("form.choose"), 150)
        label = call.say("ballot.choice", number=number)
        hint = call.say(hint_key) if number == 1 and paper.most > 1 else None
        found.append(blocks.field(str(number), label, element, hint=hint, optional=number > 1))
    return found


def _described(
    call: Call, file: ProgrammeFile, one: Participant, names: Mapping[str, str]
) -> blocks.Block:
    """Somebody by name, and by those answers that the file shows."""
    asked = {it.id: it for it in file.questions_for(one.role or Role.MENTOR)}
    lines = [f"*{escape(names[one.participant_id])}*"]
    rules = file.matching.ballot
    for question_id in rules.shown if rules else ():
        answer = one.answers.get(question_id)
        if question_id in asked and answer:
            given = [str(it) for it in answer] if isinstance(answer, list) else [str(answer)]
            told = blocks.clip_markup(listed(given, call.locale), ANSWER_MOST)
            lines.append(f"_{escape(asked[question_id].label)}_: {told}")
    return blocks.section("\n".join(lines))


def _turning(call: Call, page: int, pages: int) -> list[blocks.Block]:
    if pages == 1:
        return []
    row = []
    if page > 0:
        row.append(blocks.button(call.say("ballot.back"), ids.BALLOT_BACK, value=str(page - 1)))
    if page < pages - 1:
        row.append(blocks.button(call.say("ballot.on"), ids.BALLOT_ON, value=str(page + 1)))
    return [
        blocks.context(call.say("ballot.page", page=page + 1, pages=pages)),
        blocks.actions(*row),
    ]


def show_board(call: Call, _rest: str = "") -> None:
    """`ballot`: how far it has come, for those who run the programme; or opening it."""
    with call.read() as tx:
        board = voting.board(tx, call.slack_user_id, call.now)
        shown = _board_blocks(tx, call, board)
    if "command" in call.body:
        call.ack(text=call.say("ballot.title"), blocks=shown)
    else:
        title = call.say("ballot.title")
        call.open_view(blocks.modal("notice", title, shown, close=call.say("close")))


def _board_blocks(tx: Transaction, call: Call, board: Board) -> list[blocks.Block]:
    shown = [blocks.section(_state(tx, call, board))]
    is_running = board.ballot is not None and board.ballot.matched_at is None
    if is_running:
        shown += _who(call, "ballot.have_voted", board.count.voted)
        shown += _who(call, "ballot.have_not", board.count.missing)
    if board.ranks:
        first, further = board.ranks.count(1), sum(it > 1 for it in board.ranks)
        others = board.ranks.count(0)
        result = call.say("ballot.result", first=first, further=further, others=others)
        shown.append(blocks.section(result))
    if board.choices is not None:
        shown += _lines(call, "ballot.choices", _choices(board.choices, call.locale))
    if board.can_open:
        shown.append(blocks.actions(_open_button(call, board)))
    return shown


def _state(tx: Transaction, call: Call, board: Board) -> Markup:
    ballot, programme = board.ballot, board.file.name
    if ballot is None and board.opens_at is not None:
        opens = _until(tx, call, board.file, board.opens_at)
        return call.say("ballot.is_planned", programme=programme, opens=opens)
    if ballot is None:
        return call.say("ballot.is_not_open", programme=programme)
    at = _until(tx, call, board.file, ballot.closes_at)
    voted = len(board.count.voted)
    values = {"programme": programme, "until": at, "count": voted}
    if ballot.takes_votes(call.now):
        return call.say("ballot.is_open", voters=voted + len(board.count.missing), **values)
    if ballot.matched_at is None:
        on = outlook(tx, board.file, call.now).on
        return call.say("ballot.is_closed", on=on or ballot.closes_at.date(), **values)
    return call.say("ballot.is_matched", **values)


def _who(call: Call, key: str, some: Sequence[Participant]) -> list[blocks.Block]:
    return _lines(call, key, [mention(it.slack_user_id, call.locale) for it in some])


def _lines(call: Call, key: str, lines: Sequence[str]) -> list[blocks.Block]:
    if not lines:
        return []
    shown = [blocks.section(f"*{call.say(key)}*"), *blocks.bulleted(lines[:LINES_SHOWN])]
    if len(lines) > LINES_SHOWN:
        more = len(lines) - LINES_SHOWN
        shown.append(blocks.context(call.say("coordination.more", count=more)))
    return shown


def _choices(choices: Mapping[str, tuple[str, ...]], locale: str) -> list[str]:
    return [
        f"{mention(who, locale)}: {', '.join(mention(it, locale) for it in named)}"
        for who, named in choices.items()
    ]


def _open_button(call: Call, board: Board) -> blocks.Block:
    rules = board.file.matching.ballot
    sure = blocks.confirm(
        call.say("ballot.sure_title"),
        call.say("ballot.sure", count=rules.hours if rules else 0),
        call.say("ballot.open"),
        call.say("cancel"),
    )
    return blocks.button(call.say("ballot.open"), ids.OPEN_BALLOT, style="primary", confirm=sure)


def open_by_hand(call: Call) -> None:
    """A coordinator opens the ballot: the heartbeat tells everybody, some at a time."""
    with call.begin() as tx:
        ballot = voting.open_by_hand(tx, call.slack_user_id, call.now)
        file = voting.board(tx, call.slack_user_id, call.now).file
        until = _until(tx, call, file, ballot.closes_at)
    call.bot.knock.set()
    text = call.say("ballot.was_opened", until=until)
    call.replace_message(text, [blocks.section(text)])


def choice_in_words(reasons: Iterable[Mapping[str, Any]], locale: str) -> Markup | None:
    """Which choice a pair was, for those who run the programme; None where none was made."""
    found = next((str(it["shared"]) for it in reasons if it["question"] == REASON), None)
    if found is None:
        return None
    if found in (NO_VOTE, LEFT_OVER):
        return say(f"ballot.by_score.{found}", locale)
    return say("ballot.was_choice", locale, number=int(found))


def register(app: App, bot: MentorBot) -> None:
    """Listen to voters, and to those who open a ballot."""
    app.action(ids.VOTE)(guard(bot, open_paper))
    for turning in (ids.BALLOT_BACK, ids.BALLOT_ON):
        app.action(turning)(guard(bot, turn_page))
    app.view(ids.VOTE_FORM)(guard(bot, save_vote))
    app.action(ids.SHOW_BALLOT)(guard(bot, show_board))
    app.action(ids.OPEN_BALLOT)(guard(bot, open_by_hand))
