"""What is served over HTTP: Slack's requests, installing, health and metrics."""
