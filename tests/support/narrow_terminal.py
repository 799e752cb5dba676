"""Which columns of a table go, one after the other, as a terminal becomes narrower."""

from msgspec.structs import replace

from profiler.records import Document, TableBlock
from profiler.render.messages import Messages
from profiler.render.terminal import document_drawing, plain


def order_of_going(block: TableBlock) -> tuple[list[str], list[str]]:
    """The last parts of the columns' keys in the order in which they go; then those that stay."""
    keys = [column.key for column in block.table.columns]
    words = Messages("en", {f"columns.{key}": f"<{key.rpartition('.')[2]}>" for key in keys})
    block = replace(block, table=replace(block.table, rows=()), part=None)

    def left_at(width: int) -> list[str]:
        drawn = plain(document_drawing(Document((block,), None), words, width))
        return [key for key in (key.rpartition(".")[2] for key in keys) if f"<{key}>" in drawn]

    left, gone = left_at(200), []
    assert len(left) == len(keys)
    for width in range(199, 0, -1):
        before, left = left, left_at(width)
        gone += [name for name in before if name not in left]
    return gone, left
