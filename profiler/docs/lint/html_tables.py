"""Html tags between markdown: tables, titles and pictures, with their lines."""

from __future__ import annotations

from html.parser import HTMLParser

from profiler.docs.lint.cell_text import plain_spaces, without_end_marks
from profiler.docs.lint.page import ImageLink, Outline, PageTable, TableCell

#: A cell spans no more rows or columns than this, whatever it says.
_WIDEST_SPAN = 100
_TITLES = {f"h{level}": level for level in range(1, 7)}
_LONGEST_MARK = 4


class HtmlParts(HTMLParser):
    """Reads the blocks of html of one page, in order; what it finds goes to outline and images."""

    def __init__(self, outline: Outline, images: list[ImageLink]) -> None:
        super().__init__()
        self._outline = outline
        self._images = images
        self._open: list[_Table] = []
        self._title: list[str] | None = None
        self._raised: list[str] | None = None
        self._lines_fed = 0

    @property
    def in_table(self) -> bool:
        """Whether a table has begun and not ended."""
        return bool(self._open)

    def read(self, block: str, line: int) -> None:
        """A block that begins in that line, counted from 0, and ends in a line break."""
        self.feed("\n" * (line - self._lines_fed) + block)
        self._lines_fed = line + block.count("\n")

    def end(self) -> None:
        """The page's end: what is still open ends with it."""
        self.close()
        while self._open:
            self._end_table()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Of the parser: a tag begins, in the line that ``getpos`` says."""
        line = self.getpos()[0]
        if tag == "table":
            self._open.append(_Table())
        elif tag == "img":
            values = dict(attrs)
            alt = values["alt"] or "" if "alt" in values else None
            self._images.append(ImageLink(line, values.get("src") or "", alt))
        elif tag in _TITLES:
            self._title = []
        elif self._open:
            self._open[-1].start(tag, dict(attrs), line)
            if tag == "sup":
                self._raised = []

    def handle_endtag(self, tag: str) -> None:
        """Of the parser: a tag ends."""
        if tag in _TITLES and self._title is not None:
            self._outline.title(_TITLES[tag], " ".join("".join(self._title).split()))
            self._title = None
        elif tag == "table" and self._open:
            self._end_table()
        elif tag == "sup" and self._raised is not None:
            text, self._raised = "".join(self._raised), None
            if self._open:
                self._open[-1].raised(text.strip())
        elif self._open:
            self._open[-1].end(tag)

    def handle_data(self, data: str) -> None:
        """Text, also that of a paragraph of markdown inside an html table."""
        if self._title is not None:
            self._title.append(data)
        elif self._raised is not None:
            self._raised.append(data)
        elif self._open:
            self._open[-1].text(data)

    def _end_table(self) -> None:
        table = self._open.pop().finished(self._outline.above())
        if table is not None:
            self._outline.table(table)


class _Cell:
    def __init__(self, line: int, is_heading: bool, columns: int, rows: int) -> None:
        self.line = line
        self.is_heading = is_heading
        self.columns = columns
        self.rows = rows
        self.parts: list[str] = []
        self.marks: list[str] = []
        self.links: list[str] = []

    def record(self) -> TableCell:
        # line breaks of the source are spaces; "\v" stands for <br>
        lines = (" ".join(line.split()) for line in "".join(self.parts).split("\v"))
        shown = plain_spaces("\n".join(lines))
        text, marks = without_end_marks(shown)
        return TableCell(text, self.line, (*self.marks, *marks), tuple(self.links))


class _Table:
    """Rows of cells while they are read; browsers end cells and rows that nobody ended."""

    def __init__(self) -> None:
        self._rows: list[list[_Cell]] = []
        self._head_rows = 0
        self._in_head = False
        self._cell: _Cell | None = None

    def start(self, tag: str, attrs: dict[str, str | None], line: int) -> None:
        if tag == "tr":
            self._cell = None
            self._rows.append([])
            self._head_rows += self._in_head
        elif tag in ("td", "th"):
            if not self._rows:
                self._rows.append([])
            spans = _span(attrs.get("colspan")), _span(attrs.get("rowspan"))
            self._cell = _Cell(line, tag == "th", *spans)
            self._rows[-1].append(self._cell)
        elif tag in ("thead", "tbody"):
            self._cell = None
            self._in_head = tag == "thead"
        elif self._cell is not None:
            if tag in ("br", "p", "div", "li"):
                self._cell.parts.append("\v")
            elif tag == "a" and attrs.get("href"):
                self._cell.links.append(attrs["href"] or "")

    def end(self, tag: str) -> None:
        if tag == "thead":
            self._in_head = False
        if tag in ("td", "th", "tr", "thead", "tbody"):
            self._cell = None

    def text(self, data: str) -> None:
        if self._cell is not None:
            self._cell.parts.append(data)

    def raised(self, text: str) -> None:
        if self._cell is None:
            return
        if "".join(self._cell.parts).endswith("10"):
            self._cell.parts.append(f"^{text}")
        elif len(text) <= _LONGEST_MARK:
            self._cell.marks.append(text.strip("[]()"))
        else:
            self._cell.parts.append(f" {text}")

    def finished(self, headings: tuple[str, ...]) -> PageTable | None:
        """The table as a record; None if it has no cell."""
        rows = [row for row in self._rows if row]
        if not rows:
            return None
        head = _heading_rows(rows, self._head_rows)
        grid = _grid(rows)
        width = max(len(line) for line in grid[:head])
        line = rows[0][0].line
        return PageTable(
            line=line,
            headings=headings,
            header=tuple(
                _joined([cells[column] for cells in grid[:head] if column < len(cells)], line)
                for column in range(width)
            ),
            rows=tuple(
                tuple(cell or TableCell("", row[0].line) for cell in cells)
                for row, cells in zip(rows[head:], grid[head:], strict=True)
            ),
        )


def _span(text: str | None) -> int:
    digits = (text or "").strip()
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= len(str(_WIDEST_SPAN))
    return min(max(int(digits), 1), _WIDEST_SPAN) if is_number else 1


def _heading_rows(rows: list[list[_Cell]], marked: int) -> int:
    """How many rows at the top are headings: those of ``thead``, or of ``th``, or spanned ones."""
    if not marked:
        for row in rows:
            if not all(cell.is_heading for cell in row):
                break
            marked += 1
    if not marked and any(cell.columns > 1 for cell in rows[0]):
        marked = max(cell.rows for cell in rows[0])
    return min(max(marked, 1), len(rows))


def _grid(rows: list[list[_Cell]]) -> list[list[TableCell | None]]:
    """Every cell in each row and column that it spans; None where there is no cell."""
    grid: list[list[TableCell | None]] = []
    hanging: dict[int, tuple[int, TableCell]] = {}  # column → rows that it still spans, cell
    for row in rows:
        line: list[TableCell | None] = []
        still: dict[int, tuple[int, TableCell]] = {}
        cells = iter(row)
        cell = next(cells, None)
        while cell is not None or any(column >= len(line) for column in hanging):
            if len(line) in hanging:
                rows_left, record = hanging.pop(len(line))
                if rows_left > 1:
                    still[len(line)] = rows_left - 1, record
                line.append(record)
            elif cell is None:
                line.append(None)
            else:
                record = cell.record()
                for _ in range(cell.columns):
                    if cell.rows > 1:
                        still[len(line)] = cell.rows - 1, record
                    line.append(record)
                cell = next(cells, None)
        hanging = still
        grid.append(line)
    return grid


def _joined(cells: list[TableCell | None], line: int) -> TableCell:
    """Headings that stand on each other as one; a cell that spans several rows counts once."""
    distinct = list(dict.fromkeys(cell for cell in cells if cell is not None))
    if not distinct:
        return TableCell("", line)
    return TableCell(
        text="\n".join(cell.text for cell in distinct if cell.text),
        line=distinct[-1].line,
        marks=tuple(mark for cell in distinct for mark in cell.marks),
        links=tuple(link for cell in distinct for link in cell.links),
    )
