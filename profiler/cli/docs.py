"""``inprof docs``."""

from __future__ import annotations

import click

from profiler.cli import LazyGroup

#: Command → the module that holds it, and its line in ``inprof docs --help``.
COMMANDS = {
    "write": ("profiler.cli.docs_regions", "Fill the generated regions of markdown files."),
    "check": ("profiler.cli.docs_regions", "Say whether generated regions are up to date."),
    "kinds": ("profiler.cli.docs_regions", "List what a region can show."),
    "lint": ("profiler.cli.docs_lint", "Find figures that can't be right in existing pages."),
}


@click.group(cls=LazyGroup, commands=COMMANDS)
def docs() -> None:
    """Keep markdown that people write by hand right.

    \b
    Examples:
      inprof docs write README.md
      inprof docs check README.md --diff
      inprof docs kinds
      inprof docs lint docs README.md
    """
