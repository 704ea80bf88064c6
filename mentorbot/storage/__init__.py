"""What is kept: tables, transactions and every query."""
