"""What is shown in Slack, what comes back, and which use case it calls."""
