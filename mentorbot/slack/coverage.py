"""Coverage in words: `/mentorbot coverage`, and what those who run a programme hear on Mondays."""

from mentorbot.domain.coverage import Uncovered
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import parse_stored
from mentorbot.slack import blocks
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call
from mentorbot.slack.rendering import Outdated, Reading, Rendered, mention, renders
from mentorbot.usecases import coverage, permitted
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup, full_date

SHOWN, TOLD = 60, 10


@renders(MessageKind.COVERAGE_DUE)
def _due(reading: Reading) -> Rendered:
    found = coverage.late(reading.tx, reading.file, reading.message.not_before_at)
    rules = reading.file.coverage
    if rules is None or not found:
        raise Outdated
    text = reading.say("coverage.due", count=len(found), days=rules.within_days)
    lines = [_line(it, reading.say, reading.locale) for it in found[:TOLD]]
    shown = [blocks.section(text), *blocks.bulleted(lines)]
    return Rendered(text, [*shown, blocks.context(reading.say("coverage.all"))])


def _line(found: Uncovered, say_it: Say, locale: str) -> Markup:
    on = full_date(found.on, locale) if found.on else ""
    return say_it(
        "coverage.line",
        who=mention(found.mentee.slack_user_id, locale),
        since=full_date(found.since, locale),
        why=say_it(f"coverage.why.{found.why}", on=on),
    )


def show(call: Call, _rest: str = "") -> None:
    """`coverage`: every mentee without a mentor, since when and why."""
    with call.read() as tx:
        programme = programme_or_refuse(tx)
        permitted.check(tx, programme.programme_id, call.slack_user_id, Action.SEE_PAIRS)
        file = parse_stored(programme.definition)
        found = coverage.uncovered(tx, file, call.now)
    title = call.say("coverage.title", count=len(found))
    shown = [blocks.section(title)]
    shown += blocks.bulleted([_line(it, call.say, call.locale) for it in found[:SHOWN]])
    if len(found) > SHOWN:
        shown.append(blocks.context(call.say("coverage.more", count=len(found) - SHOWN)))
    call.ack(text=title, blocks=shown)
