"""Who does the work, and when it looks: threads of one process, or jobs for many replicas."""
