"""Strict validation of what a bot sends: it refuses what Slack refuses, and says where."""

from mentorbot.sandbox.validation.messages import validate_message, validate_posted
from mentorbot.sandbox.validation.problems import InvalidPayload
from mentorbot.sandbox.validation.views import validate_view

__all__ = ["InvalidPayload", "validate_message", "validate_posted", "validate_view"]
