"""`/mentorbot equity`: how far each group of applicants has come, without anybody's name."""

from collections.abc import Sequence

from mentorbot.slack import blocks
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call
from mentorbot.usecases import equity
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup, escape, listed

BLOCKS_MOST = 49
"""How many blocks a message takes, apart from the hint."""


def show_equity(call: Call, _rest: str = "") -> None:
    """`equity`: a report for each question that is kept for the cycle."""
    with call.begin() as tx:
        found = equity.reports(tx, programme_or_refuse(tx), call.slack_user_id, call.now)
    shown = reports_shown(found, call.say, call.locale)
    call.ack(text=call.say("equity.title"), blocks=shown)


def reports_shown(found: Sequence[equity.Report], say_it: Say, locale: str) -> list[blocks.Block]:
    """The reports one after another, with what they leave out."""
    shown = [block for report in found for block in _blocks(report, say_it, locale)]
    return [*shown[:BLOCKS_MOST], blocks.context(say_it("equity.hint"))]


def _blocks(report: equity.Report, say_it: Say, locale: str) -> list[blocks.Block]:
    role, table = say_it(f"role.{report.role}"), report.table
    title = say_it("equity.of", question=report.question.label, role=role)
    rows = [(_named(group, say_it), counts) for group, counts in sorted(table.rows.items())]
    lines = [
        say_it("equity.row", group=group, counts=_counts(table.stages, counts, say_it, locale))
        for group, counts in [*rows, (say_it("equity.everybody"), table.totals)]
    ]
    return [blocks.section(f"*{title}*"), *blocks.bulleted(lines)]


def _named(group: str, say_it: Say) -> Markup:
    if group == equity.NOT_SAID:
        return say_it("equity.not_said")
    return say_it("equity.agreed") if group == equity.AGREED else Markup(escape(group))


def _counts(
    stages: Sequence[str], counts: Sequence[int | None], say_it: Say, locale: str
) -> Markup:
    """Each stage with its count, or with a dash where that is suppressed."""
    named = [say_it(f"equity.stage.{stage}") for stage in stages]
    each = [
        say_it("equity.suppressed", stage=stage)
        if count is None
        else say_it("equity.count", stage=stage, number=count)
        for stage, count in zip(named, counts, strict=True)
    ]
    return listed(each, locale)
