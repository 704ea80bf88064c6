"""Those who applied elsewhere: approved, invited by e-mail, recognised when they come."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from mentorbot.bootstrap import mail_by
from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.domain.model import Application, ApplicationState, Role
from mentorbot.intake import Order, Watch, import_applications
from mentorbot.sandbox.demo import CHANNEL, INVITE_URL
from mentorbot.slack import ids
from tests.journeys.telling import times_told
from tests.smtp import made_certificate, mail_server
from tests.world import AMARA, HANNAH, SOFIA, ZOE, Actor, World, on_both_databases, words

HEADER = (
    "Timestamp,Email Address,Name,Your specialty,Your level,Where you are,"
    "Languages you are happy to talk in,What you hope for"
)


def rows_of(*names: str) -> list[str]:
    """Lines of an export, one for each person."""
    return [
        f"2026-11-20 09:00:00,{name.lower()}@example.org,{name},Paediatrics,"
        'Registrar or specialty trainee,Leeds,"English, Arabic",Finding my feet in the NHS.'
        for name in names
    ]


def import_mentees(world: World, *names: str) -> None:
    """An export of the form elsewhere, in which these people have applied."""
    order = Order(world.running.workspace_id, "img", (Role.MENTEE,), HANNAH)
    watch = Watch(lambda _table, _columns: None, lambda _rejected, _read: None)
    text = "\n".join([HEADER, *rows_of(*names), ""])
    report = import_applications(world.bot, order, BytesIO(text.encode()), watch)
    assert report.new == len(names), report


def approve_all(world: World) -> None:
    """Hannah approves whatever waits for her."""
    hannah = world.person(HANNAH)
    hannah.command("review")
    while hannah.hands.modal and ids.REVIEW_APPROVE in str(hannah.hands.modal):
        hannah.hands.click("modal", ids.REVIEW_APPROVE)
        world.settle()
    hannah.hands.close_modal(all=True)


def words_of(letter: EmailMessage) -> tuple[str, str]:
    """A letter as text and as HTML."""
    text, html = (part.get_content().replace("\r\n", "\n") for part in letter.iter_parts())
    return text, html


def letters(world: World) -> list[EmailMessage]:
    """What is in the spool folder."""
    parser = BytesParser(policy=policy.default)
    folder = world.bot.settings.mentorbot_mail_folder
    found = sorted(folder.glob("*.eml")) if folder.exists() else []
    return [parser.parsebytes(it.read_bytes()) for it in found]  # type: ignore[misc]


def invitation(world: World) -> Message:
    """The only invitation there is."""
    with world.bot.store.read(world.running.workspace_id) as tx:
        query = select(Message).where(Message.kind == MessageKind.INVITATION)
        return tx.session.scalars(query).one()


def application(world: World) -> Application:
    """The only application there is."""
    with world.bot.store.read(world.running.workspace_id) as tx:
        return tx.session.scalars(select(Application)).one()


@contextmanager
def posting_by(world: World, url: str) -> Iterator[None]:
    """Letters go to a mail server meanwhile, where there is one."""
    sends_by = {"mentorbot_smtp_url": SecretStr(url)}
    settings = world.bot.settings.model_copy(update=sends_by)
    before = world.bot.mail
    object.__setattr__(world.bot, "mail", mail_by(settings))
    yield
    object.__setattr__(world.bot, "mail", before)


def arrive(world: World, **changes: Any) -> Actor:
    """Sofia comes to the workspace."""
    sofia = world.person(SOFIA)
    sofia.hands.join_workspace()
    world.settle()
    return sofia


def hand_in_export(who: Actor, *names: str) -> None:
    """A coordinator hands the export of the form in, in Slack."""
    who.command("import")
    content = "\n".join([HEADER, *rows_of(*names), ""]).encode("utf-8-sig")
    who.hands.fill_in({"file": [who.hands.upload("form.csv", content)], "what": "mentee"})
    assert who.hands.submit() == {}
    who.hands.close_modal(all=True)
    who.world.settle()


@pytest.mark.phrase("IMG-01", "IMG-02")
@pytest.mark.parametrize("has_server", [False, True], ids=["folder", "server"])
def test_form_elsewhere_leads_through_review_and_a_letter_to_a_mentor(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_server: bool
) -> None:
    """From the export that a coordinator hands in to the match, all of it on the wire."""
    certificate = made_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    hannah, amara = world.person(HANNAH), world.person(AMARA)
    amara.join("mentor")
    with mail_server(certificate=certificate, is_asked=True, logins={"us": "secret"}) as post:
        with posting_by(world, post.url_of("us:secret") if has_server else ""):
            hand_in_export(hannah, "Sofia", "Nobody")
            assert "2 rows, 2 new" in hannah.dm_texts()[-1]
            assert "Review 2 applications" in hannah.home()
            hannah.command("review")
            assert "*Sofia* would like to be a mentee" in words(hannah.hands.modal or {})
            hannah.hands.click("modal", ids.REVIEW_APPROVE)
            hannah.hands.close_modal(all=True)
            world.settle()
        found = post.letters if has_server else letters(world)
    (letter,) = found
    assert letter["To"] == "Sofia <sofia@example.org>"
    assert all(INVITE_URL in part for part in words_of(letter))

    sofia = arrive(world)
    told = sofia.dm_texts()
    assert any(f"<#{CHANNEL}>" in text and "Welcome" in text for text in told)
    assert times_told(sofia, "You have a place as a mentee") == 1
    with world.bot.store.read(world.running.workspace_id) as tx:
        states = {it.name: it.slack_user_id for it in tx.session.scalars(select(Application))}
    assert states == {"Sofia": SOFIA, "Nobody": None}
    sofia.press(sofia.dm_with(ids.READ_GUIDELINES), ids.READ_GUIDELINES)
    assert sofia.hands.modal is not None
    sofia.agree()
    assert "You are a *mentee*" in sofia.home()
    assert sofia.partners() == {AMARA}
    assert amara.partners() == {SOFIA}


@on_both_databases
@pytest.mark.phrase("IMG-03", "IMS-15")
def test_approved_applicant_is_invited_by_e_mail_and_recognised_when_they_join(
    world: World,
) -> None:
    import_mentees(world, "Sofia")
    world.settle()
    assert letters(world) == []
    approve_all(world)
    (letter,) = letters(world)
    text, html = (part.get_content() for part in letter.iter_parts())
    assert letter["To"] == "Sofia <sofia@example.org>"
    assert letter["Subject"] == "Your place in IMG Mentorship Programme"
    for part in (text, html):
        assert INVITE_URL in part
        assert "You have a place in IMG Mentorship Programme as a mentee." in part
        assert "sofia@example.org" in part
    assert "\N{WORD JOINER}" not in text + html

    sofia = arrive(world)
    place, welcome = sorted(sofia.dm_texts(), key=lambda text: "Welcome!" in text)
    assert f"<#{CHANNEL}>" in welcome
    assert "You have a place as a mentee" in place
    sofia.press(sofia.dm_with(ids.READ_GUIDELINES), ids.READ_GUIDELINES)
    world.person(AMARA).join("mentor")
    sofia.agree()
    assert sofia.partners() == {AMARA}
    assert len(letters(world)) == 1


def test_applicant_who_is_in_the_workspace_already_is_told_there_and_not_by_e_mail(
    world: World,
) -> None:
    import_mentees(world, "Zoe")
    approve_all(world)
    zoe = world.person(ZOE)
    assert "You have a place as a mentee" in zoe.dm_texts()[-1]
    assert letters(world) == []
    assert invitation(world).state is MessageState.CANCELLED


def test_who_holds_the_role_already_is_told_of_no_step_that_is_left(world: World) -> None:
    zoe = world.person(ZOE)
    zoe.join("mentee")
    import_mentees(world, "Zoe")
    approve_all(world)
    assert application(world).state is ApplicationState.SELECTED
    assert application(world).slack_user_id == ZOE
    assert times_told(zoe, "You have a place") == 0
    assert letters(world) == []


def test_applicant_whose_joining_went_unheard_is_recognised_by_the_daily_sweep(
    world: World,
) -> None:
    world.running.heartbeat.sweep()
    import_mentees(world, "Sofia")
    approve_all(world)
    world.sandbox.state.users[SOFIA].joined = True
    world.pass_days(1.1)
    world.running.heartbeat.sweep()
    world.settle()
    assert times_told(world.person(SOFIA), "You have a place as a mentee") == 1


def test_applicant_who_joined_with_another_address_is_recognised_when_they_change_it(
    world: World,
) -> None:
    import_mentees(world, "Someone")
    approve_all(world)
    sofia = arrive(world)
    assert times_told(sofia, "You have a place") == 0
    sofia.hands.change_profile(email="Someone@Example.org")
    world.settle()
    assert times_told(sofia, "You have a place as a mentee") == 1


def test_address_that_slack_has_not_confirmed_makes_nobody_an_applicant(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_mentees(world, "Sofia")
    approve_all(world)
    world.sandbox.state.users[SOFIA].is_email_confirmed = False
    sofia = arrive(world)
    assert times_told(sofia, "You have a place") == 0
    assert application(world).slack_user_id is None


def test_who_joins_before_the_decision_hears_of_it_in_slack(world: World) -> None:
    import_mentees(world, "Sofia")
    sofia = arrive(world)
    assert application(world).slack_user_id == SOFIA
    approve_all(world)
    assert times_told(sofia, "You have a place as a mentee") == 1
    assert letters(world) == []


def test_refused_address_is_given_up_and_coordinators_hear_of_it(world: World) -> None:
    with mail_server(answers={"RCPT": "550 nobody here"}) as post, posting_by(world, post.url):
        import_mentees(world, "Sofia")
        approve_all(world)
        world.pass_days(0.01)
    assert post.letters == []
    assert invitation(world).state is MessageState.DEAD
    told = world.person(HANNAH).dm_texts()[-1]
    assert "The e-mail to Sofia could not be delivered" in told
    assert "mail_recipient_550" in told


def test_mail_server_that_is_away_holds_up_neither_slack_nor_the_letter(world: World) -> None:
    with mail_server(answers={"MAIL": "421 later"}) as post, posting_by(world, post.url):
        import_mentees(world, "Sofia")
        approve_all(world)
        assert post.letters == []
        world.person(AMARA).join("mentor")
        assert "You are a *mentor*" in world.person(AMARA).home()
        world.pass_days(0.005)
        assert post.letters == []
        post.answers.clear()
        world.pass_days(0.005)
        assert len(post.letters) == 1
    assert invitation(world).state is MessageState.SENT


def test_letter_that_may_have_gone_is_sent_once_more_and_is_recognisable(world: World) -> None:
    with mail_server(answers={"CONTENT": None}) as post, posting_by(world, post.url):
        import_mentees(world, "Sofia")
        approve_all(world)
        world.pass_days(0.01)
    assert len(post.letters) == 2
    assert len({it["Message-ID"] for it in post.letters}) == 1
    assert invitation(world).state is MessageState.UNKNOWN
    assert "The e-mail to Sofia may not have arrived" in world.person(HANNAH).dm_texts()[-1]


def test_place_that_was_taken_back_invites_nobody(world: World) -> None:
    with mail_server(answers={"MAIL": "421 later"}) as post, posting_by(world, post.url):
        import_mentees(world, "Sofia")
        approve_all(world)
        found = application(world)
        with world.bot.store.begin(world.running.workspace_id) as tx:
            changed = tx.get(Application, found.application_id)
            assert changed is not None
            changed.state = ApplicationState.WITHDRAWN
        post.answers.clear()
        world.pass_days(0.005)
    assert post.letters == []
    assert invitation(world).state is MessageState.CANCELLED
