"""Latencies: files of records, and what their sessions come to, alone and side by side."""
