# SPDX-License-Identifier: Apache-2.0
"""Where this package is safer than fiaas/k8s on purpose, and the switches that give the old behaviour back.

::

    from k8s import switches
    switches.use(unknown_fields="drop")                # for the process
    switches.use(Probe, positional="drop")             # for one model and those derived from it
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["CHOICES", "reset", "use", "value_of"]

CHOICES: Final[dict[str, tuple[Any, ...]]] = {
    # A save drops the fields that the class does not declare; else they go back as they came.
    "unknown_fields": ("keep", "drop"),
    # A POST whose outcome is not known is sent again, up to ten times; the object may then exist already.
    "repeat_posts": (False, True),
    # `Probe(HTTPGetAction(…))`: refused; lost, as fiaas/k8s does; or taken for the one field of that type.
    "positional": ("refuse", "drop", "assign"),
    # `Pod.delete_list()` without a selector deletes every object of the namespace; else it is refused.
    "delete_everything": (False, True),
    # Errors of the API show the bodies of the request and of the response, with whatever secrets are in them.
    "error_bodies": (False, True),
}
"""The switches with their values; the first one is the safe one, and the default."""

_process: dict[str, Any] = {}
_models: dict[tuple[type, str], Any] = {}


def use(model: type | None = None, /, **values: Any) -> None:
    """Set switches for the process, or for one model class and the classes that are derived from it.

    Raises:
        TypeError: there is no such switch, or it has no such value.
    """
    for name, value in values.items():
        if name not in CHOICES:
            raise TypeError(f"there is no switch {name!r}; there are {', '.join(CHOICES)}")
        if value not in CHOICES[name]:
            raise TypeError(f"{name}={value!r} is not one of {', '.join(map(repr, CHOICES[name]))}")
        if model is None:
            _process[name] = value
        else:
            _models[model, name] = value


def reset() -> None:
    """Set every switch to the safe value again."""
    _process.clear()
    _models.clear()


def value_of(name: str, model: type) -> Any:
    """What a switch is set to for a model class."""
    for cls in model.__mro__:
        if (cls, name) in _models:
            return _models[cls, name]
    return _process.get(name, CHOICES[name][0])
