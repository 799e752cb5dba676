"""Devices: the clock, the queue and the state of a GPU, a CPU or a simulated device."""
