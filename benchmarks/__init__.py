"""Benchmarks: one command each, prints a ratio and writes JSON into var/benchmarks/."""
