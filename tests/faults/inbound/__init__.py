"""Inbound chaos: what Slack delivers to replicas that are killed has its effect exactly once."""
