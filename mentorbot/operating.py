"""What an operator does by command: messages by hand, erasing a person, bringing a backup back."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from mentorbot.bootstrap import Clock, MentorBot, build, migrate
from mentorbot.config import Settings
from mentorbot.domain.erasures import Erasure
from mentorbot.domain.errors import DatabaseRefused, OperatorRefused
from mentorbot.domain.messages import MessageState
from mentorbot.domain.permissions import Appointment, TeamRole
from mentorbot.storage import (
    backup,
    departed,
    draws,
    erasure_file,
    lanes,
    ledger,
    migration,
    participants,
)
from mentorbot.storage.ledger import Entry
from mentorbot.storage.store import Transaction
from mentorbot.usecases import departing, erasing, interventions, secrets, team
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.erasing import Erased

log = structlog.get_logger(__name__)


@contextmanager
def opened(settings: Settings, clock: Clock | None = None) -> Iterator[MentorBot]:
    """The bot's parts over a database that is of this version; raises OperatorRefused else."""
    path = settings.sqlite_path()
    if path is not None and not path.is_file():
        raise OperatorRefused(f"There is no database at {path}.")
    bot = build(settings, clock=clock)
    try:
        if not migration.is_current(bot.store.engine):
            raise OperatorRefused("The database is of another version: mentorbot db upgrade.")
        yield bot
    finally:
        bot.store.close()


@contextmanager
def opened_programme(
    settings: Settings, workspace_id: str, programme_id: str | None
) -> Iterator[tuple[MentorBot, str]]:
    """The bot's parts, and the id of the programme that is named, or of the only one.

    Raises OperatorRefused, and NotSetUp where it does not run.
    """
    with opened(settings) as bot:
        _workspaces(bot, workspace_id)
        with bot.store.read(workspace_id) as tx:
            found = _programme(tx, programme_id)
        yield bot, found


@contextmanager
def opened_workspace(settings: Settings, workspace_id: str) -> Iterator[MentorBot]:
    """The bot's parts, where there is such a workspace; raises OperatorRefused."""
    with opened(settings) as bot:
        _workspaces(bot, workspace_id)
        yield bot


def team_of(settings: Settings, workspace_id: str, programme_id: str | None) -> list[Appointment]:
    """A programme's team; raises OperatorRefused, and NotSetUp where it does not run."""
    with opened(settings) as bot:
        _workspaces(bot, workspace_id)
        with bot.store.read(workspace_id) as tx:
            return team.members(tx, _programme(tx, programme_id))


def add_to_team(
    settings: Settings,
    workspace_id: str,
    programme_id: str | None,
    slack_user_id: str,
    role: TeamRole,
    *,
    specialty: str = "",
    everywhere: bool = False,
) -> bool:
    """Give somebody a role; whether it is new to them. Raises OperatorRefused and refusals."""
    with opened(settings) as bot:
        _workspaces(bot, workspace_id)
        with bot.store.begin(workspace_id) as tx:
            return team.appoint(
                tx,
                _programme(tx, programme_id),
                slack_user_id,
                role,
                "operator",
                bot.clock(),
                specialty=specialty,
                everywhere=everywhere,
            )


def remove_from_team(
    settings: Settings,
    workspace_id: str,
    programme_id: str | None,
    slack_user_id: str,
    role: TeamRole,
    *,
    everywhere: bool = False,
) -> None:
    """Take a role from somebody. Raises OperatorRefused and refusals, such as LastOwner."""
    with opened(settings) as bot:
        _workspaces(bot, workspace_id)
        with bot.store.begin(workspace_id) as tx:
            team.dismiss(
                tx,
                _programme(tx, programme_id),
                slack_user_id,
                role,
                "operator",
                bot.clock(),
                everywhere=everywhere,
            )


def _programme(tx: Transaction, programme_id: str | None) -> str:
    """The programme that is named, or the only one; raises OperatorRefused, NotSetUp."""
    running = [it.programme_id for it in participants.programmes(tx)]
    if programme_id is None and len(running) > 1:
        raise OperatorRefused(f"Several programmes run there: --programme {' or '.join(running)}.")
    return programme_or_refuse(tx, programme_id).programme_id


def list_messages(
    settings: Settings,
    states: Sequence[MessageState],
    workspace_id: str | None,
    recipient: str | None,
    most: int,
) -> list[Entry]:
    """The newest messages in these states, at most `most`; raises OperatorRefused."""
    with opened(settings) as bot:
        found: list[Entry] = []
        for mine in _workspaces(bot, workspace_id):
            with bot.store.read(mine) as tx:
                found += ledger.entries(tx, states, recipient, most)
    return sorted(found, key=lambda it: it.not_before_at, reverse=True)[:most]


def show_message(settings: Settings, message_id: str) -> dict[str, Any]:
    """Everything that is known of a message but what it says, with each try and each act."""
    with opened(settings) as bot, bot.store.read(_workspace_of(bot, message_id)) as tx:
        entry = ledger.entry(tx, message_id)
        if entry is None:
            raise OperatorRefused(f"There is no message {message_id}.")
        tries = ledger.attempts(tx, message_id)
        acts = ledger.by_hand(tx, message_id)
    return asdict(entry) | {
        "tries": [{"at": it.at, "outcome": it.outcome, "detail": it.detail} for it in tries],
        "by_hand": [{"at": it.at, "act": it.action} | it.details for it in acts],
    }


def act_on_message(
    settings: Settings, message_id: str, act: Callable[[Transaction, datetime], None]
) -> None:
    """Do something to a message in a transaction of its workspace; raises OperatorRefused."""
    with opened(settings) as bot, bot.store.begin(_workspace_of(bot, message_id)) as tx:
        act(tx, bot.clock())


def retry_message(
    settings: Settings, message_id: str, *, look_again: bool, even_if_repeated: bool
) -> None:
    """Have a message sent; raises OperatorRefused."""
    act_on_message(
        settings,
        message_id,
        lambda tx, now: interventions.retry(
            tx, message_id, now, look_again=look_again, even_if_repeated=even_if_repeated
        ),
    )


def drop_message(settings: Settings, message_id: str, reason: str) -> None:
    """Have a message not sent; raises OperatorRefused."""
    act_on_message(
        settings, message_id, lambda tx, now: interventions.drop(tx, message_id, reason, now)
    )


def recover(settings: Settings, workspace_id: str | None = None) -> int:
    """Begin recovery in one workspace or in all; returns in how many. Raises OperatorRefused."""
    with opened(settings) as bot:
        return _recover(bot, _workspaces(bot, workspace_id))


def _recover(bot: MentorBot, workspace_ids: Sequence[str]) -> int:
    for workspace_id in workspace_ids:
        with bot.store.begin(workspace_id) as tx:
            lanes.recover(tx, bot.clock())
    return len(workspace_ids)


def erase_person(
    settings: Settings, workspace_id: str, who: str, clock: Clock | None = None
) -> tuple[Path, Erased]:
    """Erase a person for good, by Slack id or by e-mail address in small letters.

    Returns the file in which that is written down, and what there was of them. It is written down
    before it is done: what is not committed then is done at the next start. Raises OperatorRefused,
    OSError where it cannot be written down: then nothing is done.
    """
    path = settings.erasures_path()
    with opened(settings, clock) as bot:
        _workspaces(bot, workspace_id)
        with bot.store.begin(workspace_id) as tx:
            erased = erasing.erase(tx, who, bot.clock())
            for erasure in erased.erasures:
                erasure_file.append(path, erasure)
            _delete_letters(bot, erased)
    database = settings.sqlite_path()
    if database is not None:
        _rewrite(database, who)
    return path, erased


def _delete_letters(bot: MentorBot, erased: Erased) -> None:
    try:
        for key in erased.held.letters:
            bot.mail.forget(key)
    except OSError as error:
        raise OperatorRefused(
            f"A letter to them cannot be deleted: {error.filename}: {error.strerror}."
            " Delete it, and give the command again."
        ) from None


def _rewrite(database: Path, who: str) -> None:
    try:
        backup.rewrite(database)
    except DatabaseRefused as refusal:
        raise OperatorRefused(
            f"{who} is erased. Free pages may still hold what was theirs: {refusal}"
            f' Stop MentorBot and run: sqlite3 {database} "VACUUM"'
        ) from None


def repeat_erasures(bot: MentorBot) -> int:
    """Erase again whom a database from before has brought back; returns how many erasures.

    To be called before anything is served or sent.
    """
    known = erasure_file.read(bot.settings.erasures_path())
    repeated = 0
    for workspace_id in bot.store.workspace_ids() if known else ():
        mine = [erasure for erasure in known if erasure.workspace_id == workspace_id]
        repeated += _repeat_in(bot, workspace_id, mine)
    return repeated


def _repeat_in(bot: MentorBot, workspace_id: str, mine: list[Erasure]) -> int:
    with bot.store.read(workspace_id) as tx:
        is_departed = departing.came_back(tx, mine)
        missing = erasing.missing(tx, mine)
    if not is_departed and not missing:
        return 0
    if is_departed:
        _erase_workspace(bot, workspace_id)
        return 1
    with bot.store.begin(workspace_id) as tx:
        return erasing.repeat(tx, mine, bot.clock())


def erase_if_departed(bot: MentorBot, workspace_id: str) -> bool:
    """Erase a workspace that uninstalled the app so long ago; whether it was.

    It is written down first. Cut short, it goes on at the next sweep. Raises OSError where it
    cannot be written down: then nothing is done.
    """
    retention = timedelta(days=bot.settings.mentorbot_retention_days)
    with bot.store.read(workspace_id) as tx:
        if not departing.is_over(tx, retention, bot.clock()):
            return False
        erasure = departing.erasure(tx, bot.clock())
    erasure_file.append(bot.settings.erasures_path(), erasure)
    _erase_workspace(bot, workspace_id)
    return True


def _erase_workspace(bot: MentorBot, workspace_id: str) -> None:
    is_left = True
    while is_left:
        with bot.store.begin(workspace_id) as tx:
            is_left = departed.delete_some(tx)
    log.warning("workspace.erased", workspace=workspace_id)


def back_up_database(settings: Settings, path: Path) -> int:
    """Back the settings' database up; returns the file's bytes. Raises DatabaseRefused."""
    return backup.back_up(_file(settings), path)


def restore_database(
    settings: Settings, path: Path, clock: Clock | None = None
) -> tuple[Path | None, int]:
    """Restore a backup, brought up to date, without whom was erased since, in recovery.

    Returns where the former database is kept, and how many erasures were repeated. Raises
    DatabaseRefused.
    """
    repeated = 0

    def make_ready(staged: Path) -> None:
        nonlocal repeated
        repeated = _make_ready(settings, staged, clock)

    kept = backup.restore(_file(settings), path, make_ready)
    return kept, repeated


def _make_ready(settings: Settings, staged: Path, clock: Clock | None) -> int:
    here = {
        "mentorbot_database_url": f"sqlite:///{staged}",
        "mentorbot_erasures_file": str(settings.erasures_path()),
    }
    bot = build(settings.model_copy(update=here), clock=clock)
    try:
        migrate(bot)
        repeated = repeat_erasures(bot)
        _recover(bot, bot.store.workspace_ids())
    finally:
        bot.store.close()
    backup.rewrite(staged)
    return repeated


def _file(settings: Settings) -> Path:
    path = settings.sqlite_path()
    if path is None:
        raise DatabaseRefused("PostgreSQL has tools of its own: use pg_dump and pg_restore.")
    return path


def draw_of(
    settings: Settings, workspace_id: str, programme_id: str | None, role: str | None
) -> str:
    """The newest draw of a programme as it is published, in JSON; raises OperatorRefused."""
    with opened_programme(settings, workspace_id, programme_id) as (bot, found_id):
        with bot.store.read(workspace_id) as tx:
            every = [it for it in draws.every(tx) if it.programme_id == found_id]
        drawn = [it for it in every if it.seed is not None and role in (None, str(it.role))]
        if not drawn:
            raise OperatorRefused("Nothing was drawn there yet.")
        return drawn[-1].published().text()


def renew_secrets(settings: Settings) -> int:
    """Seal everything anew with the first key; how much it was. Raises SecretKeyMissing."""
    count = 0
    with opened(settings) as bot:
        for workspace_id in _workspaces(bot, None):
            with bot.store.begin(workspace_id) as tx:
                count += secrets.renew(tx)
    return count


def _workspaces(bot: MentorBot, workspace_id: str | None) -> list[str]:
    known = sorted(bot.store.workspace_ids())
    if workspace_id is None:
        return known
    if workspace_id not in known:
        raise OperatorRefused(f"There is no workspace {workspace_id} here.")
    return [workspace_id]


def _workspace_of(bot: MentorBot, message_id: str) -> str:
    for workspace_id in bot.store.workspace_ids():
        with bot.store.read(workspace_id) as tx:
            if ledger.entry(tx, message_id) is not None:
                return workspace_id
    raise OperatorRefused(f"There is no message {message_id}.")
