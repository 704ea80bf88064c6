"""`/mentorbot setup`: a programme of ours or of one's own, read back in words, then confirmed.

The form is followed by the programme as it would run, or by what would change in the one that
runs. What is confirmed is what was shown: a file is read again, and compared by its digest.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from slack_bolt import App
from slack_sdk.errors import SlackApiError

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.changes import Change
from mentorbot.domain.errors import (
    InvalidAnswers,
    InvalidProgramme,
    NotSetUp,
    Stale,
    UploadLost,
    UploadTooLarge,
)
from mentorbot.domain.model import Programme
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored, read_programme
from mentorbot.domain.programme_source import MOST_BYTES
from mentorbot.domain.prudence import warnings
from mentorbot.programmes import preset, presets
from mentorbot.slack import blocks, ids
from mentorbot.slack.described import programme_in_words
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.uploads import fetch
from mentorbot.storage import participants, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases import admin, permitted, updating
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup, escape, listed

MOST_COORDINATORS = 20
MISTAKES_SHOWN = 20
NEW, NOTICE = "new", "notice"


@dataclass(frozen=True)
class Wanted:
    """What the form asked for: a preset, or a file by its id in Slack and its digest.

    `channel_id` and `coordinators` are of a programme that is new here, `running` is the digest of
    the definition against which changes were shown.
    """

    preset: str | None = None
    file_id: str | None = None
    digest: str = ""
    channel_id: str = ""
    coordinators: tuple[str, ...] = ()
    running: str = ""


class _Mistakes(Exception):
    """A file that was handed in cannot be run; the text names each mistake with its place."""


def open_setup(call: Call, rest: str) -> None:
    """`setup`: what runs is brought up to date, or, by `setup new` and where none runs, begun."""
    with call.read() as tx:
        is_new = rest.strip().lower() == NEW or participants.programme(tx) is None
        running = None if is_new else _allowed(tx, call)
    if is_new:
        _check_workspace_admin(call)
    call.open_view(_form(call, running))


def _allowed(tx: Transaction, call: Call) -> Programme:
    programme = programme_or_refuse(tx)
    permitted.check(tx, programme.programme_id, call.slack_user_id, Action.UPDATE)
    return programme


def _check_workspace_admin(call: Call) -> None:
    """Who may not start a programme reads who may."""
    if not call.is_workspace_admin():
        raise NotSetUp


def _form(call: Call, running: Programme | None, mistakes: str = "") -> blocks.Block:
    """The form; after a file that cannot be run, with what is wrong with it."""
    ours = [name for name in presets() if running is None or name == running.programme_id]
    offered = [blocks.option(preset(name).name, name) for name in ours]
    own = {"type": "file_input", "max_files": 1}
    hint = call.say("setup.file_hint")
    fields = [blocks.field("file", call.say("setup.file"), own, hint=hint, optional=True)]
    if offered:
        ship = blocks.select(offered)
        fields.insert(0, blocks.field("preset", call.say("setup.preset"), ship, optional=True))
    intro = call.say("setup.intro")
    if running is None:
        fields += _place_fields(call)
    else:
        name = parse_stored(running.definition).name
        intro = call.say("setup.update_intro", programme=name)
    return blocks.modal(
        ids.SETUP_FORM if running is None else ids.UPDATE_FORM,
        call.say("setup.title" if running is None else "setup.update_title"),
        [*_mistakes(call, mistakes), blocks.section(intro), *fields],
        submit=call.say("setup.look"),
        close=call.say("cancel"),
    )


def _place_fields(call: Call) -> list[blocks.Block]:
    """Where the programme lives and who runs it, filled with what was given before."""
    given = blocks.answers(call.view) if "view" in call.body else {}
    channel: blocks.Block = {
        "type": "conversations_select",
        "filter": {"include": ["public", "private"]},
    }
    here = given.get("channel") or call.body.get("channel_id", "")
    if here.startswith(("C", "G")):
        channel["initial_conversation"] = here
    owners: blocks.Block = {
        "type": "multi_users_select",
        "initial_users": given.get("coordinators") or [call.slack_user_id],
        "max_selected_items": MOST_COORDINATORS,
    }
    hint = call.say("setup.channel_hint")
    return [
        blocks.field("channel", call.say("setup.channel"), channel, hint=hint),
        blocks.field("coordinators", call.say("setup.coordinators"), owners),
    ]


def _mistakes(call: Call, found: str) -> list[blocks.Block]:
    if not found:
        return []
    lines = found.splitlines()
    shown = [escape(line) for line in lines[:MISTAKES_SHOWN]]
    more = len(lines) - len(shown)
    return [
        blocks.section(call.say("setup.mistakes", count=len(lines))),
        *blocks.bulleted(shown),
        *([blocks.context(call.say("coordination.more", count=more))] if more else []),
    ]


def show_new(call: Call) -> None:
    """The form for a new programme was sent: show the programme in words."""
    _check_workspace_admin(call)
    given = blocks.answers(call.view)
    _check_channel(call, given["channel"])
    owners = tuple(given["coordinators"] or [call.slack_user_id])
    try:
        wanted, file = _read(call)
    except _Mistakes as mistakes:
        call.ack(response_action="update", view=_form(call, None, str(mistakes)))
        return
    with call.read() as tx:
        known = participants.programme(tx, file.id)
    if known is not None:
        admin.refuse_second_setup(known)
    wanted = replace(wanted, channel_id=given["channel"], coordinators=owners)
    shown = [*programme_in_words(file, call.locale), *_unwise(call, file)]
    call.ack(response_action="update", view=_confirm(call, ids.CONFIRM_SETUP_FORM, wanted, shown))


def show_update(call: Call) -> None:
    """The form for a newer file was sent: show what it would change."""
    with call.read() as tx:
        running = _allowed(tx, call)
    try:
        wanted, file = _read(call)
    except _Mistakes as mistakes:
        call.ack(response_action="update", view=_form(call, running, str(mistakes)))
        return
    with call.read() as tx:
        found = updating.changes_of(tx, running, file, call.now)
    wanted = replace(wanted, running=_digest(running.definition.encode()))
    shown = [*_changes(call, file, found), *_unwise(call, file)]
    may_go_on = bool(found) and not any(it.refusal for it in found)
    callback_id = ids.CONFIRM_UPDATE_FORM if may_go_on else NOTICE
    call.ack(response_action="update", view=_confirm(call, callback_id, wanted, shown))


def _changes(call: Call, file: ProgrammeFile, found: list[Change]) -> list[blocks.Block]:
    heading = blocks.header(file.name)
    if not found:
        return [heading, blocks.section(call.say("setup.nothing_changes"))]
    refused = [call.refusal(it.refusal) for it in found if it.refusal]
    if refused:
        said = blocks.section(call.say("setup.refused"))
        return [heading, said, *blocks.bulleted(dict.fromkeys(refused))]
    said = blocks.section(call.say("setup.changes"))
    told = [change_in_words(call, it) for it in found]
    return [heading, said, *blocks.bulleted(told)]


def change_in_words(call: Call, change: Change) -> Markup:
    """What one change does, in the person's language."""
    values = dict(change.values)
    if "role" in values:
        values["role"] = call.say(f"role.{values['role']}")
    return call.say(f"changes.{change.key}", **values)


def _unwise(call: Call, file: ProgrammeFile) -> list[blocks.Block]:
    today = call.now.astimezone(file.zone).date()
    found = [call.say(f"prudence.{key}", **values) for key, values in warnings(file, today)]
    if not found:
        return []
    return [blocks.section(call.say("setup.unwise")), *blocks.bulleted(found)]


def _confirm(
    call: Call, callback_id: str, wanted: Wanted, shown: list[blocks.Block]
) -> blocks.Block:
    is_new = callback_id == ids.CONFIRM_SETUP_FORM
    submit = {ids.CONFIRM_SETUP_FORM: "setup.start", ids.CONFIRM_UPDATE_FORM: "setup.update"}
    return blocks.modal(
        callback_id,
        call.say("setup.title" if is_new else "setup.update_title"),
        shown,
        submit=call.say(submit[callback_id]) if callback_id in submit else None,
        close=call.say("cancel" if callback_id in submit else "close"),
        private_metadata=json.dumps(asdict(wanted), separators=(",", ":")),
    )


def _read(call: Call) -> tuple[Wanted, ProgrammeFile]:
    """The programme that the form asks for: one's own file, or else the preset.

    Raises _Mistakes for a file that cannot be run, InvalidAnswers where there is neither.
    """
    given = blocks.answers(call.view)
    if given["file"]:
        file_id = given["file"][0]["id"]
        text, digest = _uploaded(call, file_id)
        try:
            return Wanted(file_id=file_id, digest=digest), read_programme(text)
        except InvalidProgramme as error:
            raise _Mistakes(str(error)) from error
    if given.get("preset") in presets():
        return Wanted(preset=given["preset"]), preset(given["preset"])
    raise InvalidAnswers({"file": ("setup.choose_one", {})})


def _uploaded(call: Call, file_id: str) -> tuple[str, str]:
    """The text of an uploaded file and its digest."""
    try:
        content = fetch(call.client, file_id, MOST_BYTES)
        return content.decode("utf-8-sig"), _digest(content)
    except (UploadTooLarge, UploadLost) as refusal:
        raise InvalidAnswers({"file": (refusal.key, refusal.values)}) from refusal
    except UnicodeDecodeError as error:
        raise InvalidAnswers({"file": ("setup.no_text", {})}) from error


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _again(call: Call) -> tuple[Wanted, ProgrammeFile]:
    """The programme that was shown; raises Stale where the file is another one by now."""
    held: dict[str, Any] = json.loads(call.view["private_metadata"])
    wanted = Wanted(**{**held, "coordinators": tuple(held["coordinators"])})
    if wanted.preset:
        return wanted, preset(wanted.preset)
    content = fetch(call.client, wanted.file_id or "", MOST_BYTES)
    if _digest(content) != wanted.digest:
        raise Stale
    return wanted, read_programme(content.decode("utf-8-sig"))


def start(call: Call) -> None:
    """The new programme was confirmed."""
    _check_workspace_admin(call)
    wanted, file = _again(call)
    seen = [call.fetch_person(user) for user in wanted.coordinators]
    with call.begin() as tx:
        for person in seen:
            people.first_seen(tx, person, call.now)
        admin.set_up(tx, file, wanted.channel_id, seen[0].slack_user_id, call.now)
        for person in seen[1:]:
            admin.add_coordinator(tx, file.id, person.slack_user_id, call.slack_user_id, call.now)
    channel = Markup(f"<#{wanted.channel_id}>")
    _done(call, "setup.title", call.say("setup.done", programme=file.name, channel=channel))


def update(call: Call) -> None:
    """The newer file was confirmed; raises Stale where another one was taken over meanwhile."""
    with call.read() as tx:
        _allowed(tx, call)
    wanted, file = _again(call)
    with call.begin() as tx:
        permitted.check(tx, file.id, call.slack_user_id, Action.UPDATE)
        running = programme_or_refuse(tx, file.id)
        if _digest(running.definition.encode()) != wanted.running:
            raise Stale
        asked = admin.update(tx, file, call.slack_user_id, call.now)
    text = call.say("setup.updated", programme=file.name)
    if asked:
        roles = listed([call.say(f"role.{role}") for role in asked], call.locale)
        text = Markup(f"{text} {call.say('setup.asked_again', roles=roles)}")
    _done(call, "setup.update_title", text)


def _done(call: Call, title: str, text: Markup) -> None:
    done = blocks.modal(NOTICE, call.say(title), [blocks.section(text)], close=call.say("close"))
    call.ack(response_action="update", view=done)


def _check_channel(call: Call, channel_id: str) -> None:
    """The bot must be in the channel before it can post there."""
    try:
        channel = call.client.conversations_info(channel=channel_id)["channel"]
        is_member = channel.get("is_member", False)
    except SlackApiError as error:
        if error.response.get("error") != "channel_not_found":
            raise
        is_member = False
    if not is_member:
        raise InvalidAnswers({"channel": ("setup.invite_me", {})})


def register(app: App, bot: MentorBot) -> None:
    """Listen to the forms and to what confirms them."""
    app.view(ids.SETUP_FORM)(guard(bot, show_new))
    app.view(ids.CONFIRM_SETUP_FORM)(guard(bot, start))
    app.view(ids.UPDATE_FORM)(guard(bot, show_update))
    app.view(ids.CONFIRM_UPDATE_FORM)(guard(bot, update))
