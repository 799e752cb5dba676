"""Errors of asking for a network, or of feeding it.

The tree:

    ValueError
        ArchError
            UnknownArchitecture   no network of that name; `.name`, `.known`
            UnknownVariant        no graph of that name; `.variant`, `.known`
            InputSizeError        an image that the network's arithmetic does not fit; `.size`
"""

import difflib

__all__ = ["ArchError", "InputSizeError", "UnknownArchitecture", "UnknownVariant"]


class ArchError(ValueError):
    """Base of every error that `archs` raises on purpose; its text is one line."""


class UnknownArchitecture(ArchError):  # noqa: N818 - the name says what is wrong, not that it is
    """No architecture has this name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        # Exception.__init__ gets the arguments, not the text: so the error survives pickling.
        super().__init__(name, known)
        self.name = name
        self.known = known

    def __str__(self) -> str:
        nearest = difflib.get_close_matches(self.name.lower(), self.known, n=3, cutoff=0.6)
        if nearest:
            return f"unknown architecture {self.name!r}: did you mean {' or '.join(nearest)}?"
        return f"unknown architecture {self.name!r}: choose one of {', '.join(self.known)}"


class UnknownVariant(ArchError):  # noqa: N818 - as above
    """The architecture has no graph of this name."""

    def __init__(self, name: str, variant: str, known: tuple[str, ...]) -> None:
        super().__init__(name, variant, known)
        self.name = name
        self.variant = variant
        self.known = known

    def __str__(self) -> str:
        return f"{self.name} has no variant {self.variant!r}: choose {' or '.join(self.known)}"


class InputSizeError(ArchError):
    """The image is smaller, or larger, than the network's arithmetic allows.

    `smallest` and `largest` are sides in pixels; `largest` is None where any larger image fits.
    `cure` is what else can be done about it.
    """

    def __init__(
        self,
        name: str,
        size: tuple[int, int],
        smallest: int,
        largest: int | None = None,
        cure: str = "",
    ) -> None:
        super().__init__(name, size, smallest, largest, cure)
        self.name = name
        self.size = size
        self.smallest = smallest
        self.largest = largest
        self.cure = cure

    def __str__(self) -> str:
        height, width = self.size
        if self.largest is None:
            fits = f"at least {self.smallest}x{self.smallest} pixels"
        else:
            fits = f"{self.smallest} to {self.largest} pixels a side"
        cure = f" ({self.cure})" if self.cure else ""
        return f"{self.name} takes an image of {fits}, not {height}x{width}{cure}"
