"""The team of a programme: who holds which role; appointing and dismissing."""

import re
from collections.abc import Collection, Iterator

from slack_bolt import App
from slack_sdk.errors import SlackApiError

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import InvalidAnswers, NotAPerson, WhomAndWhat
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Person
from mentorbot.domain.permissions import (
    EVERY_PROGRAMME,
    Action,
    Appointment,
    TeamRole,
    needed_to_appoint,
)
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import Reading, Rendered, mention, renders
from mentorbot.storage import appointments, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases import permitted, team
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup, listed

MEMBERS_SHOWN = 40
NAMED = 20
EVERYWHERE = "everywhere"
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>\s*(.*)", re.DOTALL)


def held(say_it: Say, role: str, specialty: str, *, everywhere: bool) -> Markup:
    """A role as a person reads it."""
    if specialty:
        return say_it("team.adviser_for", specialty=specialty)
    return say_it("team.viewer_everywhere" if everywhere else f"team.one.{role}")


@renders(MessageKind.APPOINTED)
def _appointed(reading: Reading) -> Rendered:
    params = reading.message.params
    text = reading.say(
        "team.appointed",
        role=held(
            reading.say, params["role"], params["specialty"], everywhere=params["everywhere"]
        ),
        programme=reading.file.name,
        what=reading.say(f"team.may.{params['role']}"),
    )
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.DISMISSED)
def _dismissed(reading: Reading) -> Rendered:
    params = reading.message.params
    role = held(reading.say, params["role"], params["specialty"], everywhere=params["everywhere"])
    text = reading.say("team.dismissed", role=role, programme=reading.file.name)
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.TEAM_LOST)
def _lost(reading: Reading) -> Rendered:
    params = reading.message.params
    roles = listed([reading.say(f"team.one.{role}") for role in params["roles"]], reading.locale)
    text = reading.say(
        "team.lost" if params["is_owned"] else "team.lost_last_owner",
        who=mention(params["about"], reading.locale),
        roles=roles,
        programme=reading.file.name,
    )
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.SPECIALTIES_DROPPED)
def _dropped(reading: Reading) -> Rendered:
    params = reading.message.params
    who = listed([mention(it, reading.locale) for it in params["whom"][:NAMED]], reading.locale)
    text = reading.say(
        "team.specialties_dropped",
        who=who,
        specialties=listed(params["specialties"][:NAMED], reading.locale),
        programme=reading.file.name,
    )
    return Rendered(text, [blocks.section(text)])


def show_team(call: Call, _rest: str = "") -> None:
    """`team`: who holds which role."""
    with call.read() as tx:
        view, lines = _shown(tx, call)
    if "command" in call.body:
        text = f"*{call.say('team.title')}*\n{blocks.bullets(lines)}"
        call.ack(text=call.say("team.title"), blocks=[blocks.section(text)])
    else:
        call.open_view(view)


def _shown(tx: Transaction, call: Call) -> tuple[blocks.Block, list[str]]:
    programme = programme_or_refuse(tx)
    permitted.check(tx, programme.programme_id, call.slack_user_id, Action.APPOINT)
    may = appointments.actions(tx, programme.programme_id, call.slack_user_id)
    found = team.members(tx, programme.programme_id)[:MEMBERS_SHOWN]
    file = parse_stored(programme.definition)
    return team_view(file, found, may, call.say), [_line(call.say, it) for it in found]


def _line(say_it: Say, it: Appointment) -> str:
    role = held(say_it, it.role, it.specialty, everywhere=it.programme_id == EVERY_PROGRAMME)
    return say_it("team.line", who=mention(it.slack_user_id), role=role)


def team_view(
    file: ProgrammeFile, found: Collection[Appointment], may: Collection[Action], say_it: Say
) -> blocks.Block:
    """The team, with a button to dismiss each whom one may, and the form that appoints."""
    offered = [role for role in TeamRole if needed_to_appoint(role) in may]
    if not file.specialties:
        offered.remove(TeamRole.ADVISER)
    return blocks.modal(
        ids.TEAM_FORM,
        say_it("team.title"),
        [*_members(found, may, say_it), *_fields(file, offered, say_it)],
        submit=say_it("team.appoint"),
        close=say_it("close"),
    )


def _members(
    found: Collection[Appointment], may: Collection[Action], say_it: Say
) -> Iterator[blocks.Block]:
    for it in found:
        is_here = it.programme_id != EVERY_PROGRAMME and needed_to_appoint(it.role) in may
        yield blocks.section(
            _line(say_it, it), accessory=_dismiss_button(it, say_it) if is_here else None
        )


def _dismiss_button(it: Appointment, say_it: Say) -> blocks.Block:
    sure = blocks.confirm(
        say_it("team.sure_title"), say_it("team.sure"), say_it("team.dismiss"), say_it("cancel")
    )
    value = f"{it.role} {it.slack_user_id}"
    return blocks.button(say_it("team.dismiss"), ids.DISMISS, value=value, confirm=sure)


def _fields(
    file: ProgrammeFile, offered: Collection[TeamRole], say_it: Say
) -> Iterator[blocks.Block]:
    roles = [blocks.option(say_it(f"team.one.{role}"), role) for role in offered]
    yield blocks.divider()
    yield blocks.field("person", say_it("team.whom"), {"type": "users_select"})
    yield blocks.field("role", say_it("team.as_what"), blocks.select(roles))
    if file.specialties:
        specialties = [
            blocks.option(specialty, str(number))
            for number, specialty in enumerate(file.specialties)
        ]
        yield blocks.field(
            "specialty", say_it("team.specialty"), blocks.select(specialties), optional=True
        )


def save_team(call: Call) -> None:
    """The form was sent: appoint, and show the team again."""
    with call.read() as tx:
        programme = programme_or_refuse(tx)
        permitted.check(tx, programme.programme_id, call.slack_user_id, Action.APPOINT)
        known = parse_stored(programme.definition).specialties
    given = blocks.answers(call.view)
    role, number = TeamRole(given["role"]), given.get("specialty")
    if role is TeamRole.ADVISER and not number:
        raise InvalidAnswers({"specialty": ("form.missing", {})})
    specialty = known[int(number or 0)] if role is TeamRole.ADVISER else ""
    _appoint(call, given["person"], role, specialty)
    with call.read() as tx:
        view, _lines = _shown(tx, call)
    call.ack(response_action="update", view=view)


def dismiss_pressed(call: Call) -> None:
    """The button beside somebody in the team."""
    _check_may_appoint(call)
    role, _, slack_user_id = call.action["value"].partition(" ")
    _dismiss(call, slack_user_id, TeamRole(role))
    with call.read() as tx:
        view, _lines = _shown(tx, call)
    call.update_view(view)


def appoint(call: Call, rest: str) -> None:
    """`appoint @person role [specialty]`, or `appoint @person viewer everywhere`."""
    has_owner = _check_may_appoint(call)
    slack_user_id, role, more = _read(rest)
    everywhere = role is TeamRole.VIEWER and more.casefold() == EVERYWHERE
    if more and not everywhere and role is not TeamRole.ADVISER:
        raise WhomAndWhat
    is_admin = not has_owner and role is TeamRole.OWNER and call.is_workspace_admin()
    is_new = _appoint(
        call,
        slack_user_id,
        role,
        more if role is TeamRole.ADVISER else "",
        everywhere=everywhere,
        is_admin=is_admin,
    )
    key = "team.done" if is_new else "team.held_already"
    what = held(call.say, role, "", everywhere=everywhere)
    call.tell(call.say(key, who=mention(slack_user_id), role=what))


def _check_may_appoint(call: Call) -> bool:
    """Refuse those who may appoint nobody, before anything else; whether there is an owner."""
    with call.read() as tx:
        programme_id = programme_or_refuse(tx).programme_id
        has_owner = bool(team.owners(tx, programme_id))
        if has_owner:
            permitted.check(tx, programme_id, call.slack_user_id, Action.APPOINT)
    return has_owner


def _appoint(
    call: Call,
    slack_user_id: str,
    role: TeamRole,
    specialty: str,
    *,
    everywhere: bool = False,
    is_admin: bool = False,
) -> bool:
    with call.read() as tx:
        programme_id = programme_or_refuse(tx).programme_id
        actor = call.slack_user_id
        team.check_appointing(
            tx, programme_id, actor, role, everywhere=everywhere, is_admin=is_admin
        )
    person = _somebody(call, slack_user_id)
    with call.begin() as tx:
        team.check_appointing(
            tx, programme_id, actor, role, everywhere=everywhere, is_admin=is_admin
        )
        people.first_seen(tx, person, call.now)
        return team.appoint(
            tx,
            programme_id,
            slack_user_id,
            role,
            actor,
            call.now,
            specialty=specialty,
            everywhere=everywhere,
        )


def _somebody(call: Call, slack_user_id: str) -> Person:
    """Whom Slack knows by an id; raises NotAPerson for bots and accounts that are gone."""
    try:
        person = call.fetch_person(slack_user_id)
    except SlackApiError as error:
        if error.response.get("error") not in ("user_not_found", "user_not_visible"):
            raise
        raise NotAPerson(named=slack_user_id) from error
    if person.is_bot or person.is_deactivated:
        raise NotAPerson(named=slack_user_id)
    return person


def dismiss(call: Call, rest: str) -> None:
    """`dismiss @person role`, or `dismiss @person viewer everywhere`."""
    _check_may_appoint(call)
    slack_user_id, role, more = _read(rest)
    everywhere = role is TeamRole.VIEWER and more.casefold() == EVERYWHERE
    if more and not everywhere:
        raise WhomAndWhat
    _dismiss(call, slack_user_id, role, everywhere=everywhere)
    what = held(call.say, role, "", everywhere=everywhere)
    call.tell(call.say("team.undone", who=mention(slack_user_id), role=what))


def _dismiss(call: Call, slack_user_id: str, role: TeamRole, *, everywhere: bool = False) -> None:
    with call.begin() as tx:
        programme_id = programme_or_refuse(tx).programme_id
        team.check_appointing(tx, programme_id, call.slack_user_id, role, everywhere=everywhere)
        team.dismiss(
            tx,
            programme_id,
            slack_user_id,
            role,
            call.slack_user_id,
            call.now,
            everywhere=everywhere,
        )


def _read(rest: str) -> tuple[str, TeamRole, str]:
    """Whom, which role, and what follows; raises WhomAndWhat."""
    found = _MENTION.fullmatch(rest)
    if found is None:
        raise WhomAndWhat
    said = " ".join(found[2].replace("_", " ").split())
    for role in TeamRole:
        name = role.replace("_", " ")
        if said.casefold() == name or said.casefold().startswith(f"{name} "):
            return found[1], role, said[len(name) :].strip()
    raise WhomAndWhat


def register(app: App, bot: MentorBot) -> None:
    """Listen to the team's form and buttons."""
    app.view(ids.TEAM_FORM)(guard(bot, save_team))
    app.action(ids.SHOW_TEAM)(guard(bot, show_team))
    app.action(ids.DISMISS)(guard(bot, dismiss_pressed))
