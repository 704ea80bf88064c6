"""The wheel: everything that runs is in it, and its database comes up without a checkout."""

import os
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUNS_FROM = {
    "migrations": ("env.py", "script.py.mako", "versions/*.py"),
    "mentorbot/locales": ("*.toml",),
    "mentorbot/programmes": ("*.yml",),
    "mentorbot/certificates": ("page.typ", "fonts/*.[ot]tf"),
    "mentorbot/sandbox": ("people.toml", "page/*.*"),
}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built and laid out as an installation lays it out."""
    pytest.importorskip("hatchling", reason="needs hatchling to build a wheel")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_every_file_that_the_bot_reads(unpacked: Path) -> None:
    for folder, patterns in RUNS_FROM.items():
        inside = unpacked / (folder if folder.startswith("mentorbot") else f"mentorbot/{folder}")
        for pattern in patterns:
            here = sorted(it.name for it in (ROOT / folder).glob(pattern))
            assert here, (folder, pattern)
            assert sorted(it.name for it in inside.glob(pattern)) == here
    assert (unpacked / "mentorbot/manifest.yml").read_text() == (ROOT / "manifest.yml").read_text()
    modules = sorted(str(it.relative_to(ROOT)) for it in (ROOT / "mentorbot").rglob("*.py"))
    assert [it for it in modules if not (unpacked / it).exists()] == []


def test_an_installed_wheel_brings_its_database_up_twice(unpacked: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "PYTHONSAFEPATH": "1"}
    environment["MENTORBOT_DATABASE_URL"] = "sqlite:///installed.db"
    for _time in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "mentorbot", "db", "upgrade"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "up to date: installed.db" in done.stdout
    with sqlite3.connect(tmp_path / "installed.db") as database:
        (count,) = database.execute("SELECT count(*) FROM alembic_version").fetchone()
    database.close()
    assert count == 1
    where = [sys.executable, "-c", "import mentorbot; print(mentorbot.__file__)"]
    found = subprocess.run(
        where, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.startswith(str(unpacked))
