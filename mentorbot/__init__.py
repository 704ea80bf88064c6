"""MentorBot runs mentorship programmes inside Slack."""
