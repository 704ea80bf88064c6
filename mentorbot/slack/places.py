"""What applicants hear and see: a question, a decision, a place or the wait for one."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from mentorbot.domain.eligibility import UNCONFIRMED
from mentorbot.domain.messages import MessageKind, is_mail
from mentorbot.domain.model import Application, ApplicationState
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.windows import Window
from mentorbot.slack import blocks, ids, letters
from mentorbot.slack.buttons import Say
from mentorbot.slack.contacts import contact_named
from mentorbot.slack.letters import Link, in_a_letter, written
from mentorbot.slack.rendering import Reading, Rendered, renders
from mentorbot.slack.windows import next_round
from mentorbot.storage import applications
from mentorbot.usecases import lines
from mentorbot.usecases.placing import takes_answers
from mentorbot.usecases.standing import Applied
from mentorbot.wording import Markup, escape, full_date

LONGEST_REFUSAL = blocks.SECTION_MOST - 800
"""Of a refusal, where the next round follows in the same block."""
HELD_BACK = frozenset(
    {
        ApplicationState.APPROVED,
        ApplicationState.SELECTED,
        ApplicationState.WAITING_LIST,
        ApplicationState.NOT_SELECTED,
    }
)
"""What nobody is told before the programme's day of results."""
_STANDS = {
    ApplicationState.DRAFT: "applying.draft",
    ApplicationState.IN_REVIEW: "applying.in_review",
    ApplicationState.ASKED: "applying.is_asked",
    ApplicationState.APPROVED: "applying.approved",
    ApplicationState.SELECTED: "applying.place",
    ApplicationState.WAITING_LIST: "applying.waiting",
    ApplicationState.NOT_SELECTED: "applying.not_selected",
}


def application_of(reading: Reading) -> Application:
    """The application that a message is about."""
    found = applications.application(reading.tx, reading.message.params["application_id"])
    if found is None:
        raise LookupError("the message is about no application")
    return found


def why_not(application: Application, file: ProgrammeFile, say_it: Say) -> list[Markup]:
    """What eligibility found to be missing, each in a sentence."""
    return [reason_in_words(key, values, file, say_it) for key, values in application.reasons]


def reason_in_words(
    key: str, values: Mapping[str, Any], file: ProgrammeFile, say_it: Say
) -> Markup:
    """What a condition asks for: its question and list by their labels, its date as a date."""
    labels = {question.id: question.label for question in file.form}
    told = {**values, "question": labels.get(values.get("question", ""), "")}
    if "on" in told:
        told["on"] = date.fromisoformat(told["on"])
    if "listed_in" in told:
        told["wanted"] = file.lists.get(told["listed_in"], told["wanted"])
    return say_it(key, **told)


def refusal(application: Application, file: ProgrammeFile, say_it: Say, locale: str) -> Markup:
    """Why an application was declined: in the words of a reviewer, or of the programme's rules.

    At most `LONGEST_REFUSAL` characters long.
    """
    values = {"programme": file.name, "role": say_it(f"role.{application.role}")}
    if application.decision_reason:
        why = quoted(application.decision_reason)
        said = say_it("applying.declined_by_team", **values, why=why)
        return Markup(blocks.clip_markup(said, LONGEST_REFUSAL))
    why = Markup(blocks.bullets(why_not(application, file, say_it)))
    said = say_it("applying.declined", **values, why=why)
    way_out = _way_out(application, file, say_it, locale)
    return Markup(f"{blocks.clip_markup(said, LONGEST_REFUSAL - len(way_out))}{way_out}")


def _way_out(application: Application, file: ProgrammeFile, say_it: Say, locale: str) -> str:
    """What helps somebody whose address nobody has confirmed, in a line of its own."""
    if UNCONFIRMED[0] not in {key for key, _values in application.reasons}:
        return ""
    if not file.contacts:
        return "\n" + say_it("applying.confirm_or_ask_coordinators")
    contact = contact_named(file.contacts[0], locale)
    return "\n" + say_it("applying.confirm_or_ask", contact=contact)


def quoted(words: str) -> Markup:
    """Somebody's own words, set off as theirs."""
    return Markup("\n".join(f"> {line}" for line in escape(words).splitlines()))


@renders(MessageKind.APPLICATION_DECLINED)
def _declined(reading: Reading) -> Rendered:
    if is_mail(reading.message.recipients):
        return _declined_by_letter(reading)
    said = refusal(application_of(reading), reading.file, reading.say, reading.locale)
    following = next_round(reading.file, reading.window, reading.locale)
    text = Markup(f"{said}\n{following}")
    return Rendered(text, [blocks.section(text)])


def _declined_by_letter(reading: Reading) -> Rendered:
    found = application_of(reading)
    if found.decision_reason:
        key, why = "letter.declined_by_team", found.decision_reason
    else:
        reasons = why_not(found, reading.file, partial(in_a_letter, reading))
        key, why = "letter.declined", "\n".join(f"– {it}" for it in reasons)
    return written(reading, in_a_letter(reading, key), why, *letters.next_round(reading))


@renders(MessageKind.APPLICATION_APPROVED)
def _approved(reading: Reading) -> Rendered:
    if is_mail(reading.message.recipients):
        said = in_a_letter(reading, "letter.approved")
        return written(reading, said, *_way_to_confidential(reading))
    role = reading.say(f"role.{application_of(reading).role}")
    text = reading.say("applying.approved", role=role, programme=reading.file.name)
    return Rendered(text, [blocks.section(text)])


def _way_to_confidential(reading: Reading) -> list[str | Link]:
    """What somebody outside Slack does to be asked sensitive questions in time."""
    found, url = application_of(reading), reading.invite_url
    is_asked = reading.file.sensitive_for(found.role) and takes_answers(reading.tx, found)
    if not is_asked or not url:
        return []
    return [in_a_letter(reading, "letter.confidential"), *letters.way_in(reading, url)]


@renders(MessageKind.APPLICATION_ASKED)
def _asked(reading: Reading) -> Rendered:
    found = application_of(reading)
    text = reading.say("applying.asked", question=quoted(found.question or ""))
    answer = blocks.actions(_answer_button(found, reading.say))
    return Rendered(text, [blocks.section(text), answer])


@renders(MessageKind.PLACE_GIVEN)
def _place_given(reading: Reading) -> Rendered:
    role = reading.say(f"role.{application_of(reading).role}")
    text = reading.say("applying.place", role=role, programme=reading.file.name)
    read = blocks.button(
        reading.say("enrolment.read_guidelines"), ids.READ_GUIDELINES, style="primary"
    )
    return Rendered(text, [blocks.section(text), blocks.actions(read)])


@renders(MessageKind.PLACE_WAITED_FOR)
def _place_waited_for(reading: Reading) -> Rendered:
    found = application_of(reading)
    count = lines.place_in_line(reading.tx, found)
    if is_mail(reading.message.recipients):
        return written(reading, in_a_letter(reading, "letter.waiting", count=count))
    text = reading.say(
        "applying.waiting",
        count=count,
        role=reading.say(f"role.{found.role}"),
        programme=reading.file.name,
    )
    return Rendered(text, [blocks.section(text)])


def where_it_stands(
    applied: Applied, file: ProgrammeFile, window: Window, say_it: Say, locale: str
) -> Markup:
    """Where an application stands, and what happens next, as its applicant may know."""
    found = applied.application
    following = next_round(file, window, locale)
    values = {"programme": file.name, "role": say_it(f"role.{found.role}"), "next": following}
    state, rules = found.state, file.application
    if state in HELD_BACK and not applied.is_told and rules is not None and rules.results_on:
        return say_it("applying.in", **values, on=full_date(rules.results_on, locale))
    if state is ApplicationState.DECLINED:
        said = refusal(found, file, say_it, locale)
        return said if applied.may_be_mended else Markup(f"{said}\n{following}")
    if state is ApplicationState.IN_REVIEW and found.reasons and not found.reply:
        why = Markup(blocks.bullets(why_not(found, file, say_it)))
        return say_it("applying.nearly", **values, why=why)
    if state is ApplicationState.DRAFT and window.closes_on:
        key = "applying.draft_late" if applied.is_late else "applying.draft_until"
        return say_it(key, **values, on=window.closes_on)
    return say_it(_STANDS[state], **values, count=applied.place_in_line)


def next_steps(applied: Applied, say_it: Say, way_back: Markup) -> list[blocks.Block]:
    """The buttons under an application: to answer, to go on with it, to take it back."""
    found, row = applied.application, []
    if found.state is ApplicationState.ASKED:
        row.append(_answer_button(found, say_it))
    if found.state is ApplicationState.DRAFT and not applied.is_late:
        go_on = say_it("applying.go_on")
        row.append(blocks.button(go_on, ids.GO_ON, value=str(found.role), style="primary"))
    if found.state is ApplicationState.DRAFT or applied.is_running:
        row.append(_withdraw_button(found, say_it, way_back))
    return [blocks.actions(*row)] if row else []


def _answer_button(found: Application, say_it: Say) -> blocks.Block:
    text = say_it("applying.answer")
    return blocks.button(text, ids.ANSWER_REVIEWER, value=found.application_id, style="primary")


def _withdraw_button(found: Application, say_it: Say, way_back: Markup) -> blocks.Block:
    sure = blocks.confirm(
        say_it("applying.withdraw_sure_title"),
        say_it("applying.withdraw_sure", way_back=way_back),
        say_it("applying.withdraw"),
        say_it("applying.withdraw_stay"),
    )
    return blocks.button(
        say_it("applying.withdraw"), ids.WITHDRAW, value=found.application_id, confirm=sure
    )
