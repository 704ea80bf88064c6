"""The lottery in Slack: the commitment, the seed and the draw, and what the channel reads of it."""

from typing import Final

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.draws import Draw
from mentorbot.domain.errors import NobodyToDraw
from mentorbot.domain.messages import MessageKind, is_mail
from mentorbot.domain.model import Programme, Role
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import parse_stored
from mentorbot.domain.selection import LotteryRules
from mentorbot.slack import blocks, ids, letters
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.letters import in_a_letter, written
from mentorbot.slack.places import application_of
from mentorbot.slack.rendering import Attachment, Reading, Rendered, renders
from mentorbot.slack.windows import next_round
from mentorbot.storage import draws
from mentorbot.usecases import permitted, placing, selecting
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup

SEED_MOST: Final = 200


def open_lottery(call: Call, rest: str) -> None:
    """`lottery`: the next step of a draw. `lottery mentor` where places of both are drawn."""
    with call.read() as tx:
        programme = programme_or_refuse(tx)
        permitted.check(tx, programme.programme_id, call.slack_user_id, Action.SELECT)
        file = parse_stored(programme.definition)
        made = {
            role: draws.of_round(tx, placing.round_of(file), role)
            for role in selecting.lotteries(file)
        }
        role = _role_meant(rest, made)
        draw = made[role]
        prospect = selecting.prospect(tx, file, role) if draw is None else None
    if prospect is not None:
        selecting.check_time(file, prospect.lottery, call.now)
        if not prospect.approved:
            raise NobodyToDraw(role=role)
        call.open_view(commit_view(prospect, call.say))
    elif draw is not None and draw.seed is None:
        selecting.check_seed_time(file, draw, call.now)
        call.open_view(seed_view(draw, call.say))
    elif draw is not None:
        call.open_view(outcome_view(draw, call.say))


def _role_meant(rest: str, made: dict[Role, Draw | None]) -> Role:
    """The role that is named, else the first whose draw is still to come."""
    for role in made:
        if rest.strip().lower() == role:
            return role
    coming = (role for role, draw in made.items() if draw is None or draw.seed is None)
    return next(coming, next(iter(made)))


def commit_view(found: selecting.Prospect, say_it: Say) -> blocks.Block:
    """What a commitment is to, before it is made."""
    role = say_it(f"role.{found.role}")
    source = selecting.seed_source(found.lottery)
    shown = [
        blocks.section(say_it("selecting.commit_intro", role=role, count=found.approved)),
        blocks.section(rules_in_words(found.rules, say_it)),
        blocks.section(say_it("selecting.seed_from", source=source)),
    ]
    if found.undecided:
        undecided = say_it("selecting.undecided", role=role, count=found.undecided)
        shown.append(blocks.section(undecided))
    return blocks.modal(
        ids.COMMIT_FORM,
        say_it("selecting.title"),
        [*shown, blocks.context(say_it("selecting.commit_hint"))],
        submit=say_it("selecting.commit"),
        close=say_it("cancel"),
        private_metadata=str(found.role),
    )


def seed_view(draw: Draw, say_it: Say) -> blocks.Block:
    """Room for the seed of a draw that is committed to."""
    seed = blocks.text_input(most=SEED_MOST)
    return blocks.modal(
        ids.SEED_FORM,
        say_it("selecting.title"),
        [
            blocks.section(say_it("selecting.seed_from", source=draw.seed_source)),
            blocks.section(say_it("selecting.committed_to", digest=draw.commitment)),
            blocks.field(
                "seed", say_it("selecting.seed"), seed, hint=say_it("selecting.seed_hint")
            ),
        ],
        submit=say_it("selecting.look_again"),
        close=say_it("cancel"),
        private_metadata=str(draw.role),
    )


def draw_view(draw: Draw, seed: str, say_it: Say) -> blocks.Block:
    """A last look at what was entered, beside where it should come from, before the draw."""
    return blocks.modal(
        ids.DRAW_FORM,
        say_it("selecting.title"),
        [
            blocks.section(say_it("selecting.entered", seed=seed)),
            blocks.section(say_it("selecting.seed_from", source=draw.seed_source)),
            blocks.section(say_it("selecting.committed_to", digest=draw.commitment)),
            blocks.section(say_it("selecting.for_good")),
        ],
        submit=say_it("selecting.draw"),
        close=say_it("cancel"),
        private_metadata=f"{draw.role} {seed}",
    )


def outcome_view(draw: Draw, say_it: Say) -> blocks.Block:
    """What a draw has brought, in numbers."""
    text = say_it(
        "selecting.outcome",
        seed=draw.seed or "",
        digest=draw.commitment,
        selected=len(draw.selected),
        listed=len(draw.entrants),
        withdrawn=len(draw.withdrawn),
    )
    return blocks.modal(
        "notice", say_it("selecting.title"), [blocks.section(text)], close=say_it("close")
    )


def rules_in_words(rules: LotteryRules, say_it: Say) -> Markup:
    """What a draw goes by, a sentence each."""
    said = [say_it("selecting.places", count=rules.places)]
    if rules.reserved:
        order = say_it(f"selecting.order.{rules.reserved_order}")
        said.append(say_it("selecting.reserved", count=rules.reserved, order=order))
    if rules.newcomers_first:
        said.append(say_it("selecting.newcomers_first"))
    return Markup(" ".join(said))


def commit(call: Call) -> None:
    """The commitment was confirmed: settle it, and publish its digest."""
    with call.begin() as tx:
        programme = programme_or_refuse(tx)
        role = Role(call.view["private_metadata"])
        found = selecting.commit(tx, programme, role, call.slack_user_id, call.now)
    call.tell(call.say("selecting.committed", digest=found.commitment, channel=_channel(programme)))


def look_again(call: Call) -> None:
    """The seed was entered: show it once more, for it cannot be put right after the draw."""
    role, given = Role(call.view["private_metadata"]), blocks.answers(call.view)["seed"] or ""
    with call.read() as tx:
        programme = programme_or_refuse(tx)
        found, seed = selecting.check_seed(tx, programme, role, given, call.slack_user_id, call.now)
    call.ack(response_action="update", view=draw_view(found, seed, call.say))


def draw(call: Call) -> None:
    """The seed was confirmed: draw."""
    role, _space, seed = call.view["private_metadata"].partition(" ")
    with call.begin() as tx:
        programme = programme_or_refuse(tx)
        found = selecting.draw(tx, programme, Role(role), seed, call.slack_user_id, call.now)
    call.has_news = True
    text = call.say(
        "selecting.drawn",
        selected=len(found.selected),
        listed=len(found.entrants),
        channel=_channel(programme),
    )
    call.tell(text)


def _channel(programme: Programme) -> Markup:
    return Markup(f"<#{programme.channel_id}>")


def _draw_of(reading: Reading) -> Draw:
    """The draw that a message is about."""
    found = draws.by_id(reading.tx, reading.message.params["draw_id"])
    if found is None:
        raise LookupError("the message is about no draw")
    return found


@renders(MessageKind.DRAW_COMMITTED)
def _committed(reading: Reading) -> Rendered:
    found = _draw_of(reading)
    title = reading.say("selecting.announced", programme=reading.file.name)
    text = reading.say(
        "selecting.announcement",
        role=reading.say(f"role.{found.role}"),
        count=len(found.entrants),
        rules=rules_in_words(found.parsed_rules, reading.say),
        source=found.seed_source,
        digest=found.commitment,
    )
    hint = reading.say("selecting.own_number")
    shown = [blocks.header(title), blocks.section(text), blocks.context(hint)]
    return Rendered(title, shown)


@renders(MessageKind.DRAW_PUBLISHED)
def _published(reading: Reading) -> Rendered:
    found = _draw_of(reading)
    text = reading.say(
        "selecting.publication",
        role=reading.say(f"role.{found.role}"),
        programme=reading.file.name,
        seed=found.seed or "",
        digest=found.commitment,
    )
    name = f"draw-{found.programme_id}-{found.cohort}-{found.role}.json"
    content = found.published().text().encode()
    attachment = Attachment(name, reading.say("selecting.file_title"), content)
    return Rendered(text, [blocks.section(text)], attachment)


@renders(MessageKind.PLACE_NOT_GIVEN)
def _not_given(reading: Reading) -> Rendered:
    if is_mail(reading.message.recipients):
        said = in_a_letter(reading, "letter.not_selected")
        return written(reading, said, *letters.next_round(reading))
    role = reading.say(f"role.{application_of(reading).role}")
    text = reading.say(
        "applying.not_selected",
        role=role,
        programme=reading.file.name,
        next=next_round(reading.file, reading.window, reading.locale),
    )
    return Rendered(text, [blocks.section(text)])


def register(app: App, bot: MentorBot) -> None:
    """Listen to the lottery's forms."""
    app.view(ids.COMMIT_FORM)(guard(bot, commit))
    app.view(ids.SEED_FORM)(guard(bot, look_again))
    app.view(ids.DRAW_FORM)(guard(bot, draw))
