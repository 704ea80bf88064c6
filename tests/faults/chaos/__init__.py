"""Chaos: senders are killed, frozen and cut off while a Slack that fails counts what it took."""
