"""A mail server on the wire: it speaks SMTP, keeps what it takes, and answers as a test says."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser


@dataclass
class Post:
    """What a server has taken, and how it answers each command; None closes the connection."""

    answers: dict[str, str | None] = field(default_factory=dict)
    knows: tuple[str, ...] = ("8BITMIME",)
    letters: list[EmailMessage] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


class _Talk(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        post = self.server.post
        self._say("220 mail.example.org")
        while line := self.rfile.readline():
            said = line.decode().strip()
            post.said.append(said)
            word = said.partition(" ")[0].upper()
            if word == "EHLO":
                lines = ["mail.example.org", *post.knows]
                for name in lines[:-1]:
                    self._say(f"250-{name}")
                self._say(f"250 {lines[-1]}")
                continue
            answer = post.answers.get(word, "354 go on" if word == "DATA" else "250 fine")
            if not self._say(answer) or word == "QUIT":
                return
            if word == "DATA" and answer and answer.startswith("354") and not self._take():
                return

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
