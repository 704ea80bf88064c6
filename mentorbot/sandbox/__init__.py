"""A simulated Slack workspace on the wire, with a page to act in it."""
