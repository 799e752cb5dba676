"""What a forward is given."""

from __future__ import annotations

from typing import Literal

from profiler.records.base import Record, Shape

#: Stands in a shape for the size that the model's own configuration states.
OWN_SIZE = 0

#: Channels, height and width of what a model is given that says nothing: one RGB image.
USUAL_IMAGE: Shape = (3, 224, 224)

#: Numbers in the model's dtype, or whole ones that a table is looked up with.
InputKind = Literal["float", "tokens"]


class Input(Record, frozen=True, gc=False):
    """One tensor of a forward: its shape with the batch, what it holds, the argument it is.

    ``name`` is empty for a positional argument. A size of ``OWN_SIZE`` is the model's own.
    """

    shape: Shape
    kind: InputKind = "float"
    name: str = ""
