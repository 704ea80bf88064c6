"""A mail server on the wire: it speaks SMTP, keeps what it takes, and answers as a test says."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Post:
    """What a server has taken, and how it answers each command; None closes the connection.

    With a `certificate` it speaks TLS: from the start, or once it is asked to (`is_asked`). With
    `logins` it takes letters of these alone, by name and password.
    """

    answers: dict[str, str | None] = field(default_factory=dict)
    knows: tuple[str, ...] = ("8BITMIME",)
    letters: list[EmailMessage] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    certificate: Path | None = None
    is_asked: bool = False
    logins: dict[str, str] = field(default_factory=dict)
    port: int = 0

    @property
    def url(self) -> str:
        scheme = "smtps" if self.certificate and not self.is_asked else "smtp"
        return f"{scheme}://127.0.0.1:{self.port}"

    def url_of(self, login: str) -> str:
        """Where somebody logs in, as `name:password`."""
        return self.url.replace("//", f"//{login}@")


class _Talk(socketserver.StreamRequestHandler):
    server: _Server
    is_logged_in = False

    def handle(self) -> None:
        post = self.server.post
        if post.certificate and not post.is_asked:
            self._speak_tls(post.certificate)
        self._say("220 mail.example.org")
        while line := self.rfile.readline():
            said = line.decode().strip()
            post.said.append(said)
            word = said.partition(" ")[0].upper()
            if word == "EHLO":
                lines = ["mail.example.org", *post.knows]
                if post.is_asked and not isinstance(self.connection, ssl.SSLSocket):
                    lines.append("STARTTLS")
                elif post.logins:
                    lines.append("AUTH PLAIN")
                for name in lines[:-1]:
                    self._say(f"250-{name}")
                self._say(f"250 {lines[-1]}")
                continue
            answer = post.answers.get(word, self._answer(word, said))
            if not self._say(answer) or word == "QUIT":
                return
            if word == "STARTTLS" and post.certificate and answer and answer.startswith("220"):
                self._speak_tls(post.certificate)
            if word == "DATA" and answer and answer.startswith("354") and not self._take():
                return

    def _answer(self, word: str, said: str) -> str:
        """What a server says that is content."""
        if word == "AUTH":
            _nothing, name, password = base64.b64decode(said.split()[-1]).decode().split("\0")
            is_right = self.server.post.logins.get(name) == password
            self.is_logged_in = is_right
            return "235 welcome" if is_right else "535 no such login"
        if word == "MAIL" and self.server.post.logins and not self.is_logged_in:
            return "530 log in first"
        return {"DATA": "354 go on", "STARTTLS": "220 go on"}.get(word, "250 fine")

    def _speak_tls(self, certificate: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.rfile.close()
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)

    def finish(self) -> None:
        super().finish()
        if isinstance(self.connection, ssl.SSLSocket):
            self.connection.close()

    def _take(self) -> bool:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        self.server.post.letters.append(
            BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(b"".join(lines))
        )
        return self._say(self.server.post.answers.get("CONTENT", "250 taken"))

    def _say(self, answer: str | None) -> bool:
        if answer is not None:
            self.wfile.write(f"{answer}\r\n".encode())
        return answer is not None


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    post: Post

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that does not trust the certificate goes away in the middle of a word."""


@contextmanager
def mail_server(**more: object) -> Iterator[Post]:
    """A server that runs until the end."""
    post = Post(**more)  # type: ignore[arg-type]  # a test names its fields
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.post, post.port = post, server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield post
        server.shutdown()
        thread.join()


def made_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.org")])
    now = datetime.datetime.now(datetime.UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "mail.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path
