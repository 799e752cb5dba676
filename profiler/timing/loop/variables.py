"""The environment variables that change how fast a network runs, without what names a person.

A record of a measurement is published. Values that could hold a path, a user, a host or the
identifier of a device are kept as hashes: enough to see that two runs differed.
"""

from __future__ import annotations

import getpass
import hashlib
import platform
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

#: What is kept; every other variable is nobody's business.
_PREFIXES = (
    "CUDA_ CUBLAS_ CUBLASLT_ CUDNN_ NVIDIA_ OMP_ GOMP_ KMP_ MKL_ DNNL_ ONEDNN_ OPENBLAS_ TORCH_ "
    "TORCHINDUCTOR_ TORCHDYNAMO_ TRITON_ PYTORCH_ ATEN_ MALLOC_ LD_PRELOAD".split()
)
#: A hash of these could be guessed back, so not even that is kept.
_SECRET = re.compile(r"TOKEN|SECRET|PASSW|CREDENTIAL|API_?KEY|AUTH", re.IGNORECASE)
#: The folders of an absolute path, of either kind.
_FOLDERS = re.compile(r"(?:(?<![\w.…])/|[A-Za-z]:\\)(?:[^\s'\"/\\:]+[/\\])+|…/(?:[^\s'\"/]+/)*")
#: Names this short ("me", "pc") would tear words apart, and tell nobody apart.
_SHORTEST_NAME = 3
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-", re.IGNORECASE)


def kept_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables that concern the libraries, sorted by name; telling values as hashes."""
    own = tuple(own_names())
    return {
        name: hashed(value) if _tells(value, own) else value
        for name, value in sorted(variables.items())
        if name.startswith(tuple(_PREFIXES)) and not _SECRET.search(name)
    }


def without_places(text: str) -> str:
    """A text with the folders of its paths and this machine's names left out."""
    for name in sorted(own_names(), key=len, reverse=True):
        if len(name) > _SHORTEST_NAME:
            text = text.replace(name, "…")
    return _FOLDERS.sub("…/", text)


def hashed(text: str) -> str:
    """A short name for a text that must not be published."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def own_names() -> Iterable[str]:
    """What identifies this machine and its user: host name, user name, home folder."""
    node = platform.node()
    yield from {node, node.partition(".")[0]} - {""}
    # A container's user may have neither a name nor a home.
    with suppress(OSError, KeyError):
        yield getpass.getuser()
    with suppress(RuntimeError):
        yield str(Path.home())


def _tells(value: str, own: tuple[str, ...]) -> bool:
    lower = value.lower()
    return (
        any(mark in value for mark in "/\\@")
        or _UUID.search(value) is not None
        or any(name.lower() in lower for name in own)
    )
