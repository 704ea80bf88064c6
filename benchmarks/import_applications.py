"""Importing very many rows of a form's export, against a bare bulk insert of the same rows.

Each row is read, checked by its form, decided by the programme's rules and stored with its record,
and with a letter to whom the rules decline; the bare insert writes what was stored, and nothing
else, with SQLAlchemy's own `insert`. Both work in processes of their own, so that the peak of
memory is the import's.
"""

import argparse
import csv
import json
import random
import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from benchmarks.measure import fsync_ms, publish, scratch, seconds, verdict
from mentorbot.bootstrap import MentorBot, build, migrate
from mentorbot.config import Settings
from mentorbot.domain.model import Person, Role, Workspace
from mentorbot.intake import Order, Watch, import_applications
from mentorbot.programmes import preset
from mentorbot.storage import people, tables
from mentorbot.usecases import admin

TEAM, OWNER = "T0BENCHMARK", "U0OWNER000"
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
MOST_TIMES, MOST_MB = 4.0, 200
STORED = (tables.applications, tables.audit_entries, tables.outbox)
FORM: list[dict[str, Any]] = [
    {"id": "degree", "kind": "choice", "label": "Your degree", "options": ["Master's", "PhD"]},
    {"id": "year", "kind": "number", "label": "Your year", "most": 9},
    {"id": "goals", "kind": "long_text", "label": "Your goals", "least": 20, "most": 1000},
    {"id": "member", "kind": "attestation", "label": "I will take part in all of it"},
    {
        "id": "topics",
        "kind": "choices",
        "label": "Topics",
        "options": ["Exams", "Rotas", "Research", "Family"],
        "required": False,
    },
]
YEARS: dict[str, Any] = {
    "any": [
        {"all": [{"answer": "degree", "is": "Master's"}, {"answer": "year", "at_least": 2}]},
        {"all": [{"answer": "degree", "is": "PhD"}, {"answer": "year", "at_least": 3}]},
    ]
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure both in turns, each time on a new database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", choices=("imported", "inserted"), help="in this process")
    parser.add_argument("--folder", type=Path, help="of the run")
    asked = parser.parse_args(arguments)
    if asked.run:
        print(json.dumps(run_here(asked.folder, asked.run)))
        return
    times: dict[str, list[float]] = {"imported": [], "inserted": []}
    peaks: list[float] = []
    with scratch() as folder:
        write_export(folder / "form.csv", asked.rows)
        for number in range(asked.rounds):
            place = folder / str(number)
            place.mkdir()
            (place / "form.csv").symlink_to(folder / "form.csv")
            for name, measured in times.items():
                found = run_apart(place, name)
                measured.append(found["seconds"])
                if name == "imported":
                    peaks.append(found["peak_mb"])
        disk_ms = fsync_ms(folder)
    _publish(asked, times, max(peaks), disk_ms)


def run_apart(folder: Path, name: str) -> dict[str, float]:
    """One run in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.import_applications", "--run", name]
    done = subprocess.run(
        [*words, "--folder", str(folder)], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def run_here(folder: Path, name: str) -> dict[str, float]:
    """Time one of the two; the import is read back by the insert that follows it."""
    bot = prepared(folder / f"{name}.db")
    if name == "imported":
        with (folder / "form.csv").open("rb") as stream:
            order = Order(TEAM, "img", (Role.MENTEE,), "operator")
            watch = Watch(lambda _table, _columns: None, lambda _rejected, _read: None)
            took = seconds(lambda: import_applications(bot, order, stream, watch))
    else:
        rows = stored(folder / "imported.db")
        took = seconds(lambda: insert_all(bot, rows))
    bot.store.close()
    return {"seconds": took, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def prepared(database: Path) -> MentorBot:
    """A bot over a new database, in which a programme takes applications from files."""
    settings = Settings(_env_file=None, mentorbot_database_url=f"sqlite:///{database}")
    bot = build(settings, clock=lambda: NOW)
    migrate(bot)
    rules = {"through": ["import"], "eligibility": {"mentee": YEARS}}
    data = preset("img").model_dump(mode="json") | {"form": FORM, "application": rules}
    data["library"] = None  # its pages are for places, and this form asks for none
    file = type(preset("img")).model_validate(data | {"matching": {"mode": "instant"}})
    with bot.store.begin(TEAM) as tx:
        tx.add(Workspace(TEAM, "Benchmark", "U0BOT00000", NOW))
        people.first_seen(tx, Person(TEAM, OWNER, "Owner"), NOW)
        admin.set_up(tx, file, "C0CHANNEL0", OWNER, NOW)
    return bot


def stored(database: Path) -> dict[str, list[dict[str, Any]]]:
    """What an import has stored, as values for an insert."""
    bot = build(Settings(_env_file=None, mentorbot_database_url=f"sqlite:///{database}"))
    with bot.store.read(TEAM) as tx:
        found = {
            table.name: [dict(row) for row in tx.session.execute(select(table)).mappings()]
            for table in STORED
        }
    bot.store.close()
    return found


def insert_all(bot: MentorBot, rows: dict[str, list[dict[str, Any]]]) -> None:
    """SQLAlchemy's bulk insert, in one transaction."""
    with bot.store.begin(TEAM) as tx:
        for table in STORED:
            tx.session.connection().execute(
                insert(table).prefix_with("OR IGNORE"), rows[table.name]
            )


def write_export(path: Path, rows: int) -> None:
    """An export in the shape of Microsoft Forms; of 25 applicants one cannot be taken."""
    chance = random.Random(5)
    labels = [question["label"] for question in FORM]
    begun = datetime(2026, 11, 1, 9)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ID", "Start time", "Completion time", "Email", "Name", *labels])
        for number in range(rows):
            at = (begun + timedelta(seconds=number)).strftime("%m/%d/%y %H:%M:%S")
            degree = "Diploma" if number % 25 == 24 else chance.choice(("Master's", "PhD"))
            topics = "".join(f"{it};" for it in FORM[-1]["options"] if chance.random() < 0.5)
            goals = f"To become a medical science liaison, and to pass exam number {number}."
            answers = [degree, chance.randint(1, 6), goals, "Yes", topics]
            address = f"applicant{number}@example.org"
            writer.writerow([number + 1, at, at, address, f"Applicant {number}", *answers])


def _publish(
    asked: argparse.Namespace, times: dict[str, list[float]], peak_mb: float, disk_ms: float
) -> None:
    imported, inserted = (statistics.median(times[it]) for it in ("imported", "inserted"))
    ratio = imported / inserted
    publish(
        "import_applications",
        {
            "rows": asked.rows,
            "rounds": asked.rounds,
            "import_seconds": imported,
            "insert_seconds": inserted,
            "ratio": ratio,
            "peak_mb": peak_mb,
            "fsync_ms": disk_ms,
        },
        f"ratio {ratio:.2f} ({asked.rows} rows imported in {imported:.2f} s, inserted bare in"
        f" {inserted:.2f} s), target at most {MOST_TIMES:g}: {verdict(ratio <= MOST_TIMES)};"
        f" peak {peak_mb:.0f} MB, target under {MOST_MB}: {verdict(peak_mb < MOST_MB)}"
        f" (fsync {disk_ms:.2f} ms)",
    )


if __name__ == "__main__":
    main()
