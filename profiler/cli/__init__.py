"""The command line: one file per command, errors caught once.

Commands are imported when they are called, so that ``--help`` costs no more than click.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Mapping
from typing import Any

import click

from profiler.errors import InprofError, one_line

#: Command → the module that holds it, and its line in ``inprof --help``.
COMMANDS = {
    "count": ("profiler.cli.count", "Count parameters, MACs and FLOPs, layer by layer."),
    "compare": ("profiler.cli.compare", "Set models side by side, and say why they differ."),
    "identify": ("profiler.cli.identify", "Find the counting rule behind a quoted figure."),
    "models": ("profiler.cli.models", "List the models that --model takes by name."),
    "sweep": ("profiler.cli.sweep", "Count many models, a row each."),
    "audit": ("profiler.cli.audit", "Hold published figures against the trace and each other."),
    "time": ("profiler.cli.time", "Measure latency, and keep every sample with its conditions."),
    "plot": ("profiler.cli.plot", "Plot accuracy against FLOPs, parameters and latency."),
    "page": ("profiler.cli.page", "Write a series' page in markdown."),
    "series": ("profiler.cli.series", "Begin a series of your own."),
    "site": ("profiler.cli.site", "Build the static site."),
    "docs": ("profiler.cli.docs", "Keep markdown that people write by hand right."),
    "cache": ("profiler.cli.cache", "Show or clear what was traced before."),
}


class LazyGroup(click.Group):
    """A group that knows where its commands are.

    Args:
        commands: command → the module that holds it under its own name, and its line in the help.
    """

    def __init__(self, *args: Any, commands: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._found_in = commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the help."""
        return list(self._found_in)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None where there is none of that name."""
        if cmd_name not in self._found_in:
            return None
        module = importlib.import_module(self._found_in[cmd_name][0])
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self._found_in.items()])


class _Commands(LazyGroup):
    """The commands, with one place for what goes wrong in them."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InprofError as error:
            click.echo(f"Error: {' '.join(str(error).split())}", err=True)
            ctx.exit(error.exit_code)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            ctx.exit(error.exit_code)
        except click.UsageError as error:
            where = error.ctx.command_path if error.ctx else "inprof"
            message = " ".join(error.format_message().split()).rstrip(".")
            click.echo(f"Error: {message} (see {where} --help)", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            # the reader (head, a pager) has what it wants
            _drop_output()
            ctx.exit(0)
        except MemoryError:
            click.echo("Error: there is not enough memory for this", err=True)
            ctx.exit(1)
        except (OSError, UnicodeError) as error:
            click.echo(f"Error: {one_line(error)}", err=True)
            _drop_output()  # what could not be written must not be tried again at exit
            ctx.exit(1)


def _drop_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run() -> None:
    """The ``inprof`` command in a process of its own."""
    # torch and a trace make many objects that live to the end: looking through them for garbage
    # every 700 takes a tenth of a cold count
    gc.set_threshold(1_000_000)
    main()


@click.group(
    cls=_Commands, commands=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="inprof", prog_name="inprof")
def main() -> None:
    """Cost figures for neural networks that can be believed, explained and regenerated.

    \b
    Examples:
      inprof count --model googlenet
      inprof plot --hw t4 --precision fp32 --bs 4
      inprof page --series inception --lang en -o Inception.md
    """
