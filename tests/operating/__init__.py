"""What an operator does by command, against a real bot."""
