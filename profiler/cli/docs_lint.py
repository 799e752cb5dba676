"""``inprof docs lint``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from profiler.catalog import LANGUAGES
from profiler.cli.docs_files import files_on_disk, page_paths, read_pages
from profiler.cli.options import format_option, output_option
from profiler.cli.output import check_output, warn
from profiler.docs.lint.baseline import (
    BaselineComparison,
    compared,
    read_baseline,
    rewritten,
)
from profiler.docs.lint.config import (
    FAIL_ON,
    USUAL,
    Config,
    FailOn,
    fails,
    find_config,
    read_config,
    selection,
)
from profiler.docs.lint.linting import lint as lint_pages
from profiler.docs.lint.report import FORMATS, LintReport, lint_text, rules_terminal, summary
from profiler.errors import UsageError
from profiler.files import write_atomic
from profiler.render.messages import Messages, load_messages
from profiler.render.terminal import console


@click.command()
@click.argument(
    "paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]..."
)
@click.option("--select", multiple=True, metavar="RULE", help="Run this rule alone (repeatable).")
@click.option("--ignore", multiple=True, metavar="RULE", help="Leave this rule out (repeatable).")
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), metavar="SEVERITY",
    help="The mildest finding that gives exit status 1: error, warning, info or never.  "
    "[default: warning]",
)  # fmt: skip
@click.option(
    "--config", "config_path", type=click.Path(path_type=Path), metavar="FILE",
    help="Settings.  [default: the nearest .inprof-lint.toml or pyproject.toml]",
)  # fmt: skip
@click.option(
    "--baseline", "baseline_path", type=click.Path(path_type=Path), metavar="FILE",
    help="Report what this file does not know.",
)  # fmt: skip
@click.option(
    "--write-baseline", "new_baseline", type=click.Path(path_type=Path), metavar="FILE",
    help="Write all findings into this file instead of reporting them.",
)  # fmt: skip
@click.option("--rules", "list_rules", is_flag=True, help="List the rules and their severities.")
@click.option(
    "--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True,
    help="The language of messages.",
)  # fmt: skip
@format_option(*FORMATS)
@output_option
@click.pass_context
def lint(
    context: click.Context,
    paths: tuple[Path, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: FailOn | None,
    config_path: Path | None,
    baseline_path: Path | None,
    new_baseline: Path | None,
    list_rules: bool,
    language: str,
    output_format: str,
    output: Path | None,
) -> None:
    """Find figures that can't be right in existing pages.

    PATHs are markdown files, and folders with .md and .markdown files at any depth; without one,
    the current folder. All are read together, so that pages can contradict each other. Hidden
    folders, node_modules and build are left out.

    \b
    Exit status:
      0  nothing found that is as bad as --fail-on
      1  findings
      2  a wrong request, or a broken config file or baseline

    \b
    In a page:
      <!-- inprof-lint: ignore RULE, RULE -->  in a line of its own: the next line or table;
                                               beside other text: that line
      <!-- inprof-lint: ignore-file RULE -->   the page
      <!-- inprof-lint: off -->                every rule from here to <!-- inprof-lint: on -->

    \b
    In .inprof-lint.toml, or in pyproject.toml under [tool.inprof.lint]:
      select, ignore = ["RULE"]                as on the command line, which goes first
      exclude = ["drafts/**"]                  files and folders that are not read
      fail-on = "error"
      baseline = "lint-baseline.jsonl"
      severities.RULE = "info"
      per-path-ignores."old/*.md" = ["RULE"]

    \b
    Examples:
      inprof docs lint
      inprof docs lint docs README.md --ignore empty-alt
      inprof docs lint --write-baseline lint-baseline.jsonl
      inprof docs lint --baseline lint-baseline.jsonl --format sarif -o lint.sarif
      inprof docs lint --rules
    """
    messages = load_messages(language)
    config = read_config(config_path) if config_path else find_config(Path())
    chosen = selection(config, select, ignore)
    if list_rules:
        stdout = console(sys.stdout)
        stdout.print(rules_terminal(chosen, messages, stdout.width))
        return
    for target in (output, new_baseline):
        check_output(target)
    if new_baseline and (output or baseline_path):
        raise UsageError("--write-baseline goes without --baseline and -o: it reports nothing")
    if baseline_path is None and config.baseline:
        baseline_path = Path(config.baseline)
    baseline = read_baseline(baseline_path) if baseline_path and not new_baseline else None
    old = read_baseline(new_baseline) if new_baseline and new_baseline.exists() else None
    read_paths = page_paths(paths or (Path(),), config)
    _warn_of_paths(paths, read_paths, config)
    pages, unread = read_pages(read_paths)
    linted = lint_pages(pages, chosen, files_on_disk(), unread)
    if new_baseline:
        write_atomic(new_baseline, rewritten(linted, new_baseline, old, chosen.ran_on))
        click.echo(f"wrote {new_baseline}; findings: {len(linted.reported)}", err=True)
        return
    report = LintReport(
        linted=linted,
        compared=compared(linted, baseline, chosen.ran_on)
        if baseline
        else BaselineComparison(linted.reported),
        selection=chosen,
        baseline=baseline.path if baseline else "",
    )
    _emit(report, messages, output_format, output)
    if fails((each.severity for each in report.compared.new), fail_on or config.fail_on or USUAL):
        context.exit(1)


def _emit(report: LintReport, messages: Messages, output_format: str, output: Path | None) -> None:
    if output is not None:
        write_atomic(output, FORMATS[output_format](report, messages))
        click.echo(f"wrote {output}: {summary(report, messages)}", err=True)
    elif output_format == "text":
        console(sys.stdout).print(lint_text(report, messages), end="", soft_wrap=True)
    else:
        click.echo(FORMATS[output_format](report, messages), nl=False)


def _warn_of_paths(given: Sequence[Path], read: Sequence[Path], config: Config) -> None:
    """Say of what was asked for and is not read."""
    for path in given:
        if config.excludes(str(path)):
            warn(f"{path} is excluded by {config.path}")
    if not read:
        warn(f"there is no markdown in {', '.join(map(str, given)) or 'the current folder'}")
