"""What people read around a certificate: the file's title, and a coordinator's slip of the pen."""

from tests.world import AMARA, HANNAH, ZOE, World


def test_file_of_a_certificate_is_titled_and_its_command_asks_for_a_mention(world: World) -> None:
    hannah = world.person(HANNAH)
    for rest in ("because", "@Amara because"):
        said = hannah.command(f"certificate {rest}")
        assert "I know of no mentor" in said
        assert "`/mentorbot certificate @mentor the reason`" in said
        assert "<@" not in said, rest
    amara = world.person(AMARA)
    amara.join("mentor")
    world.person(ZOE).join("mentee")
    assert f"<@{ZOE}>" in hannah.command(f"certificate <@{ZOE}> because")
    hannah.command(f"certificate <@{AMARA}> because")
    assert [file["title"] for file in amara.files()] == ["Certificate of Mentorship"]


def test_coordinator_reads_which_mentors_still_wait_for_feedback(world: World) -> None:
    hannah, amara, zoe = (world.person(who) for who in (HANNAH, AMARA, ZOE))
    assert "Nobody yet" in hannah.command("certificate")
    amara.join("mentor")
    zoe.join("mentee")
    assert "Nobody yet" in hannah.command("certificate"), "a cycle that runs owes nobody anything"
    world.pass_days(29)
    owed = hannah.command("certificate")
    assert f"<@{AMARA}>, whose cycle ended on" in owed
    assert f"<@{ZOE}>" not in owed
    assert "coordinator" in amara.command("certificate")
    zoe.give_feedback()
    assert f"<@{AMARA}>" not in hannah.command("certificate")
