"""What TorchScript keeps of a module: attributes that live beside Python's, in the interpreter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

#: Kinds of values that are compared by what they are, not by what is in them.
_ATOMS = (bool, int, float, str, torch.Tensor, type(None))


class ScriptedAttributes:
    """The attributes of one scripted or traced module, its children left out."""

    def __init__(self, module: torch.jit.ScriptModule) -> None:
        self._module: Any = module._c
        kind: Any = torch._C.ConcreteModuleType.from_jit_type(self._module._type())
        self._saved = {name: self._module.getattr(name) for name in kind.get_attributes()}

    def stand_in(self, one: Callable[[torch.Tensor], torch.Tensor], meta_too: bool) -> None:
        """Replace every tensor that is not on the meta device, or every one."""

        def replaced(value: Any) -> Any:
            if isinstance(value, torch.Tensor):
                return one(value) if meta_too or not value.is_meta else value
            if isinstance(value, (list, tuple)):  # the weights of a recurrent layer, say
                return type(value)(map(replaced, value))
            if isinstance(value, dict):
                return {key: replaced(each) for key, each in value.items()}
            return value

        for name, value in self._saved.items():
            if isinstance(value, (torch.Tensor, list, tuple, dict)):
                self._module.setattr(name, replaced(value))

    def set_eval_mode(self) -> None:
        """As ``module.eval()``; a frozen module has no mode."""
        if "training" in self._saved:
            self._module.setattr("training", False)

    def restore(self) -> None:
        """Give the interpreter back what it had."""
        for name, value in self._saved.items():
            if not isinstance(value, _ATOMS) or self._module.getattr(name) is not value:
                self._module.setattr(name, value)


def scripted_attributes(modules: Sequence[torch.nn.Module]) -> list[ScriptedAttributes]:
    """Those of every module that TorchScript runs."""
    if not any(issubclass(kind, torch.jit.ScriptModule) for kind in set(map(type, modules))):
        return []  # of most models, which have few classes and many modules
    return [
        ScriptedAttributes(each) for each in modules if isinstance(each, torch.jit.ScriptModule)
    ]


@contextmanager
def scripted_kept(modules: Sequence[torch.nn.Module]) -> Iterator[list[ScriptedAttributes]]:
    """Restore what the interpreter holds of each module afterwards, whatever happened."""
    attributes = scripted_attributes(modules)
    try:
        yield attributes
    finally:
        for each in attributes:
            each.restore()
