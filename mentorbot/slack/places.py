"""What applicants hear: a question, a decision, a place or the wait for one."""

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Application
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.rendering import Reading, Rendered, renders
from mentorbot.storage import applications
from mentorbot.wording import Markup, escape


def application_of(reading: Reading) -> Application:
    """The application that a message is about."""
    found = applications.application(reading.tx, reading.message.params["application_id"])
    if found is None:
        raise LookupError("the message is about no application")
    return found


def why_not(application: Application, file: ProgrammeFile, say_it: Say) -> list[Markup]:
    """What eligibility found to be missing, each in a sentence."""
    labels = {question.id: question.label for question in file.form}
    return [
        say_it(key, **{**values, "question": labels.get(values.get("question"), "")})
        for key, values in application.reasons
    ]


def refusal(application: Application, file: ProgrammeFile, say_it: Say) -> Markup:
    """Why an application was declined: in the words of a reviewer, or of the programme's rules."""
    values = {"programme": file.name, "role": say_it(f"role.{application.role}")}
    if application.decision_reason:
        return say_it(
            "applying.declined_by_team", **values, why=quoted(application.decision_reason)
        )
    why = Markup(blocks.bullets(why_not(application, file, say_it)))
    return say_it("applying.declined", **values, why=why)


def quoted(words: str) -> Markup:
    """Somebody's own words, set off as theirs."""
    return Markup("\n".join(f"> {line}" for line in escape(words).splitlines()))


@renders(MessageKind.APPLICATION_DECLINED)
def _declined(reading: Reading) -> Rendered:
    said = refusal(application_of(reading), reading.file, reading.say)
    text = blocks.clip_markup(said, blocks.SECTION_MOST)
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.APPLICATION_APPROVED)
def _approved(reading: Reading) -> Rendered:
    role = reading.say(f"role.{application_of(reading).role}")
    text = reading.say("applying.approved", role=role, programme=reading.file.name)
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.APPLICATION_ASKED)
def _asked(reading: Reading) -> Rendered:
    found = application_of(reading)
    text = reading.say("applying.asked", question=quoted(found.question or ""))
    answer = blocks.button(
        reading.say("applying.answer"),
        ids.ANSWER_REVIEWER,
        value=found.application_id,
        style="primary",
    )
    return Rendered(text, [blocks.section(text), blocks.actions(answer)])


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
    text = reading.say(
        "applying.waiting",
        count=applications.place_in_line(reading.tx, found),
        role=reading.say(f"role.{found.role}"),
        programme=reading.file.name,
    )
    return Rendered(text, [blocks.section(text)])
