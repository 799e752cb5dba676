"""Linting large zoos beside parsing them: ``python -m benchmarks.lint``.

What is measured is processor time, as a multiple of what the markdown parser alone takes over the
same pages in the same run, and of what half the pages take.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from markdown_it import MarkdownIt

from profiler.docs.lint.config import Config, selection
from profiler.docs.lint.linting import lint
from profiler.docs.lint.reading import read_page

_PAGES, _ROWS = 300, 250
_HEADING = "| Model | Top-1 | Params(M) | FLOPs(G) |\n| -- | -- | -- | -- |\n"


def main() -> None:
    """Print a line for each made-up zoo."""
    zoos = {"every page the same models, alike": _alike, "every page says otherwise": _otherwise}
    for name, page in zoos.items():
        texts = {f"{number}.md": page(number) for number in range(_PAGES)}
        parsing = _seconds(
            lambda texts=texts: [
                MarkdownIt().enable("table").parse(text) for text in texts.values()
            ]
        )
        half = dict(list(texts.items())[: _PAGES // 2])
        whole_s, half_s = (_seconds(lambda pages=pages: _lint(pages)) for pages in (texts, half))
        size = sum(map(len, texts.values())) / _PAGES / 1000
        print(
            f"{name}: {_PAGES} pages of {size:.0f} kB in {whole_s:.1f} s, {whole_s / parsing:.2f} "
            f"times parsing, {whole_s / half_s:.1f} times half of them"
        )


def _alike(_page: int) -> str:
    return f"# Page\n\n{_HEADING}" + "".join(
        f"| Net{row} | 0.{7000 + row} | {row % 97 + 0.5:.2f} | {row % 31 + 0.5:.2f} |\n"
        for row in range(_ROWS)
    )


def _otherwise(page: int) -> str:
    return f"# Page\n\n{_HEADING}" + "".join(
        f"| Net{row} | 0.{6000 + (row * 7 + page * 13) % 3000} "
        f"| {row + page * 1000}.5 | {row + page}.5 |\n"
        for row in range(_ROWS)
    )


def _lint(texts: dict[str, str]) -> None:
    pages = [read_page(path, text) for path, text in texts.items()]
    lint(pages, selection(Config()), lambda path: path)


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
