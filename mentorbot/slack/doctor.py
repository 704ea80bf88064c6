"""What Slack and a mail server can tell about an installation.

That is tokens, scopes, the clock, channels, coordinators, and the way of letters. Nobody is written
to, and nothing is changed but that a token about to end is renewed, as before
any call. A token is never part of a finding.
"""

from collections.abc import Collection, Generator, Iterator, Sequence
from email.utils import parseaddr, parsedate_to_datetime
from http.client import HTTPException
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError, SlackTokenRotationError
from slack_sdk.web import SlackResponse

from mentorbot.bootstrap import MentorBot
from mentorbot.config import Settings
from mentorbot.domain.findings import Finding, ill, well
from mentorbot.domain.model import Programme, Role
from mentorbot.domain.permissions import RUNNERS, TeamRole
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.mail import NotSent
from mentorbot.slack.client import slack_client
from mentorbot.slack.installation import Installations, installations_of
from mentorbot.slack.manifest import scopes
from mentorbot.slack.outcomes import failure_of
from mentorbot.storage import appointments, participants
from mentorbot.usecases import applying
from mentorbot.usecases.importing import IMPORT

TIMEOUT_SECONDS = 10
OF_ADDRESSES = "users:read.email"
"""The scope without which Slack confirms nobody's address."""
MOST_SKEW_SECONDS = 60
"""What is signed is void after five minutes, on either side."""
BOT_TOKEN, APP_TOKEN = "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"
_BEGINS = {BOT_TOKEN: ("xoxb-", "xoxe.xoxb-"), APP_TOKEN: ("xapp-",)}
_OTHERS = {"token_of_person": ("xoxp-", "xoxe.xoxp-"), "token_for_renewal": ("xoxe-",)}
_FAILURES = (SlackApiError, OSError, HTTPException)
_AWAY = {"channel_not_found", "team_not_found"}
_GONE = {"user_not_found", "user_not_visible"}


def of_settings(settings: Settings) -> Iterator[Finding]:
    """Whether the tokens are there, and each of its kind; Slack is not asked."""
    bot_token, app_token = _tokens(settings)
    if settings.is_single_workspace:
        yield _of_kind(BOT_TOKEN, bot_token)
    if app_token:
        yield _of_kind(APP_TOKEN, app_token)
    if settings.is_single_workspace and not settings.slack_signing_secret.get_secret_value():
        if not app_token:
            yield ill("no_door")
        return
    lacking = settings.missing_for_http()
    yield ill("http_incomplete", sentence=lacking) if lacking else well("http")


def _tokens(settings: Settings) -> tuple[str, str]:
    return settings.slack_bot_token.get_secret_value(), settings.slack_app_token.get_secret_value()


def _of_kind(name: str, token: str) -> Finding:
    begins = _BEGINS[name][0]
    if not token:
        return ill("token_missing", name=name)
    if _is_of_kind(name, token):
        return well("token_kind", name=name, begins=begins)
    for other in _BEGINS:
        if _is_of_kind(other, token):
            return ill("token_mixed_up", name=name, other=other, begins=begins)
    key = next((key for key, it in _OTHERS.items() if token.startswith(it)), "token_unknown")
    return ill(key, name=name, begins=begins)


def _is_of_kind(name: str, token: str) -> bool:
    return token.startswith(_BEGINS[name])


def of_slack(bot: MentorBot, workspace_ids: Sequence[str]) -> Iterator[Finding]:
    """What Slack answers, for the workspaces that the database knows as installed."""
    client = slack_client(bot, timeout_seconds=TIMEOUT_SECONDS)
    url = bot.settings.slack_api_url
    try:
        answer = client.api_test()
    except _FAILURES as error:
        yield ill("unreachable", url=url, why=_why(error))
        return
    yield well("reachable", url=url)
    yield _of_clock(bot, answer)
    bot_token, app_token = _tokens(bot.settings)
    if _is_of_kind(APP_TOKEN, app_token):
        yield _of_app_token(client, app_token)
    if not bot.settings.is_single_workspace:
        for workspace_id in workspace_ids:
            yield from _of_installation(bot, installations_of(bot), workspace_id)
    elif _is_of_kind(BOT_TOKEN, bot_token):
        yield from _of_one_token(bot, bot_token, workspace_ids)


def _of_clock(bot: MentorBot, answer: SlackResponse) -> Finding:
    """How far this machine's clock is from the one by which Slack answered."""
    try:
        theirs = parsedate_to_datetime(_header(answer, "date"))
    except ValueError:
        return well("clock_untold")
    seconds = round((bot.clock() - theirs).total_seconds())
    if abs(seconds) <= MOST_SKEW_SECONDS:
        return well("clock")
    return ill("clock_ahead" if seconds > 0 else "clock_behind", seconds=abs(seconds))


def _of_app_token(client: WebClient, token: str) -> Finding:
    """An address to connect to is asked for, and not connected to."""
    try:
        client.apps_connections_open(app_token=token)
    except _FAILURES as error:
        return ill("app_token_refused", why=_why(error))
    return well("app_token")


def _of_one_token(bot: MentorBot, token: str, workspace_ids: Sequence[str]) -> Iterator[Finding]:
    client = slack_client(bot, token, TIMEOUT_SECONDS)
    workspace_id, granted = yield from _of_token(client, BOT_TOKEN)
    if not workspace_id:
        return
    if strange := [it for it in workspace_ids if it != workspace_id]:
        yield ill("other_workspace", workspace=workspace_id, others=", ".join(strange))
    if workspace_id in workspace_ids:
        yield from _of_programmes(bot, client, workspace_id, granted)


def _of_installation(
    bot: MentorBot, installations: Installations, workspace_id: str
) -> Iterator[Finding]:
    try:
        access = installations.access(workspace_id)
    except (SlackClientError, OSError) as error:
        yield ill("token_not_renewed", workspace=workspace_id, why=_why(error))
        return
    if access is None:
        yield ill("not_installed", workspace=workspace_id)
        return
    team_id = workspace_id if access.is_org_wide else None
    client = slack_client(bot, access.token, TIMEOUT_SECONDS, team_id)
    found_id, granted = yield from _of_token(client, workspace_id)
    if found_id:
        yield from _of_programmes(bot, client, workspace_id, granted)


def _of_token(client: WebClient, name: str) -> Generator[Finding, None, tuple[str, set[str]]]:
    """Whether a bot token is taken, and what it may do; returns its workspace, if any, and that."""
    try:
        answer = client.auth_test()
    except _FAILURES as error:
        yield ill("token_refused", name=name, why=_why(error))
        return "", set()
    workspace_id = str(answer.get("team_id", ""))
    yield well("token_taken", name=name, workspace=f"{answer.get('team', '')} ({workspace_id})")
    granted = {scope.strip() for scope in _header(answer, "x-oauth-scopes").split(",")}
    missing = [scope for scope in scopes() if scope not in granted]
    yield ill("scopes", name=name, missing=", ".join(missing)) if missing else well("scopes_all")
    return workspace_id, granted


def _of_programmes(
    bot: MentorBot, client: WebClient, workspace_id: str, granted: Collection[str]
) -> Iterator[Finding]:
    with bot.store.read(workspace_id) as tx:
        running = [
            (
                it,
                appointments.holders(tx, it.programme_id, RUNNERS),
                appointments.holders(tx, it.programme_id, {TeamRole.OWNER}),
            )
            for it in participants.programmes(tx)
        ]
    if not running:
        yield well("no_programme", workspace=workspace_id)
    for programme, coordinators, owners in running:
        file = parse_stored(programme.definition)
        yield _of_channel(client, programme)
        yield _of_coordinators(client, programme, coordinators)
        if not owners:
            yield ill("no_owner", programme=file.name, workspace=workspace_id)
        if OF_ADDRESSES not in granted and _reads_addresses(file):
            yield ill("addresses_unread", programme=file.name)


def _reads_addresses(file: ProgrammeFile) -> bool:
    return file.application is not None and any(applying.reads_addresses(file, it) for it in Role)


def of_mail(bot: MentorBot, workspace_ids: Sequence[str]) -> Iterator[Finding]:
    """Whether letters can go, where a programme writes any or a mail server is set."""
    writing = []
    for workspace_id in workspace_ids:
        with bot.store.read(workspace_id) as tx:
            files = [parse_stored(it.definition) for it in participants.programmes(tx)]
        writing += [it.name for it in files if it.application and IMPORT in it.application.through]
    has_server = bool(bot.settings.mentorbot_smtp_url.get_secret_value())
    if not writing and not has_server:
        return
    try:
        bot.mail.try_out()
    except NotSent as error:
        yield ill(error.reason, where=bot.mail.where)
    else:
        yield well("mail" if has_server else "mail_spooled", where=bot.mail.where)
    if writing and parseaddr(bot.settings.mentorbot_mail_from)[1].endswith("@localhost"):
        yield ill("mail_from_unset", programmes=", ".join(writing))


def _of_channel(client: WebClient, programme: Programme) -> Finding:
    place = {"programme": parse_stored(programme.definition).name, "channel": programme.channel_id}
    try:
        channel = client.conversations_info(channel=programme.channel_id)["channel"]
    except _FAILURES as error:
        if _why(error) in _AWAY:
            return ill("channel_hidden", **place)
        return ill("untold", what=programme.channel_id, why=_why(error))
    if channel.get("is_archived"):
        return ill("channel_archived", **place)
    return well("channel", **place) if channel.get("is_member") else ill("channel_left", **place)


def _of_coordinators(client: WebClient, programme: Programme, named: Sequence[str]) -> Finding:
    name = parse_stored(programme.definition).name
    gone = []
    for slack_user_id in named:
        try:
            is_gone = bool(client.users_info(user=slack_user_id)["user"].get("deleted"))
        except _FAILURES as error:
            if _why(error) not in _GONE:
                return ill("untold", what=slack_user_id, why=_why(error))
            is_gone = True
        if is_gone:
            gone.append(slack_user_id)
    if gone:
        return ill("coordinators_gone", programme=name, gone=", ".join(gone))
    return well("coordinators", programme=name, count=len(named))


def _header(answer: SlackResponse, name: str) -> str:
    return next((str(v) for k, v in answer.headers.items() if k.lower() == name), "")


def _why(error: Exception) -> str:
    """Slack's own word, or the network's."""
    error = error.api_error if isinstance(error, SlackTokenRotationError) else error
    if isinstance(error, SlackApiError):
        return failure_of(error).reason
    reason = error.reason if isinstance(error, URLError) else error
    return str(reason) or type(reason).__name__
