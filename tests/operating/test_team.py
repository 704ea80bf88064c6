"""A team changed by command: who holds what, what is refused, what those concerned hear."""

import pytest

from tests.operating.conftest import Run
from tests.world import HANNAH, OMAR, ZOE, World

WHERE = ("--workspace", "T0SANDBOX0")


@pytest.fixture
def commands(world: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The commands, over the world's database."""
    monkeypatch.setenv("MENTORBOT_DATABASE_URL", world.bot.settings.mentorbot_database_url)
    return run


def test_an_operator_gives_and_takes_roles_and_both_are_heard(world: World, commands: Run) -> None:
    omar = world.person(OMAR)
    assert commands("team", "list", *WHERE).output == f"{HANNAH}  owner  img\n"
    assert f"{OMAR} is reviewer now." in commands("team", "add", OMAR, "reviewer", *WHERE).output
    assert "reviewer already" in commands("team", "add", OMAR, "reviewer", *WHERE).output
    everywhere = (ZOE, "viewer", "--everywhere", *WHERE)
    assert commands("team", "add", *everywhere).exit_code == 0
    shown = commands("team", "list", "--programme", "img", *WHERE).output
    assert shown == f"{HANNAH}  owner  img\n{OMAR}  reviewer  img\n{ZOE}  viewer  every programme\n"
    world.pass_days(1)
    assert "You are now reviewer" in omar.dm_texts()[-1]
    assert "oversight" in world.person(ZOE).command("help")
    assert commands("team", "remove", OMAR, "reviewer", *WHERE).exit_code == 0
    assert commands("team", "remove", *everywhere).exit_code == 0
    world.pass_days(1)
    assert "You are no longer reviewer" in omar.dm_texts()[-1]
    assert commands("team", "list", *WHERE).output == f"{HANNAH}  owner  img\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("remove", HANNAH, "owner", *WHERE), "needs an owner"),
        (("remove", OMAR, "reviewer", *WHERE), "is not reviewer here"),
        (("add", OMAR, "adviser", *WHERE), "has no advisers"),
        (("add", OMAR, "reviewer", "--everywhere", *WHERE), "Only a viewer"),
        (("add", "@omar", "reviewer", *WHERE), "is not a Slack id for ID"),
        (("add", OMAR, "king", *WHERE), "king"),
        (("list", "--workspace", "img"), "is not a Slack id for --workspace"),
        (("list", "--workspace", "T0123456789"), "There is no workspace"),
        (("list", "--programme", "chess", *WHERE), "No mentorship programme runs here"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    commands: Run, words: tuple[str, ...], why: str
) -> None:
    refused = commands("team", *words)
    assert refused.exit_code == 2
    assert why in refused.output
    assert "Traceback" not in refused.output
