"""`/mentorbot equity`: how far each group of applicants has come, without anybody's name."""

from mentorbot.slack import blocks
from mentorbot.slack.guard import Call
from mentorbot.usecases import equity
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup, escape, listed


def show_equity(call: Call, _rest: str = "") -> None:
    """A table for each question that is kept for the cycle."""
    with call.begin() as tx:
        found = equity.reports(tx, programme_or_refuse(tx), call.slack_user_id, call.now)
    shown = [block for report in found for block in _blocks(call, report)]
    hint = blocks.context(call.say("equity.hint"))
    call.ack(text=call.say("equity.title"), blocks=[*shown[:48], hint])


def _blocks(call: Call, report: equity.Report) -> list[blocks.Block]:
    role = call.say(f"role.{report.role}")
    title = call.say("equity.of", question=report.question.label, role=role)
    stages, rows = report.table.stages, sorted(report.table.rows.items())
    lines = [
        call.say("equity.row", group=_named(call, group), counts=_counts(call, stages, row))
        for group, row in rows
    ]
    everybody = _counts(call, stages, report.table.totals)
    lines.append(call.say("equity.row", group=call.say("equity.everybody"), counts=everybody))
    return [blocks.section(f"*{title}*"), *blocks.bulleted(lines)]


def _named(call: Call, group: str) -> Markup:
    if group == equity.NOT_SAID:
        return call.say("equity.not_said")
    return call.say("equity.agreed") if group == equity.AGREED else Markup(escape(group))


def _counts(call: Call, stages: tuple[str, ...], counts: tuple[int | None, ...]) -> Markup:
    """Each stage with its count, or that it is too small to be told."""
    each = [
        call.say("equity.suppressed", stage=call.say(f"equity.stage.{stage}"))
        if count is None
        else call.say("equity.count", stage=call.say(f"equity.stage.{stage}"), number=count)
        for stage, count in zip(stages, counts, strict=True)
    ]
    return listed(each, call.locale)
