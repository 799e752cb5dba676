"""The region that lists what ``inprof docs lint`` looks for."""

from __future__ import annotations

from profiler.docs.kinds import Content, kind
from profiler.docs.lint.config import Config, selection
from profiler.docs.lint.report import rules_table
from profiler.docs.request import Request
from profiler.docs.sources import Sources
from profiler.render.markdown import render_markdown
from profiler.render.messages import Messages


@kind("table", "lint-rules", "")
def _rules(_request: Request, _sources: Sources, messages: Messages) -> Content:
    return Content(render_markdown(rules_table(selection(Config()), messages), messages).strip())
