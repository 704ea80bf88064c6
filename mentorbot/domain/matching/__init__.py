"""Who is matched with whom, and why."""
