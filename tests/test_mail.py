"""Letters arrive once and as they were meant, or it is known what became of them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorbot.mail import Letter, Mail, NotSent, Trouble, compose
from tests.smtp import Post, made_certificate, mail_server

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
SENDER = "Mentoring Zürich <mentors@example.org>"
LETTER = Letter(
    "zoe@example.net", "Zoë Ng", "Your place", "Dear Zoë,\n\n.\nSee you.\n", "<p>Dear Zoë,</p>"
)


@pytest.fixture
def post() -> Iterator[Post]:
    with mail_server() as server:
        yield server


def sent(post: Post, letter: Letter = LETTER) -> None:
    Mail(post.url, SENDER, Path("nowhere")).send(letter, "k" * 32, NOW)


def trouble_of(post: Post, letter: Letter = LETTER) -> NotSent:
    with pytest.raises(NotSent) as failed:
        sent(post, letter)
    return failed.value


def test_letter_arrives_as_text_and_as_html(post: Post) -> None:
    sent(post)
    (found,) = post.letters
    text, html = found.iter_parts()
    assert text.get_content().splitlines() == ["Dear Zoë,", "", ".", "See you."]
    assert html.get_content().strip() == "<p>Dear Zoë,</p>"
    assert found["To"] == "Zoë Ng <zoe@example.net>"
    assert found["From"] == SENDER
    assert (found["Subject"], found["Auto-Submitted"]) == ("Your place", "auto-generated")
    assert "rcpt TO:<zoe@example.net>" in post.said


def test_two_copies_of_a_letter_have_one_message_id(post: Post) -> None:
    sent(post)
    sent(post)
    assert [it["Message-ID"] for it in post.letters] == [f"<{'k' * 32}@example.org>"] * 2


@pytest.mark.parametrize(
    ("word", "answer", "trouble", "reason"),
    [
        ("MAIL", "550 not you", Trouble.AWAY, "mail_sender_550"),
        ("RCPT", "550 nobody here", Trouble.REFUSED, "mail_recipient_550"),
        ("RCPT", "450 greylisted", Trouble.LATER, "mail_recipient_450"),
        ("RCPT", "421 going", Trouble.AWAY, "mail_recipient_421"),
        ("RCPT", None, Trouble.AWAY, "mail_server"),
        ("DATA", "554 no", Trouble.REFUSED, "mail_content_554"),
        ("DATA", "451 later", Trouble.LATER, "mail_content_451"),
        ("CONTENT", "554 spam", Trouble.REFUSED, "mail_content_554"),
        ("CONTENT", "452 full", Trouble.LATER, "mail_content_452"),
        ("CONTENT", None, Trouble.UNSURE, "mail_answer_lost"),
        ("MAIL", "what?", Trouble.AWAY, "mail_server"),
        ("RCPT", "what?", Trouble.AWAY, "mail_server"),
        ("RCPT", "354 go on", Trouble.AWAY, "mail_server"),
        ("DATA", "what?", Trouble.AWAY, "mail_server"),
        ("DATA", "250 ok", Trouble.AWAY, "mail_server"),
        ("CONTENT", "what?", Trouble.UNSURE, "mail_answer_lost"),
        ("CONTENT", "\xff" * 9000, Trouble.UNSURE, "mail_answer_lost"),
        ("CONTENT", "354 go on", Trouble.UNSURE, "mail_answer_lost"),
    ],
)
def test_every_answer_is_understood(
    post: Post, word: str, answer: str | None, trouble: Trouble, reason: str
) -> None:
    post.answers[word] = answer
    found = trouble_of(post)
    assert (found.trouble, found.reason) == (trouble, reason)


def test_lost_goodbye_is_no_trouble(post: Post) -> None:
    post.answers["QUIT"] = None
    sent(post)
    assert len(post.letters) == 1


def test_server_that_is_away_holds_all_mail_for_a_while(post: Post) -> None:
    with pytest.raises(NotSent) as failed:
        Mail("smtp://127.0.0.1:9", SENDER, Path("nowhere")).send(LETTER, "k", NOW)
    assert (failed.value.trouble, failed.value.wait_seconds) == (Trouble.AWAY, 60)


def test_password_is_never_sent_in_the_clear(post: Post) -> None:
    url = post.url.replace("127.0.0.1", "me:secret@127.0.0.2")
    with pytest.raises(NotSent) as failed:
        Mail(url, SENDER, Path("nowhere")).send(LETTER, "k", NOW)
    assert failed.value.reason in ("mail_security", "mail_server")
    assert not any("AUTH" in it for it in post.said)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The mail server's certificate, which this machine trusts."""
    made = made_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    return made


def trouble_at(url: str) -> tuple[Trouble, str]:
    with pytest.raises(NotSent) as failed:
        Mail(url, SENDER, Path("nowhere")).send(LETTER, "k", NOW)
    return failed.value.trouble, failed.value.reason


@pytest.mark.parametrize("is_asked", [False, True])
def test_letter_goes_over_tls_from_who_logs_in(certificate: Path, is_asked: bool) -> None:
    logins = {"me@example.org": "p:ss"}
    with mail_server(certificate=certificate, is_asked=is_asked, logins=logins) as post:
        url = post.url_of("me%40example.org:p%3Ass")
        Mail(url, SENDER, Path("nowhere")).send(LETTER, "k", NOW)
        Mail(url, SENDER, Path("nowhere")).try_out()
    (letter,) = post.letters
    assert letter["To"] == "Zoë Ng <zoe@example.net>"
    assert ("STARTTLS" in post.said) == is_asked
    assert post.said.index("quit") < len(post.said) - 1
    if is_asked:
        assert all("AUTH" not in it for it in post.said[: post.said.index("STARTTLS")])


@pytest.mark.parametrize("is_asked", [False, True])
def test_wrong_password_holds_all_mail(certificate: Path, is_asked: bool) -> None:
    with mail_server(certificate=certificate, is_asked=is_asked, logins={"me": "right"}) as post:
        assert trouble_at(post.url_of("me:wrong")) == (Trouble.AWAY, "mail_login")
    assert post.letters == []


@pytest.mark.parametrize("is_asked", [False, True])
def test_certificate_that_is_not_trusted_holds_all_mail(tmp_path: Path, is_asked: bool) -> None:
    certificate = made_certificate(tmp_path)
    with mail_server(certificate=certificate, is_asked=is_asked, logins={"me": "right"}) as post:
        assert trouble_at(post.url_of("me:right")) == (Trouble.AWAY, "mail_certificate")
    assert not any("AUTH" in it for it in post.said)


def test_server_that_offers_tls_and_refuses_it_gets_no_letter_in_the_clear(
    certificate: Path,
) -> None:
    refuses = {"STARTTLS": "454 not now"}
    with mail_server(certificate=certificate, is_asked=True, answers=refuses) as post:
        assert trouble_at(post.url) == (Trouble.AWAY, "mail_security")
    assert post.letters == []


def test_tls_is_spoken_of_to_a_server_that_speaks_none(post: Post) -> None:
    assert trouble_at(post.url.replace("smtp:", "smtps:")) == (Trouble.AWAY, "mail_security")


def test_server_that_asks_for_a_login_says_so(certificate: Path) -> None:
    with mail_server(certificate=certificate, logins={"me": "right"}) as post:
        assert trouble_at(post.url) == (Trouble.AWAY, "mail_sender_530")


def test_login_to_a_server_that_takes_none_is_named(certificate: Path) -> None:
    with mail_server(certificate=certificate) as post:
        assert trouble_at(post.url_of("me:secret")) == (Trouble.AWAY, "mail_login")


def test_international_address_needs_a_server_that_takes_it(post: Post) -> None:
    letter = Letter("зоя@пример.example", "Zoë", "Hi", "Hi\n", "<p>Hi</p>")
    found = trouble_of(post, letter)
    assert (found.trouble, found.reason) == (Trouble.REFUSED, "mail_international")
    post.knows = ("8BITMIME", "SMTPUTF8")
    sent(post, letter)
    assert "rcpt TO:<зоя@xn--e1afmkfd.example>" in post.said


def test_international_domain_is_written_for_every_server(post: Post) -> None:
    sent(post, Letter("zoe@bücher.example", "Zoë", "Hi", "Hi\n", "<p>Hi</p>"))
    assert "rcpt TO:<zoe@xn--bcher-kva.example>" in post.said


@pytest.mark.parametrize(
    "address", ["zoe@", "@example.org", "z oe@example.org", "zoe@a..b", "zoe@" + "x" * 300 + ".org"]
)
def test_address_that_cannot_be_one_is_refused_before_anybody_is_asked(
    post: Post, address: str
) -> None:
    found = trouble_of(post, Letter(address, "Zoë", "Hi", "Hi\n", "<p>Hi</p>"))
    assert (found.trouble, found.reason) == (Trouble.REFUSED, "bad_address")
    assert post.said == []


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_no_name_or_subject_makes_a_header_of_its_own(name: str, subject: str) -> None:
    hostile = "\r\nBcc: victim@example.org\r\n"
    letter = Letter("zoe@example.net", name + hostile, subject + hostile, "Hi\n", "<p>Hi</p>")
    message = compose(letter, SENDER, "k", NOW)
    found = BytesParser(policy=policy.default).parsebytes(message.as_bytes())
    assert found["Bcc"] is None
    assert [it.addr_spec for it in found["To"].addresses] == ["zoe@example.net"]


def test_without_a_server_letters_are_written_to_a_folder_once(tmp_path: Path) -> None:
    mail = Mail("", SENDER, tmp_path / "mail")
    mail.send(LETTER, "key", NOW)
    mail.send(LETTER, "key", NOW)
    (path,) = (tmp_path / "mail").iterdir()
    assert path.name == "key.eml"
    found = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    assert found["To"] == "Zoë Ng <zoe@example.net>"


def test_full_disk_holds_all_mail_until_there_is_room(tmp_path: Path) -> None:
    folder, mail = tmp_path / "mail", Mail("", SENDER, tmp_path / "mail")
    folder.mkdir()
    (folder / "key.partial").symlink_to("/dev/full")
    with pytest.raises(NotSent) as failed:
        mail.send(LETTER, "key", NOW)
    assert (failed.value.trouble, failed.value.reason) == (Trouble.AWAY, "mail_folder")
    assert mail.trouble == "mail_folder"
    assert list(folder.iterdir()) == []
    mail.send(LETTER, "key", NOW)
    assert [it.name for it in folder.iterdir()] == ["key.eml"]
    assert mail.trouble is None


def test_doctor_finds_that_the_disk_is_full(tmp_path: Path) -> None:
    folder, mail = tmp_path / "mail", Mail("", SENDER, tmp_path / "mail")
    mail.try_out()
    folder.mkdir()
    mail.try_out()
    assert list(folder.iterdir()) == []
    (folder / "trial.partial").symlink_to("/dev/full")
    with pytest.raises(NotSent):
        mail.try_out()


def test_folder_that_cannot_be_written_holds_all_mail(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file", encoding="utf-8")
    with pytest.raises(NotSent) as failed:
        Mail("", SENDER, tmp_path / "mail").send(LETTER, "key", NOW)
    assert failed.value.trouble is Trouble.AWAY
