"""Those who applied elsewhere: approved, invited by e-mail, recognised when they come."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from io import BytesIO
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from mentorbot.bootstrap import mail_by
from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.domain.model import Application, ApplicationState, Role
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.intake import Order, Watch, import_applications
from mentorbot.sandbox.demo import CHANNEL, INVITE_URL
from mentorbot.slack import ids
from mentorbot.usecases import admin
from mentorbot.usecases.enrolment import programme_or_refuse
from tests.journeys.telling import times_told
from tests.smtp import Post, mail_server
from tests.world import AMARA, HANNAH, SOFIA, ZOE, Actor, World, on_both_databases

HEADER = (
    "Timestamp,Email Address,Name,Your specialty,Your level,Where you are,"
    "Languages you are happy to talk in,What you hope for"
)


def import_mentees(world: World, *names: str) -> None:
    """An export of the form elsewhere, in which these people have applied."""
    rows = (
        f"2026-11-20 09:00:00,{name.lower()}@example.org,{name},Paediatrics,"
        'Registrar or specialty trainee,Leeds,"English, Arabic",Finding my feet in the NHS.'
        for name in names
    )
    order = Order(world.running.workspace_id, "img", (Role.MENTEE,), HANNAH)
    watch = Watch(lambda _table, _columns: None, lambda _rejected, _read: None)
    text = "\n".join([HEADER, *rows, ""])
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


def decline_all(world: World, why: str) -> None:
    """Hannah declines whatever waits for her."""
    hannah = world.person(HANNAH)
    hannah.command("review")
    while hannah.hands.modal and ids.REVIEW_DECLINE in str(hannah.hands.modal):
        hannah.hands.click("modal", ids.REVIEW_DECLINE)
        hannah.hands.fill_in({"reason": why})
        assert hannah.hands.submit() == {}
        world.settle()
    hannah.hands.close_modal(all=True)


def bring_up_to_date(world: World, **rules: Any) -> None:
    """The programme's file gets other rules of applying."""
    with world.bot.store.begin(world.running.workspace_id) as tx:
        file = parse_stored(programme_or_refuse(tx).definition)
        changed = file.model_dump(mode="json")
        changed["application"] |= rules
        admin.update(tx, ProgrammeFile.model_validate(changed), HANNAH, world.clock())
    world.settle()


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
def posting_by(world: World, post: Post) -> Iterator[None]:
    """Letters go to a mail server meanwhile."""
    sends_by = {"mentorbot_smtp_url": SecretStr(post.url)}
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


@on_both_databases
@pytest.mark.phrase("IMG-01", "IMG-02", "IMG-03", "IMS-15")
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
    for words in (text, html):
        assert INVITE_URL in words
        assert "You have a place in IMG Mentorship Programme as a mentee." in words
        assert "sofia@example.org" in words
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


def test_declined_applicant_reads_the_reason_by_e_mail(world: World) -> None:
    import_mentees(world, "Sofia")
    decline_all(world, "We are <full> this time.\nDo try *again*.")
    (letter,) = letters(world)
    text, html = words_of(letter)
    assert letter["Subject"] == "Your application to IMG Mentorship Programme"
    assert "The programme's team cannot offer you a place this time. They write:" in text
    assert "We are <full> this time.\nDo try *again*." in text
    assert "We are &lt;full&gt; this time.<br>\nDo try *again*." in html
    world.pass_days(1)
    assert len(letters(world)) == 1


def test_applicant_whom_the_rules_refuse_reads_why_by_e_mail_once(world: World) -> None:
    place = {"answer": "place", "is": "Oslo"}
    bring_up_to_date(world, eligibility={"mentee": place})
    import_mentees(world, "Sofia")
    world.settle()
    (letter,) = letters(world)
    for words in words_of(letter):
        assert "You cannot take part this time, and this is why:" in words
        assert "– “Where you are” has to be Oslo." in words


def test_places_that_are_all_taken_are_told_by_e_mail_on_the_day_of_results(
    world: World,
) -> None:
    first = {"mentee": {"mode": "first_come", "places": 1}}
    bring_up_to_date(world, selection=first, results_on="2026-12-01")
    import_mentees(world, "Sofia", "Second", "Third")
    approve_all(world)
    world.move_to(datetime(2026, 12, 1, 9, 59, tzinfo=UTC))
    assert letters(world) == []
    world.move_to(datetime(2026, 12, 1, 10, 1, tzinfo=UTC))
    told = {str(letter["To"]): words_of(letter)[0] for letter in letters(world)}
    assert "You have a place" in told["Sofia <sofia@example.org>"]
    assert "You are first on the waiting list" in told["Second <second@example.org>"]
    assert "You are number 2 on the waiting list" in told["Third <third@example.org>"]


def test_invitations_move_with_the_day_of_results(world: World) -> None:
    bring_up_to_date(world, results_on="2026-12-01")
    import_mentees(world, "Sofia")
    approve_all(world)
    bring_up_to_date(world, results_on="2026-12-08")
    world.move_to(datetime(2026, 12, 2, 12, tzinfo=UTC))
    assert letters(world) == []
    world.move_to(datetime(2026, 12, 8, 12, tzinfo=UTC))
    assert len(letters(world)) == 1


def test_who_joins_before_the_day_of_results_hears_of_the_waiting_list_in_slack(
    world: World,
) -> None:
    first = {"mentee": {"mode": "first_come", "places": 1}}
    bring_up_to_date(world, selection=first, results_on="2026-12-01")
    import_mentees(world, "Second", "Sofia")
    approve_all(world)
    sofia = arrive(world)
    world.move_to(datetime(2026, 12, 2, 12, tzinfo=UTC))
    assert times_told(sofia, "You are first on the waiting list") == 1
    assert [letter["To"] for letter in letters(world)] == ["Second <second@example.org>"]


def test_who_was_told_by_e_mail_is_not_told_again_in_slack(world: World) -> None:
    import_mentees(world, "Sofia")
    decline_all(world, "We are full.")
    assert len(letters(world)) == 1
    assert times_told(arrive(world), "We are full.") == 0


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
    with mail_server(answers={"RCPT": "550 nobody here"}) as post, posting_by(world, post):
        import_mentees(world, "Sofia")
        approve_all(world)
        world.pass_days(0.01)
    assert post.letters == []
    assert invitation(world).state is MessageState.DEAD
    told = world.person(HANNAH).dm_texts()[-1]
    assert "The e-mail to Sofia could not be delivered" in told
    assert "mail_recipient_550" in told


def test_mail_server_that_is_away_holds_up_neither_slack_nor_the_letter(world: World) -> None:
    with mail_server(answers={"MAIL": "421 later"}) as post, posting_by(world, post):
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
    with mail_server(answers={"CONTENT": None}) as post, posting_by(world, post):
        import_mentees(world, "Sofia")
        approve_all(world)
        world.pass_days(0.01)
    assert len(post.letters) == 2
    assert len({it["Message-ID"] for it in post.letters}) == 1
    assert invitation(world).state is MessageState.UNKNOWN
    assert "The e-mail to Sofia may not have arrived" in world.person(HANNAH).dm_texts()[-1]


def test_place_that_was_taken_back_invites_nobody(world: World) -> None:
    with mail_server(answers={"MAIL": "421 later"}) as post, posting_by(world, post):
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
