"""A certificate's way to its DM: whatever step fails, exactly one file arrives."""

from collections.abc import Callable

import pytest

from mentorbot.domain.messages import MessageState
from mentorbot.sandbox.faults import Faults
from tests.faults.office import Office
from tests.world import AMARA

STEPS = (
    "conversations.open",
    "files.getUploadURLExternal",
    "upload",
    "files.completeUploadExternal",
)
BREAKS: dict[str, Callable[[Faults, str], None]] = {
    "500 before": lambda faults, step: faults.status(step, 500),
    "internal error": lambda faults, step: faults.fail(step, "internal_error"),
    "rate limit": lambda faults, step: faults.ratelimit(step, 3),
    "lost answer": lambda faults, step: faults.lose_answer(step),
    "500 after": lambda faults, step: faults.status(step, 500, does_it=True),
}


@pytest.mark.parametrize("step", STEPS)
def test_one_file_arrives_whatever_happens_to_a_step(office: Office, step: str) -> None:
    certificate = office.certify()
    before = set(office.files())
    for happen in BREAKS.values():
        happen(office.sandbox.faults, step)
    office.work()
    assert len(set(office.files()) - before) == len(office.files()) == 1
    assert office.is_settled(certificate.message_id)


@pytest.mark.parametrize("kind", BREAKS)
def test_one_file_arrives_where_sharing_it_fails(office: Office, kind: str) -> None:
    office.certify()
    BREAKS[kind](office.sandbox.faults, "files.completeUploadExternal")
    office.sandbox.faults.status("files.info", 503, times=2)
    office.work()
    (file_id,) = office.files()
    content = office.sandbox.person(AMARA).download(file_id)
    assert content.startswith(b"%PDF")


@pytest.mark.parametrize("error", ["missing_scope", "access_denied"])
def test_file_that_cannot_be_looked_up_is_unknown_and_not_shared_again(
    office: Office, error: str
) -> None:
    certificate = office.certify()
    office.sandbox.faults.lose_answer("files.completeUploadExternal")
    office.sandbox.faults.fail("files.info", error, times=99)
    office.work(hours=48)
    assert len(office.files()) == 1
    assert office.stored(certificate.message_id).state is MessageState.UNKNOWN


def test_file_is_never_shared_without_its_words(office: Office) -> None:
    office.certify()
    office.work()
    amara = office.sandbox.person(AMARA)
    (shared,) = (m for m in amara.messages(amara.bot_dm() or "") if m.get("files"))
    assert "certificate" in shared["text"].lower()
