"""Timing: how long a model takes on a device, every sample kept with its conditions.

``loop`` measures in processes of its own, on one of the ``devices``; ``latencies`` keeps the
records in files and says what they come to. ``latencies.session.measure_session`` is the door
to measuring, ``latencies.measured.measured_latencies`` the one to what was measured.
"""
