"""A page → the page as it should be today, and what of it is stale, edited or broken."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Literal

from profiler.docs.content import Picture
from profiler.docs.kinds import content_of
from profiler.docs.regions import (
    Fault,
    PageFile,
    Region,
    Regions,
    body_of,
    body_sum,
    with_bodies,
)
from profiler.docs.request import RegionSources
from profiler.errors import InprofError, OutputError
from profiler.files import make_folder, write_atomic
from profiler.plots.plots import drawing, fingerprint
from profiler.plots.style import PRESETS, THEMES
from profiler.records import Record

#: A region's state; only ``current`` needs nothing done. ``edited`` is text that no program wrote
#: and that isn't what belongs there; ``unsigned`` lacks its checksum only; ``picture`` lacks a
#: picture, or one that shows what holds today; ``foreign`` has a file in its picture's place that
#: was not drawn here.
State = Literal["current", "empty", "stale", "edited", "unsigned", "picture", "foreign"]
#: The content of a picture's file: it, an old one or none, or what was not drawn here.
Kept = Literal["it", "old", "other"]


class Checked(Record, frozen=True):
    """One region of a page as it was found."""

    #: The line of its first marker.
    line: int
    #: Its attributes.
    what: str
    state: State


class Renewal(Record, frozen=True):
    """A page, and the page as it should be."""

    page: PageFile
    #: With every region renewed, also those that were edited.
    text: str
    regions: tuple[Checked, ...]
    faults: tuple[Fault, ...]
    #: Those to be drawn, by their addresses from the page's folder.
    pictures: Mapping[str, Picture]
    #: Every picture's fingerprint, by address.
    shown: Mapping[str, str]

    @property
    def stale(self) -> tuple[Checked, ...]:
        """The regions that something is to be done about."""
        return tuple(each for each in self.regions if each.state != "current")

    @property
    def refused(self) -> tuple[Checked, ...]:
        """The regions that can't be written without the loss of what somebody made."""
        return tuple(each for each in self.regions if each.state in ("edited", "foreign"))

    def diff(self) -> str:
        """A unified diff from the page as it is to the page as it should be."""
        lines = difflib.unified_diff(
            _lines(self.page.text),
            _lines(self.text),
            str(self.page.path),
            f"{self.page.path} (today)",
        )
        return "".join(lines)


def renew(
    page: PageFile, found: Regions, sources: RegionSources, step: Callable[[str], None]
) -> Renewal:
    """Work out what each region of a page should hold today; nothing is written.

    What a region asks for in vain is a fault at its line, and the other regions go on.

    Args:
        page: the page as it is.
        found: the regions in it.
        sources: what regions are filled from.
        step: called with what a region asks for as its turn comes.
    """
    faults = list(found.faults)
    bodies: dict[int, str] = {}
    regions: list[Checked] = []
    pictures: dict[str, Picture] = {}
    shown: dict[str, str] = {}
    drawn: dict[str, str] = {}
    for region in found.regions:
        what = " ".join(f"{key}={value}" for key, value in region.attributes.items())
        step(what)
        try:
            content = content_of(region.attributes, sources)
        except InprofError as error:
            faults.append(Fault(region.line, " ".join(str(error).split())))
            continue
        marks = {each.address: mark_of(each) for each in content.pictures}
        places = {_place(page, address): mark for address, mark in marks.items()}
        if any(drawn.get(place, mark) != mark for place, mark in places.items()):
            address = content.pictures[0].address
            faults.append(
                Fault(
                    region.line, f"two regions draw {address} differently: give one of them name="
                )
            )
            continue
        drawn |= places
        shown |= marks
        kept = {address: _kept(page, address, mark) for address, mark in marks.items()}
        pictures |= {each.address: each for each in content.pictures if kept[each.address] != "it"}
        bodies[region.line] = body_of(content.markdown, region)
        state = _state(region, bodies[region.line], set(kept.values()))
        regions.append(Checked(region.line, what, state))
    return Renewal(
        page=page,
        text=with_bodies(page.text, bodies, found.regions),
        regions=tuple(regions),
        faults=tuple(sorted(faults, key=lambda fault: fault.line)),
        pictures=pictures,
        shown=shown,
    )


def write_renewal(renewal: Renewal) -> None:
    """Draw the pictures, then write the page; what is as it should be is not touched.

    Raises:
        OutputError: a file can't be written, or the page is no longer what was read; it is then
            as it was.
    """
    page = renewal.page
    _check_unchanged(renewal)
    for address, picture in renewal.pictures.items():
        target = page.folder / address
        make_folder(target.parent)
        data = drawing(
            picture.plots,
            picture.format,
            preset=PRESETS[picture.preset],
            theme=THEMES[picture.theme],
        )
        write_atomic(target, data)
    if renewal.text != page.text:
        _check_unchanged(renewal)
        write_atomic(page.path, page.encoded(renewal.text))


def mark_of(picture: Picture) -> str:
    """The mark that a file of the picture carries while it is up to date."""
    return fingerprint(picture.plots, PRESETS[picture.preset], THEMES[picture.theme])


def clashes(renewals: Iterable[Renewal]) -> list[tuple[Renewal, str]]:
    """Pictures that two pages would draw differently into one file: the later page, the address."""
    seen: dict[str, str] = {}
    found = []
    for renewal in renewals:
        for address, mark in renewal.shown.items():
            place = _place(renewal.page, address)
            if seen.setdefault(place, mark) != mark:
                found.append((renewal, address))
    return found


def _state(region: Region, body: str, kept: Collection[Kept]) -> State:
    if region.is_edited and region.body != body:
        return "edited"
    if "other" in kept:
        return "foreign"
    if region.body != body:
        return "empty" if region.is_empty else "stale"
    if region.sum != body_sum(body, region.indent):
        return "unsigned"
    return "picture" if "old" in kept else "current"


def _place(page: PageFile, address: str) -> str:
    """The same for all addresses of a file, also where upper and lower case are one."""
    return os.path.realpath(page.folder / address).casefold()


def _kept(page: PageFile, address: str, mark: str) -> Kept:
    """The content of the file of a picture that carries the mark while it is up to date."""
    try:
        data = (page.folder / address).read_bytes()
    except OSError:
        return "old"
    if mark.encode() in data:
        return "it"
    return "old" if mark.rpartition("-")[0].encode() in data or not data else "other"


def _check_unchanged(renewal: Renewal) -> None:
    """OutputError where the page was saved meanwhile, unless by another run of the same."""
    page = renewal.page
    try:
        data = page.path.read_bytes()
    except OSError:
        data = b""
    if data not in (page.encoded(page.text), page.encoded(renewal.text)):
        raise OutputError("it was changed while its regions were worked out: run this again")


def _lines(text: str) -> list[str]:
    """Lines for a diff, each with a line feed, whatever the page's line ends."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return [f"{line}\n" for line in plain.removesuffix("\n").split("\n")]
