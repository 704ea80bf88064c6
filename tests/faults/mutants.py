"""Mutants: with any one of its precautions taken away, the bot must be caught by its own tests.

`make mutants` takes each away in a copy of the source tree and runs the tests that must turn red
there. It ends with 1 where a mutant survives, and with 2 where it could not be tried: the words
that it replaces stand no longer in the source just once, or the tests fail without it too.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("mentorbot", "migrations", "tests", "manifest.yml", "manifest.http.yml", "pyproject.toml")
GREEN, RED = 0, 1


class NotTried(Exception):
    """A mutant that says nothing, with the reason."""


@dataclass(frozen=True)
class Change:
    """Words that stand once in a file, and what stands there in the mutant."""

    path: str
    words: str
    instead: str

    def make(self, tree: Path) -> None:
        """Change a copy of the source; raises NotTried where the words are not there once."""
        file = tree / self.path
        found = file.read_text(encoding="utf-8")
        if found.count(self.words) != 1:
            raise NotTried(f"{self.path} holds {found.count(self.words)} times: {self.words!r}")
        file.write_text(found.replace(self.words, self.instead), encoding="utf-8")


@dataclass(frozen=True)
class Mutant:
    """A precaution taken away, and tests of which one at least must fail then."""

    name: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]


SENDING = "mentorbot/storage/sending.py"
CRASHES = "tests/faults/test_crashes.py"
MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "no intent commit",
        (
            Change(
                SENDING,
                'intent_at=func.coalesce(_t.intent_at, bindparam("now", type_=_t.intent_at.type)),',
                "intent_at=_t.intent_at,",
            ),
        ),
        (f"{CRASHES}::test_crash_between_call_and_settling_repeats_nothing",),
    ),
    Mutant(
        "no look in Slack",
        (
            Change(
                "mentorbot/slack/way.py",
                "return self.message.intent_at is not None or recover_from is not None",
                "return False",
            ),
        ),
        (f"{CRASHES}::test_crash_between_call_and_settling_repeats_nothing",),
    ),
    Mutant(
        "no lease check: claim",
        (
            Change(
                SENDING, '_t.lease_until_at <= bindparam("now"),', "_t.lease_until_at.is_not(None),"
            ),
        ),
        (f"{CRASHES}::test_claim_of_the_dead_is_taken_over_when_its_lease_runs_out",),
    ),
    Mutant(
        "no lease check: before the call",
        (
            Change(
                "mentorbot/slack/way.py",
                "if not sending.is_held(tx, message):",
                "if not sending.is_held(tx, message) and False:",
            ),
            Change("mentorbot/slack/way.py", "if not self.make_sure():", "if False:"),
        ),
        (
            "tests/faults/test_saving.py::test_sender_whose_claim_took_longer_than_its_lease_calls_nobody",
        ),
    ),
    Mutant(
        "no lease check: which claim",
        (
            Change(
                "mentorbot/slack/delivery.py",
                'name = f"{self._name}/{next(self._claims)}"',
                "name = self._name",
            ),
        ),
        (
            "tests/faults/test_lanes.py::test_what_is_claimed_again_after_another_one_tried_it_is_looked_for",
        ),
    ),
    Mutant(
        "no lane",
        (
            Change(
                "mentorbot/storage/lanes.py",
                "if found.holder not in (None, holder) and found.lease_until_at > now:",
                "if found.holder is False:",
            ),
        ),
        ("tests/faults/test_clock_steps.py",),
    ),
    Mutant(
        "no dedupe key",
        (
            Change(
                "mentorbot/usecases/messages.py",
                "{occurrence}:{'+'.join(recipients)}\"",
                "{occurrence}:{'+'.join(recipients)}:{__import__('uuid').uuid4()}\"",
            ),
        ),
        (
            "tests/storage/test_outbox.py::test_one_cause_speaks_once_and_the_next_occurrence_again",
            "tests/usecases/test_touchpoints.py",
        ),
    ),
    Mutant(
        "no event key",
        (
            Change(
                "mentorbot/storage/inbox.py",
                "    return None if recorded is None else Taken(",
                "    return Taken('', '') if recorded is None else Taken(",
            ),
        ),
        ("tests/slack/test_answers.py::test_what_comes_twice_has_one_effect",),
    ),
)


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the source tree."""
    with tempfile.TemporaryDirectory(prefix="mutant") as folder:
        tree = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, tree / name)  # compiled files too: what is whole stays so
            else:
                shutil.copy2(source, tree / name)
        yield tree


def run(tree: Path, tests: Sequence[str]) -> int:
    """Run tests of a tree on that tree's source; `GREEN` or `RED`. Raises NotTried."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode not in (GREEN, RED):
        raise NotTried(f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}")
    return done.returncode


def is_caught(mutant: Mutant) -> bool:
    """Whether the tests turn red; raises NotTried where they could not be asked."""
    with copied() as tree:
        for change in mutant.changes:
            change.make(tree)
        return run(tree, mutant.tests) == RED


def check_untouched(mutants: Sequence[Mutant]) -> None:
    """The tests are green where nothing is taken away; else they would catch nothing."""
    tests = list(dict.fromkeys(test for mutant in mutants for test in mutant.tests))
    with copied() as tree:
        if run(tree, tests) == RED:
            raise NotTried("the tests fail without any mutant too")


def main(mutants: Sequence[Mutant] = MUTANTS) -> int:
    """Try every mutant, and print what became of each; the process's exit status."""
    survivors = 0
    try:
        check_untouched(mutants)
        for mutant in mutants:
            began = time.monotonic()
            caught = is_caught(mutant)
            survivors += not caught
            verdict = "caught" if caught else "SURVIVES"
            seconds = f"{time.monotonic() - began:.0f} s"
            sys.stdout.write(f"{mutant.name:<32} {verdict:<10} {seconds:>5}\n")
            sys.stdout.flush()
    except NotTried as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
