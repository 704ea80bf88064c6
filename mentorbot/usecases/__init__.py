"""What people and time can do to a programme: each a function of an open transaction."""
