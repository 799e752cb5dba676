"""A page of a built site in a browser's window, as the browser tests look at it."""

from pathlib import Path
from typing import Any


class Visit:
    """One page in a window, with what it asked for and what it complained about."""

    def __init__(self, browser: Any, folder: Path, **options: Any) -> None:
        self.folder = folder
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page = browser.new_context(**options).new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", self._on_failure)
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _on_failure(self, request: Any) -> None:
        # an icon that was still on its way when the next page was opened is no failure
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(request.url)

    def open(self, name: str, query: str = "") -> Any:
        self.page.goto((self.folder / name).as_uri() + query)
        return self.page


def follow(page: Any, selector: str) -> None:
    """Follow a link and wait for the page it leads to, its scripts included.

    A click alone returns while the next page is still being read.
    """
    with page.expect_navigation(wait_until="load"):
        page.click(selector)
