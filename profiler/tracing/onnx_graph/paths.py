"""What a node is called → the path of the module it stands in."""

from __future__ import annotations

import ast
from collections.abc import Mapping

#: Where torch's newer exporter writes the modules around a node, the node itself last.
_SCOPES = "pkg.torch.onnx.name_scopes"


def node_path(name: str, op: str, index: int, metadata: Mapping[str, str]) -> str:
    """The dotted path of a node's module.

    ``/stem/conv1/Conv`` stands in ``stem.conv1``, ``/layer1/layer1.0/conv1/Conv`` (torch's way to
    write a member of a Sequential) in ``layer1.0.conv1``, ``/Flatten`` in the model itself. A node
    whose name does not end in its op (``Conv_12``, ``inception_3a/1x1``) is a layer by that name,
    and one without a name is called after its op and place.

    Args:
        name: the node's own.
        op: its type, without domain.
        index: its place in the graph.
        metadata: what the exporter wrote beside it.
    """
    scopes = _scopes(metadata.get(_SCOPES, ""))
    if scopes:
        return scopes[-2] if len(scopes) > 1 else ""
    if not name:
        return f"{op}_{index}"
    parts = [part for part in name.split("/") if part]
    if "/" in name and parts and (name.startswith("/") or _ends_in(parts[-1], op)):
        parts.pop()
    path: list[str] = []
    for part in parts:
        prefixes = [f"{'.'.join(path[start:])}." for start in range(len(path))]
        inside = next((prefix for prefix in prefixes if part.startswith(prefix)), "")
        path.append(part.removeprefix(inside))
    return ".".join(path)


def _ends_in(part: str, op: str) -> bool:
    return part.lower().startswith(op.lower())


def _scopes(text: str) -> list[str]:
    try:
        scopes = ast.literal_eval(text) if text else []
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    good = isinstance(scopes, list) and all(isinstance(scope, str) for scope in scopes)
    return scopes if good else []
