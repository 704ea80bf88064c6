"""The rules of mentorship, pure: no database, no Slack, no clock of its own."""
