"""Rules of reviewing a matching: whose approval counts, what is approved, what a file changes."""

from typing import Any

from mentorbot.domain.changes import Running, changes
from mentorbot.domain.match_review import fingerprint, still_needed
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.programmes import preset

PAIRS = [("U0AMARA000", "U0ZOE00000"), ("U0LUKASZ00", "U0OMAR0000")]


def test_each_pair_needs_approvals_of_people_who_are_not_in_it() -> None:
    assert still_needed(PAIRS, [], 2) == 2
    assert still_needed(PAIRS, ["U0HANNAH00"], 2) == 1
    assert still_needed(PAIRS, ["U0HANNAH00", "U0CLAIRE00"], 2) == 0
    assert still_needed(PAIRS, ["U0HANNAH00", "U0AMARA000"], 2) == 1
    assert still_needed(PAIRS, ["U0HANNAH00", "U0AMARA000", "U0OMAR0000"], 2) == 0
    assert still_needed(PAIRS, ["U0HANNAH00"] * 2, 2) == 1


def test_pairs_are_known_by_who_is_with_whom_and_not_by_their_order_or_reasons() -> None:
    one = {"mentor_id": "a", "mentee_id": "b", "reasons": ["x"]}
    other = {"mentor_id": "c", "mentee_id": "d", "reasons": []}
    assert fingerprint([one, other]) == fingerprint([other, one | {"reasons": []}])
    assert fingerprint([one, other]) != fingerprint([one])
    assert fingerprint([one]) != fingerprint([one | {"mentee_id": "d"}])


def read(**changed: Any) -> ProgrammeFile:
    data = preset("miccai").model_dump(mode="json")
    return ProgrammeFile.model_validate(data | {"matching": data["matching"] | changed})


def test_newer_file_says_that_it_drops_pairs_which_wait_for_approval() -> None:
    def said(after: ProgrammeFile, *, is_reviewing: bool) -> list[str]:
        return [it.key for it in changes(read(), after, Running(is_reviewing=is_reviewing))]

    without = read(review=None, late="instant")
    assert said(without, is_reviewing=True) == ["matching", "draft_dropped"]
    assert said(without, is_reviewing=False) == ["matching"]
    assert said(read(on="2023-10-09"), is_reviewing=True) == ["matching", "draft_dropped"]
    assert said(read(by="2023-10-30"), is_reviewing=True) == ["matching"]
