"""Measures latency: one loop, a backend per kind of device, every sample kept."""
