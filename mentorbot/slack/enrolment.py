"""Choosing a role: buttons, the form, the guidelines; changing one's details."""

from functools import lru_cache, partial
from typing import Any

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.content import Guide, Guidelines
from mentorbot.domain.errors import NotEnrolled
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Participant, Role
from mentorbot.domain.programme import CAPACITY, ProgrammeFile, parse_stored
from mentorbot.slack import applications, blocks, home, ids
from mentorbot.slack.buttons import role_buttons
from mentorbot.slack.described import cycle_in_words
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.guides import guide_blocks
from mentorbot.slack.questions import question_field
from mentorbot.slack.rendering import Reading, Rendered, renders
from mentorbot.storage import participants
from mentorbot.usecases import enrolment, placing
from mentorbot.wording import Markup, escape, say

ACKNOWLEDGED = "acknowledged"


@renders(MessageKind.ROLE_BUTTONS)
def _role_buttons(reading: Reading) -> Rendered:
    key = (
        "enrolment.invitation" if reading.file.matching.on is None else "enrolment.invitation_dated"
    )
    if reading.file.applies_in_slack:
        key = "applying.invitation"
    text = reading.say(key, programme=reading.file.name, purpose=reading.file.purpose)
    how_long = cycle_in_words(reading.file.cycle, reading.locale)
    return Rendered(
        reading.say("enrolment.invitation_short", programme=reading.file.name),
        [
            blocks.header(reading.file.name),
            blocks.section(text),
            role_buttons(reading.say),
            blocks.context(f"{how_long} {reading.say('enrolment.invitation_hint')}"),
        ],
    )


@renders(MessageKind.GUIDELINES_CHANGED)
def _guidelines_changed(reading: Reading) -> Rendered:
    text = reading.say("enrolment.guidelines_changed", programme=reading.file.name)
    read = blocks.button(
        reading.say("enrolment.read_guidelines"), ids.READ_GUIDELINES, style="primary"
    )
    return Rendered(text, [blocks.section(text), blocks.actions(read)])


def form_view(
    file: ProgrammeFile, role: Role, known: Participant | None, locale: str, *, new: bool
) -> blocks.Block:
    """The form of a role: to take it, or to change one's details in it."""
    answers = _known(known)
    fields = [question_field(question, answers, locale) for question in file.questions_for(role)]
    intro = say(f"enrolment.form_intro.{role}" if new else "enrolment.details_intro", locale)
    if new and known is not None and known.is_enrolled:
        intro = Markup(f"{intro}\n{say('enrolment.form_changes_role', locale)}")
    return blocks.modal(
        ids.ROLE_FORM if new else ids.DETAILS_FORM,
        say(f"enrolment.form_title.{role}" if new else "enrolment.details_title", locale),
        [blocks.section(intro), *fields],
        submit=say("enrolment.next" if new else "save", locale),
        close=say("cancel", locale),
        private_metadata=str(role),
    )


@lru_cache(maxsize=64)
def guidelines_view(
    role: Role, guidelines: Guidelines, guides: tuple[Guide, ...], locale: str
) -> blocks.Block:
    """A role's guidelines and guides, with the box that acknowledges them; the same for all."""
    points = [blocks.section(f"•  {escape(point)}") for point in guidelines.points]
    agree = blocks.checkboxes([blocks.option(say("enrolment.i_will", locale), ACKNOWLEDGED)])
    return blocks.modal(
        ids.GUIDELINES_FORM,
        say("enrolment.guidelines_title", locale),
        [
            blocks.section(say(f"enrolment.guidelines_intro.{role}", locale)),
            *points,
            *([blocks.header(say("guides.title", locale))] if guides else []),
            *guide_blocks(guides),
            blocks.field(ACKNOWLEDGED, say("enrolment.guidelines_label", locale), agree),
        ],
        submit=say("enrolment.agree", locale),
        close=say("cancel", locale),
        private_metadata=f"{role} {guidelines.version}",
    )


def open_form(call: Call, role: Role) -> None:
    """A role button: open the role's form, filled with what is known of the person."""
    with call.read() as tx:
        programme = enrolment.programme_or_refuse(tx)
        known = enrolment.check_role_is_new(tx, programme.programme_id, call.slack_user_id, role)
        file = parse_stored(programme.definition)
    if file.applies_in_slack:
        applications.open_application(call, role)
    else:
        call.open_view(form_view(file, role, known, call.locale, new=True))


def open_details(call: Call) -> None:
    """The "change my details" button."""
    with call.read() as tx:
        programme = enrolment.programme_or_refuse(tx)
        participant = enrolment.enrolled_or_refuse(tx, programme.programme_id, call.slack_user_id)
        file = parse_stored(programme.definition)
        role = participant.role or Role.MENTEE
        view = form_view(file, role, participant, call.locale, new=False)
    call.open_view(view)


def _known(participant: Participant | None) -> dict[str, Any]:
    if participant is None:
        return {}
    known = {**participant.answers, CAPACITY: participant.capacity}
    draft = participant.draft or {}
    return {**known, **draft.get("answers", {})}


def save_form(call: Call) -> None:
    """The form was sent: keep it, and show the guidelines in its place."""
    role = Role(call.view["private_metadata"])
    with call.begin_knowing_person() as tx:
        programme = enrolment.programme_or_refuse(tx)
        given = blocks.answers(call.view)
        guidelines = enrolment.save_form(
            tx, programme.programme_id, call.slack_user_id, role, given
        )
        guides = parse_stored(programme.definition).guides.get(role, ())
    view = guidelines_view(role, guidelines, guides, call.locale)
    call.ack(response_action="update", view=view)


def save_details(call: Call) -> None:
    """Changed details were sent."""
    with call.begin() as tx:
        programme = enrolment.programme_or_refuse(tx)
        enrolment.change_details(
            tx, programme.programme_id, call.slack_user_id, blocks.answers(call.view), call.now
        )
    call.ack()
    home.refresh(call)


def read_guidelines(call: Call) -> None:
    """Open the guidelines again: they changed, or were never acknowledged."""
    with call.read() as tx:
        programme = enrolment.programme_or_refuse(tx)
        found = participants.of_person(tx, programme.programme_id, call.slack_user_id)
        enrolment.check_told(tx, programme, found, call.now)
        file = parse_stored(programme.definition)
        has_offer = found is not None and placing.has_offer(tx, file, found)
        role = _role_to_acknowledge(found, has_offer=has_offer)
    guides = file.guides.get(role, ())
    call.open_view(guidelines_view(role, file.guidelines[role], guides, call.locale))


def _role_to_acknowledge(found: Participant | None, *, has_offer: bool) -> Role:
    """The role that somebody was given a place in, else the one that they hold or have chosen."""
    if found is not None and found.is_enrolled and found.role is not None and not has_offer:
        return found.role
    if found is None or found.draft is None:
        raise NotEnrolled
    return Role(found.draft["role"])


def acknowledge(call: Call) -> None:
    """The guidelines were accepted: the role begins, and matching is tried at once."""
    role, version = call.view["private_metadata"].split()
    with call.begin() as tx:
        programme = enrolment.programme_or_refuse(tx)
        enrolment.acknowledge(
            tx, programme.programme_id, call.slack_user_id, Role(role), int(version), call.now
        )
    call.ack(response_action="clear")
    home.refresh(call)


def register(app: App, bot: MentorBot) -> None:
    """Listen to everything on this surface.

    Bolt asks its listeners in turn; the forms come first, because they wait for the disk as well.
    """
    app.view(ids.ROLE_FORM)(guard(bot, save_form))
    app.view(ids.DETAILS_FORM)(guard(bot, save_details))
    app.view(ids.GUIDELINES_FORM)(guard(bot, acknowledge))
    for action_id, role in ((ids.JOIN_AS_MENTOR, Role.MENTOR), (ids.JOIN_AS_MENTEE, Role.MENTEE)):
        listener = partial(open_form, role=role)
        listener.__name__ = "open_form"  # type: ignore[attr-defined]  # partials take a name
        app.action(action_id)(guard(bot, listener))
    app.action(ids.CHANGE_DETAILS)(guard(bot, open_details))
    app.action(ids.READ_GUIDELINES)(guard(bot, read_guidelines))
