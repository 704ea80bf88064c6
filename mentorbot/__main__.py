"""`python -m mentorbot` is the same as the `mentorbot` command."""

from mentorbot.cli import app

app()
