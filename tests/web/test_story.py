"""The whole story over HTTP: what people live through does not depend on the transport."""

from tests.journeys import test_two_people
from tests.web.stage import HttpWorld


def test_two_people_live_through_a_cycle_over_http(world: HttpWorld) -> None:
    test_two_people.test_two_people_live_through_a_cycle_to_the_certificate(world)
