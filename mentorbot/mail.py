"""E-mail: letters composed, and sent over SMTP or written to a spool folder.

A letter's Message-ID is made of its cause, so that a second copy is recognised as one.
"""

import binascii
import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 10
AWAY_SECONDS, SET_UP_SECONDS = 60, 300
"""How long all mail waits for a server that is away, and for one that has to be set up."""
NAME_MOST = 200
_PLAIN = re.compile(r"[^\s<>()\[\],;:\\\"\x00-\x1f\x7f]{3,254}")
_LOCAL = ("localhost", "127.0.0.1", "::1")
_TRIAL = "trial"
_NO_LOGIN = (
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPNotSupportedError,
    binascii.Error,  # a challenge that is none
)


class Trouble(StrEnum):
    """What a failure means: all mail waits, this letter waits, it never goes, it may have gone."""

    AWAY = "away"
    LATER = "later"
    REFUSED = "refused"
    UNSURE = "unsure"


class NotSent(Exception):
    """A letter was not sent, or may have been; `reason` is a word for the operator."""

    def __init__(self, trouble: Trouble, reason: str, wait_seconds: int | None = None) -> None:
        super().__init__(reason)
        self.trouble = trouble
        self.reason = reason
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class Letter:
    """What somebody is to read: a subject, and the same words as text and as HTML."""

    address: str
    name: str
    subject: str
    text: str
    html: str
    reply_to: str | None = None


class Mail:
    """Sends letters from one address: by the server of `smtp_url`, else into a folder."""

    def __init__(self, smtp_url: str, sender: str, folder: Path) -> None:
        self._server = urlsplit(smtp_url) if smtp_url else None
        self._sender = sender
        self._folder = folder
        self.trouble: str | None = None

    def send(self, letter: Letter, key: str, at: datetime) -> None:
        """Send a letter; its key names it for ever. Raises NotSent.

        `trouble` is the reason why no mail went the last time; None once some does.
        """
        try:
            message = compose(letter, self._sender, key, at)
        except (ValueError, UnicodeError) as error:
            raise NotSent(Trouble.REFUSED, "bad_address") from error
        try:
            if self._server is None:
                self._spool(message, key)
            else:
                self._deliver(message)
        except NotSent as error:
            self.trouble = error.reason if error.trouble is Trouble.AWAY else None
            raise
        self.trouble = None

    @property
    def where(self) -> str:
        """The server, without a password, or the folder."""
        given = self._server
        if given is None:
            return str(self._folder)
        return f"{given.hostname}:{given.port}" if given.port else str(given.hostname)

    def try_out(self) -> None:
        """Go as far as a letter does before it names anybody; raises NotSent, sends nothing."""
        if self._server is None:
            self._check_folder()
            return
        with self._connected() as server, suppress(OSError):
            server.quit()

    def _check_folder(self) -> None:
        """Whether a file can be written there, in a folder that may still have to be made."""
        if self._folder.is_dir():
            self._write(_TRIAL, b"A trial.").unlink(missing_ok=True)
            return
        there = next(it for it in (self._folder, *self._folder.absolute().parents) if it.exists())
        if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
            raise NotSent(Trouble.AWAY, "mail_folder", AWAY_SECONDS)

    def forget(self, key: str) -> None:
        """Delete a letter from the folder, if it is there; raises OSError."""
        self._file(key).unlink(missing_ok=True)

    def _file(self, key: str) -> Path:
        return self._folder / f"{key}.eml"

    def _spool(self, message: EmailMessage, key: str) -> None:
        """Write a letter as a file that is there as a whole or not at all, and is there once."""
        content = message.as_bytes()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write(key, content).replace(self._file(key))
            _keep_names(self._folder)
        except OSError as error:
            raise NotSent(Trouble.AWAY, "mail_folder", AWAY_SECONDS) from error

    def _write(self, name: str, content: bytes) -> Path:
        """A file with all of its content, not yet under its name; raises NotSent, leaving none."""
        partial = self._folder / f"{name}.partial"
        try:
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            raise NotSent(Trouble.AWAY, "mail_folder", AWAY_SECONDS) from error
        return partial

    def _deliver(self, message: EmailMessage) -> None:
        sender, reader = (message[name].addresses[0].addr_spec for name in ("From", "To"))
        with self._connected() as server:
            options = _options(server, sender, reader)
            _heed(server.mail(sender, options), "mail_sender", is_about_all=True)
            _heed(server.rcpt(reader), "mail_recipient")
            content = message.as_bytes()
            try:
                answer = server.data(content)
            except smtplib.SMTPDataError as error:
                _heed((error.smtp_code, b""), "mail_content")
                raise NotSent(Trouble.AWAY, "mail_server", AWAY_SECONDS) from error
            except OSError as error:
                raise NotSent(Trouble.UNSURE, "mail_answer_lost") from error
            _heed(answer, "mail_content", is_content=True)
            with suppress(OSError):
                server.quit()

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection, secured and logged in; what fails before the letter is sent did nothing."""
        given, server = self._server, None
        if given is None or given.hostname is None:
            raise NotSent(Trouble.AWAY, "mail_server", SET_UP_SECONDS)
        try:
            server = _opened(given.hostname, given.port, is_secure=given.scheme == "smtps")
            if given.scheme == "smtp":
                _secure(server, is_needed=bool(given.username) and given.hostname not in _LOCAL)
            if given.username:
                server.login(unquote(given.username), unquote(given.password or ""))
            yield server
        except NotSent:
            raise
        except _NO_LOGIN as error:
            raise NotSent(Trouble.AWAY, "mail_login", SET_UP_SECONDS) from error
        except ssl.SSLCertVerificationError as error:
            raise NotSent(Trouble.AWAY, "mail_certificate", SET_UP_SECONDS) from error
        except ssl.SSLError as error:
            raise NotSent(Trouble.AWAY, "mail_security", SET_UP_SECONDS) from error
        except OSError as error:
            raise NotSent(Trouble.AWAY, "mail_server", AWAY_SECONDS) from error
        finally:
            if server is not None:
                server.close()


def _opened(host: str, port: int | None, *, is_secure: bool) -> smtplib.SMTP:
    if is_secure:
        trusted = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port or 465, timeout=TIMEOUT_SECONDS, context=trusted
        )
    else:
        server = smtplib.SMTP(host, port or 587, timeout=TIMEOUT_SECONDS)
    server.ehlo_or_helo_if_needed()
    return server


def _secure(server: smtplib.SMTP, *, is_needed: bool) -> None:
    """Turn to TLS where the server offers it; raises NotSent where it is needed and cannot be."""
    if not server.has_extn("starttls"):
        if is_needed:
            raise NotSent(Trouble.AWAY, "mail_security", SET_UP_SECONDS)
        return
    try:
        server.starttls(context=ssl.create_default_context())
    except smtplib.SMTPResponseException as error:
        raise NotSent(Trouble.AWAY, "mail_security", SET_UP_SECONDS) from error
    server.ehlo()


def compose(letter: Letter, sender: str, key: str, at: datetime) -> EmailMessage:
    """A letter as it is sent; raises ValueError for an address that cannot be one."""
    name, address = parseaddr(sender)
    local, _, domain = letter.address.rpartition("@")
    if not local or not domain or not _PLAIN.fullmatch(letter.address):
        raise ValueError("this is no e-mail address")
    reader = Address(_one_line(letter.name), local, domain.encode("idna").decode("ascii"))
    message = EmailMessage(policy=SMTP if local.isascii() else SMTPUTF8)
    message["From"] = Address(_one_line(name), addr_spec=address)
    message["To"] = reader
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{key}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _one_line(text: str) -> str:
    """A text that cannot begin another header."""
    return " ".join("".join(it if it.isprintable() else " " for it in text).split())[:NAME_MOST]


def _options(server: smtplib.SMTP, sender: str, reader: str) -> list[str]:
    if (sender + reader).isascii():
        return []
    if not server.has_extn("smtputf8"):
        raise NotSent(Trouble.REFUSED, "mail_international")
    return ["SMTPUTF8", "BODY=8BITMIME"]


def _keep_names(folder: Path) -> None:
    """Have the disk keep which files a folder holds, also when the power fails."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _heed(
    answer: tuple[int, bytes], what: str, *, is_about_all: bool = False, is_content: bool = False
) -> None:
    """Go on after a yes; RFC 5321, 4.2.1: 4 is not now, 5 is never, 421 is the server going.

    What is neither is no answer: after the content nobody knows what became of the letter.
    """
    code = answer[0]
    if 200 <= code < 300:
        return
    if not 400 <= code < 600:
        if is_content:
            raise NotSent(Trouble.UNSURE, "mail_answer_lost")
        raise NotSent(Trouble.AWAY, "mail_server", AWAY_SECONDS)
    reason = f"{what}_{code}"
    if code == 421 or is_about_all:
        raise NotSent(Trouble.AWAY, reason, AWAY_SECONDS if code < 500 else SET_UP_SECONDS)
    raise NotSent(Trouble.LATER if code < 500 else Trouble.REFUSED, reason)
