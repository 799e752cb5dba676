"""What an audit found about the published latencies that a chart shows, each text once."""

from __future__ import annotations

from profiler.records import CellRef, Finding, Latency
from profiler.render.messages import Messages
from profiler.report.finding_text import note_text
from profiler.report.table_notes import Audited


class AuditedPoints:
    """The findings behind points, as places in ``texts``."""

    def __init__(self, audited: Audited, messages: Messages) -> None:
        self._names = audited.names
        self._messages = messages
        self._by_cell: dict[CellRef, list[Finding]] = {}
        for finding in audited.findings:
            for cell in finding.cells:
                self._by_cell.setdefault(cell, []).append(finding)
        self._places: dict[str, int] = {}

    @property
    def texts(self) -> list[str]:
        """What was found, in the language of the messages, each once."""
        return list(self._places)

    def of(self, latency: Latency) -> list[int]:
        """What concerns the figure itself or the crop that is stated for it."""
        found = [
            finding
            for cell in (latency.cell, latency.crop_cell)
            for finding in self._by_cell.get(cell, ())
        ]
        texts = [note_text([finding], self._names, self._messages) for finding in found]
        return [self._places.setdefault(text, len(self._places)) for text in dict.fromkeys(texts)]
