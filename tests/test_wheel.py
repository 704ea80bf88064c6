"""What is released: the wheel runs without a checkout, the source archive is one."""

import os
import sqlite3
import subprocess
import sys
import tarfile
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
FOR_COMMITTERS = {".ci", ".gitignore", ".editorconfig", ".pre-commit-config.yaml", "PKG-INFO"}
"""Left out of the source archive, or put in by the build."""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built and laid out as an installation lays it out."""
    pytest.importorskip("hatchling", reason="needs hatchling to build a wheel")
    folder = tmp_path_factory.mktemp("wheel")
    zipfile.ZipFile(build(ROOT, "wheel", folder)).extractall(folder / "site")
    return folder / "site"


def build(source: Path, kind: str, target: Path) -> Path:
    """The one file that a build makes."""
    words = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    subprocess.run(words, cwd=source, check=True, capture_output=True)
    (made,) = (it for it in target.iterdir() if it.suffix in (".whl", ".gz"))
    return made


def tracked() -> set[str]:
    """What lies at the top of the repository."""
    if not (ROOT / ".git").exists():
        pytest.skip("needs a git checkout to compare with")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return {name.partition("/")[0] for name in listed.stdout.splitlines()}


def test_the_source_archive_holds_what_its_pages_name_and_makes_the_same_wheel(
    unpacked: Path, tmp_path: Path
) -> None:
    with tarfile.open(build(ROOT, "sdist", tmp_path)) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = (it for it in tmp_path.iterdir() if it.is_dir())
    assert {it.name for it in source.iterdir()} - FOR_COMMITTERS == tracked() - FOR_COMMITTERS
    (tmp_path / "again").mkdir()
    again = zipfile.ZipFile(build(source, "wheel", tmp_path / "again")).namelist()
    assert sorted(again) == sorted(
        str(it.relative_to(unpacked)) for it in unpacked.rglob("*") if it.is_file()
    )


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
