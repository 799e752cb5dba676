"""``inprof docs``."""

from __future__ import annotations

import importlib

import click

#: Command → the module that holds it, and its line in ``inprof docs --help``.
COMMANDS = {
    "write": ("profiler.cli.docs_write", "Fill the generated regions of markdown files."),
    "check": ("profiler.cli.docs_check", "Say whether generated regions are up to date."),
    "kinds": ("profiler.cli.docs_kinds", "List what a region can show."),
    "lint": ("profiler.cli.docs_lint", "Find figures that can't be right in existing pages."),
}


class _DocsCommands(click.Group):
    """The commands of ``COMMANDS``, imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=_DocsCommands)
def docs() -> None:
    """Keep markdown that people write by hand right.

    \b
    Examples:
      inprof docs write README.md
      inprof docs check README.md --diff
      inprof docs kinds
      inprof docs lint docs README.md
    """
