"""Those who wait hear when they have moved up, whoever made room."""

from mentorbot.slack import ids
from mentorbot.wording import say
from tests.world import AMARA, LUKASZ, RAJESH, World


def test_who_comes_first_because_others_left_or_paused_is_told_once(world: World) -> None:
    amara, rajesh, lukasz = (world.person(it) for it in (AMARA, RAJESH, LUKASZ))
    for mentor in (amara, rajesh, lukasz):
        mentor.join("mentor")
        world.pass_days(0.01)
    assert "number 3 in line" in lukasz.dm_texts()[-1]
    news = say("queue.next", looking="mentee")
    amara.hands.open_home()
    amara.hands.click("home", ids.LEAVE)
    world.settle()
    assert rajesh.dm_texts()[-1] == news
    assert news not in lukasz.dm_texts()
    rajesh.command("pause 2 weeks")
    assert lukasz.dm_texts()[-1] == news
    rajesh.command("resume")
    world.pass_days(1)
    assert lukasz.dm_texts().count(news) == 1
