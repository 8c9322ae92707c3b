"""Benchmarks: each row stands next to its peer or limit, measured in the same run on the same machine.

``python -m infra.bench`` prints one table; each file of a metric is a program of its own that prints one JSON line per row.
Method and the last run: docs/performance.md. Traffic goes to 127.0.0.1 only and is bounded in count and time.
"""
