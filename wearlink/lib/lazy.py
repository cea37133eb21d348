"""Modules that few processes ever use, loaded when one does: a client library may weigh more than all of ours."""

import importlib
from types import ModuleType
from typing import Any


class LazyModule(ModuleType):
    """A placeholder that loads a module at the first use of an attribute.

    Bind it to the module's name where the checker does not look, so that types stay:

        if TYPE_CHECKING:
            import anthropic
        else:
            anthropic = LazyModule("anthropic")
    """

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self.__name__), name)
