"""``python -m profiler``: the ``inprof`` command where it is not installed."""

from profiler.cli import run

if __name__ == "__main__":
    run()
