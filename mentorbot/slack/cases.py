"""What reviewers are shown: one application with all that is known of it, and the clear ones."""

from collections.abc import Sequence
from enum import StrEnum
from functools import partial

from mentorbot.domain.erasures import is_stand_in
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Application, ApplicationState, AuditEntry
from mentorbot.slack import blocks, ids
from mentorbot.slack.applications import answers_shown
from mentorbot.slack.places import application_of, quoted, why_not
from mentorbot.slack.rendering import Reading, Rendered, mention, renders
from mentorbot.usecases import placing, reviewing
from mentorbot.usecases.applying import SYSTEM, UNDECIDED
from mentorbot.usecases.reviewing import Case
from mentorbot.wording import Markup, escape, full_date, listed, say

LONGEST_WORDS = 1500
HISTORY_SHOWN = 12
ASKED = "asked"
"""What the button to those that wait for an answer says instead of an application."""


class Way(StrEnum):
    """Which part of the queue a reviewer goes through."""

    OWN = "own"
    OTHERS = "others"
    ASKED = "asked"


DID = {
    "application.submit": "reviewing.did.submit",
    "application.approve": "reviewing.did.approve",
    "application.decline": "reviewing.did.decline",
    "application.ask": "reviewing.did.ask",
    "application.reply": "reviewing.did.reply",
    "application.verify": "reviewing.did.verify",
    "application.assign": "reviewing.did.assign",
    "application.withdraw": "reviewing.did.withdraw",
    "application.selected": "reviewing.did.selected",
    "application.waiting_list": "reviewing.did.waiting_list",
    "application.not_selected": "reviewing.did.not_selected",
}


@renders(MessageKind.REVIEW_WANTED)
def _review_wanted(reading: Reading) -> Rendered:
    found = application_of(reading)
    key = f"reviewing.wanted.{reading.message.params['why']}"
    who = applicant(found, reading.locale)
    text = reading.say(key, who=who, role=reading.say(f"role.{found.role}"))
    look = blocks.button(
        reading.say("reviewing.look"), ids.REVIEW, value=found.application_id, style="primary"
    )
    return Rendered(text, [blocks.section(text), blocks.actions(look)])


def applicant(found: Application, locale: str) -> Markup:
    """An applicant as a reviewer reads of them."""
    if found.slack_user_id is None:
        return Markup(escape(found.name))
    return mention(found.slack_user_id, locale)


def case_view(case: Case, locale: str, notice: str = "", *, way: Way = Way.OWN) -> blocks.Block:
    """An application with all that is known of it, and what its reviewer can do.

    `way` is which part of the queue they have come to.
    """
    found = case.application
    shown = [
        *([blocks.section(f"⚠️ {notice}")] if notice else []),
        blocks.section(_heading(locale, case)),
        *_verdict(locale, case),
        *_addresses(locale, case),
        *answers_shown(case.file.questions_for(found.role), found.answers, locale),
        *_correspondence(locale, found),
    ]
    if found.state in UNDECIDED:
        shown += [*_facts(locale, case), _assignment(locale, found), _decisions(locale, case)]
    else:
        shown.append(blocks.actions(_skip_button(locale)))
    shown.append(blocks.context(_history(locale, case)))
    title = say("reviewing.title", locale)
    return blocks.modal(
        "notice",
        title,
        shown,
        close=say("close", locale),
        private_metadata=f"{found.application_id} {found.version} {way}",
    )


def _heading(locale: str, case: Case) -> Markup:
    found = case.application
    on = found.submitted_at or found.started_at
    values = {
        "who": applicant(found, locale),
        "role": say(f"role.{found.role}", locale),
        "on": full_date(on.astimezone(case.file.zone).date(), locale),
    }
    if found.state is ApplicationState.IN_REVIEW:
        return say("reviewing.heading", locale, count=case.left, **values)
    if found.state is ApplicationState.ASKED:
        return say("reviewing.heading_asked", locale, **values)
    return say("reviewing.heading_decided", locale, **values)


def _verdict(locale: str, case: Case) -> list[blocks.Block]:
    why = blocks.bullets(why_not(case.application, case.file, partial(say, locale=locale)))
    if not why:
        return [blocks.section(say("reviewing.fits", locale))]
    return [blocks.section(say("reviewing.near_miss", locale, why=Markup(why)))]


def _addresses(locale: str, case: Case) -> list[blocks.Block]:
    """What is to be known of an address before anybody goes by it."""
    typed, shown = case.application.unconfirmed_email, list[Markup]()
    if typed is not None:
        shown.append(say("reviewing.unconfirmed", locale, address=typed))
    if case.same_address:
        who = listed([applicant(it, locale) for it in case.same_address], locale)
        count = len(case.same_address)
        shown.append(say("reviewing.same_address", locale, who=who, count=count))
    return [blocks.section(text) for text in shown]


def _correspondence(locale: str, found: Application) -> list[blocks.Block]:
    """The latest question to the applicant, and what they answered."""
    parts = ((found.question, "reviewing.asked"), (found.reply, "reviewing.replied"))
    return [
        blocks.section(f"*{say(key, locale)}*\n{quoted(words)}") for words, key in parts if words
    ]


def _facts(locale: str, case: Case) -> list[blocks.Block]:
    """A line and a button for each fact to verify."""
    rules, verified = placing.rules_of(case.file), case.application.facts
    shown = []
    for fact in rules.facts_of(case.application.role):
        is_so = fact.id in verified
        key = "reviewing.verified" if is_so else "reviewing.unverified"
        button = say("reviewing.take_back" if is_so else "reviewing.verify", locale)
        press = blocks.button(button, ids.REVIEW_VERIFY, value=fact.id)
        shown.append(blocks.section(say(key, locale, fact=fact.label), accessory=press))
    return shown


def _assignment(locale: str, found: Application) -> blocks.Block:
    element = {
        "type": "users_select",
        "action_id": ids.REVIEW_ASSIGN,
        "placeholder": blocks.plain_text(say("reviewing.assign", locale), 150),
    }
    if found.assigned_to and not is_stand_in(found.assigned_to):
        element["initial_user"] = found.assigned_to
    text = say("reviewing.assigned" if found.assigned_to else "reviewing.unassigned", locale)
    return blocks.section(text, accessory=element)


def _decisions(locale: str, case: Case) -> blocks.Block:
    row = [
        blocks.button(say("reviewing.approve", locale), ids.REVIEW_APPROVE, style="primary"),
        blocks.button(say("reviewing.decline", locale), ids.REVIEW_DECLINE, style="danger"),
    ]
    if case.application.slack_user_id:
        row.append(blocks.button(say("reviewing.ask", locale), ids.REVIEW_ASK))
    row.append(_skip_button(locale))
    if case.clear > 1:
        together = say("reviewing.clear_button", locale, count=case.clear)
        row.append(blocks.button(together, ids.REVIEW_CLEAR))
    return blocks.actions(*row)


def _skip_button(locale: str) -> blocks.Block:
    return blocks.button(say("reviewing.skip", locale), ids.REVIEW_SKIP)


def _history(locale: str, case: Case) -> Markup:
    known = [entry for entry in case.history if entry.action in DID]
    return Markup("\n".join(_did(locale, case, entry) for entry in known[-HISTORY_SHOWN:]))


def _did(locale: str, case: Case, entry: AuditEntry) -> Markup:
    on = full_date(entry.at.astimezone(case.file.zone).date(), locale)
    what = say(DID[entry.action], locale)
    return say("reviewing.line", locale, on=on, who=_actor(locale, entry), what=what)


def _actor(locale: str, entry: AuditEntry) -> Markup:
    if entry.actor == SYSTEM:
        return say("reviewing.by_rules", locale)
    if entry.actor == "import":
        return say("reviewing.by_import", locale)
    return mention(entry.actor, locale)


def end_view(locale: str, left: int, asked: int = 0) -> blocks.Block:
    """The end of the queue; those who skipped some can begin once more.

    `asked` are those whose applicants have not answered, which can be decided all the same.
    """
    said = say("reviewing.end", locale, count=left) if left else say("reviewing.all_done", locale)
    shown = [blocks.section(said)]
    if asked:
        look = blocks.button(say("reviewing.look_at_asked", locale), ids.REVIEW, value=ASKED)
        shown.append(
            blocks.section(say("reviewing.asked_left", locale, count=asked), accessory=look)
        )
    if left:
        again = blocks.button(say("reviewing.again", locale), ids.REVIEW, style="primary")
        shown.append(blocks.actions(again))
    return blocks.modal("notice", say("reviewing.title", locale), shown, close=say("close", locale))


def words_view(
    found: Application, callback_id: str, field: str, title: str, metadata: str, locale: str
) -> blocks.Block:
    """Room for a reviewer's words to an applicant."""
    words = blocks.text_input(most=LONGEST_WORDS, multiline=True)
    label = say("reviewing.reason" if field == "reason" else "reviewing.question", locale)
    who = applicant(found, locale)
    return blocks.modal(
        callback_id,
        title,
        [
            blocks.section(say("reviewing.word_for_word", locale, who=who)),
            blocks.field(field, label, words),
        ],
        submit=say("applying.send", locale),
        close=say("cancel", locale),
        private_metadata=metadata,
    )


def clear_view(found: Sequence[Application], locale: str) -> blocks.Block:
    """Who would be approved together, and whether that is meant."""
    names = [
        say(
            "reviewing.clear_line",
            locale,
            who=applicant(each, locale),
            role=say(f"role.{each.role}", locale),
        )
        for each in found
    ]
    return blocks.modal(
        ids.REVIEW_CLEAR_FORM,
        say("reviewing.clear_title", locale),
        [
            blocks.section(say("reviewing.clear_intro", locale, count=len(found))),
            *blocks.bulleted(names),
        ],
        submit=say("reviewing.clear_all", locale),
        close=say("cancel", locale),
        private_metadata=f"{len(found)} {reviewing.fingerprint(found)}",
    )
