# SPDX-License-Identifier: Apache-2.0
"""Habits of other clients: errors that name the spelling of this one. Used by code that fails already."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import FrameType

__all__ = [
    "CLIENT",
    "CONFIG",
    "KIND",
    "LIST",
    "SETTINGS",
    "UnknownAttribute",
    "generated_verb",
    "has_habits",
    "no_attribute",
    "no_name",
    "without_habits",
]

C = TypeVar("C", bound=type)

CLIENT = {
    "all": "list",
    "find": "list",
    "log": "logs",
    "ls": "list",
    "objects": "kind",
    "post": "create",
    "put": "replace",
    "read": "get",
    "remove": "delete",
    "update": "replace",
}
"""What others call the verbs of a client."""

CONFIG = {
    "from_env": "load",
    "from_file": "from_kubeconfig",
    "from_service_account": "in_cluster",
    "load_incluster_config": "in_cluster",
    "load_kube_config": "from_kubeconfig",
}
"""What others call the ways to a configuration."""

KIND = {
    "annotations": "metadata.annotations",
    "apply": "write client.apply(obj, field_manager=…)",
    "as_dict": "to_dict",
    "create": "save",
    "exists": "get() raises NotFound where there is no object",
    "filter": "find",
    "labels": "metadata.labels",
    "log": "logs",
    "name": "metadata.name",
    "namespace": "metadata.namespace",
    "obj": "to_dict",
    "objects": "find",
    "patch": "write client.patch(obj, patch=MergePatch(…))",
    "raw": "to_dict",
    "read": "get",
    "refresh": "get",
    "reload": "get",
    "replace": "save",
    "uid": "metadata.uid",
    "update": "save",
    "wait": "write client.wait(obj, condition)",
    "watch": "watch_list",
}
"""What others call the verbs of a kind and its objects."""

LIST = {
    "items": "the list has the objects itself: leave out .items",
    "to_dict": "call it on each object",
}
"""What lists of others have."""

SETTINGS = {
    "api_key": "api_token",
    "cert_file": "cert",
    "host": "api_server",
    "key_file": "cert",
    "load_config": "load",
    "load_incluster_config": "use_in_cluster_config",
    "load_kube_config": "load_kubeconfig",
    "server": "api_server",
    "ssl_ca_cert": "verify_ssl",
    "token": "api_token",
}
"""What others call the settings."""

_IMPORTS = {
    "ApiException": "from k8s_core.errors import ApiError",
    "Watch": "from k8s_core import Watcher",
    "load_incluster_config": "from k8s_core import config; config.use_in_cluster_config()",
    "load_kube_config": "from k8s_core import config; config.load_kubeconfig()",
}
"""What others import, and what to import here."""

# Compiled when a message needs them: this module is imported with every client.
_GENERATED = (
    r"(?P<verb>read|list|get|create|replace|patch|delete_collection|delete|watch)_"
    r"(?:(?P<scope>namespaced|cluster)_)?(?P<kind>\w+?)(?P<everywhere>_for_all_namespaces)?"
    r"(?:_(?P<part>log|status|scale))?"
)
_API = r"[A-Z]\w*Api"
_PREFIX = r"^V\d+(?:(?:alpha|beta)\d+)?(?=[A-Z])"
_WAYS = {
    "read": "get({kind}, name, namespace=…)",
    "get": "get({kind}, name, namespace=…)",
    "list": "list({kind}, namespace=…)",
    "watch": "watch({kind}, namespace=…)",
    "create": "create(obj)",
    "replace": "replace(obj)",
    "patch": "patch({kind}, name, MergePatch(…), namespace=…)",
    "delete": "delete({kind}, name, namespace=…)",
    "delete_collection": "delete_collection({kind}, labels=…)",
}


class UnknownAttribute(AttributeError):
    """There is no such attribute; the message says which there is.

    The advice is looked for when the message is read: much code merely asks whether there is an attribute.
    """

    def __init__(self, message: str, advice: Callable[[], str], name: str) -> None:
        super().__init__(message, name=name)
        self._advice = advice

    def __str__(self) -> str:
        return super().__str__() + self._advice()

    def __reduce__(self) -> tuple[Any, ...]:
        return AttributeError, (str(self),)


def no_attribute(
    obj: object, name: str, habits: Mapping[str, str] | None = None, more: Callable[[str], str] = lambda name: ""
) -> AttributeError:
    """The error for an attribute that an object does not have, to be raised by ``__getattr__``.

    Args:
        obj: only its type is looked at.
        name: the attribute.
        habits: what others call the attributes of this type, or sentences.
        more: gives advice for names that are not habits; called with the name.
    """
    cls = type(obj)
    if hasattr(cls, name):
        # A property of the type raised the AttributeError: that one is of interest.
        object.__getattribute__(obj, name)
    message = f"{cls.__name__!r} object has no attribute {name!r}"
    if name.startswith("_"):
        # What copy, pickle, notebooks and mocks ask for.
        return AttributeError(message, name=name, obj=obj)
    return UnknownAttribute(message, lambda: _advice(cls, name, habits or {}, more), name)


class _Habit:
    """A name that others have in the place of an attribute: absent, but for the words of the error.

    A class with ``__getattr__`` would do as well, but every read of its attributes would be slower.
    """

    def __init__(self, name: str, habits: Mapping[str, str]) -> None:
        self._name = name
        self._habits = habits

    def __get__(self, obj: object, owner: type) -> Any:
        what = f"type object {owner.__name__!r}" if obj is None else f"{owner.__name__!r} object"
        message = f"{what} has no attribute {self._name!r}"
        raise UnknownAttribute(message, lambda: _advice(owner, self._name, self._habits), self._name)


def has_habits(habits: Mapping[str, str]) -> Callable[[C], C]:
    """A decorator for classes: names of others that it does not have lead to those that it has.

    They are as absent as before, for ``hasattr``, ``dir`` (see :func:`without_habits`) and type checkers.
    """

    def decorate(cls: C) -> C:
        for name in habits:
            if _static(cls, name) is None:
                setattr(cls, name, _Habit(name, habits))
        return cls

    return decorate


def without_habits(cls: type, names: Iterable[str]) -> list[str]:
    """The names of a class that are attributes, for its ``__dir__``."""
    return [name for name in names if not isinstance(_static(cls, name), _Habit)]


def _static(cls: type, name: str) -> object:
    return next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)


def _advice(cls: type, name: str, habits: Mapping[str, str], more: Callable[[str], str] = lambda name: "") -> str:
    from k8s_core.errors.hints import did_you_mean, offer  # noqa: PLC0415  # as this module, only messages need it

    public = [known for known in without_habits(cls, dir(cls)) if not known.startswith("_")]
    habit = habits.get(name, "")
    if " " in habit:
        return f"; {habit}"
    if habit.partition(".")[0] in public:
        return offer([habit])
    return more(name) or did_you_mean(name, public)


def generated_verb(name: str) -> str:
    """Advice for a method of the generated clients, such as ``list_namespaced_config_map``, or one of their classes."""
    if re.fullmatch(_API, name):
        return "; one Client has the verbs of all kinds, such as client.list(kind) and client.get(kind, name)"
    found = re.fullmatch(_GENERATED, name)
    if found is None or not (found["scope"] or found["everywhere"] or found["verb"] == "read"):
        return ""
    return f"; write client.{_way(found)}"


def _way(found: re.Match[str]) -> str:
    verb, part = found["verb"], found["part"]
    raw = found["kind"]
    for prefix in ("collection_namespaced_", "collection_"):
        if verb == "delete" and raw.startswith(prefix):
            verb, raw = "delete_collection", raw.removeprefix(prefix)
    kind = raw.title().replace("_", "")
    if kind == "CustomObject":
        kind = "'plural.group'"
    if part == "log":
        return f"get({kind}, name, namespace=…).logs()"
    if part == "scale" and verb != "read":
        return f"scale({kind}, name, replicas=…)"
    way = _WAYS[verb].format(kind=kind)
    if found["everywhere"]:
        way = way.replace("namespace=…", "namespace=ALL_NAMESPACES")
    if part and verb != "read":
        way = f"{way[:-1]}, subresource={part!r})"
    return way


# -- names that a module does not have --------------------------------------------------------------------------------


def no_name(module: str, name: str, places: Callable[[str], list[str]], caller: FrameType | None) -> Exception:
    """The error for a name that a module does not have, to be raised by its ``__getattr__``.

    Args:
        module: its ``__name__``.
        name: what it does not have.
        places: gives the import statements that find the name.
        caller: the frame that asked; None if it is not known.

    Returns:
        An ImportError where the frame runs ``from module import name``, which drops the words of an AttributeError.
    """
    if caller is not None and _imports(caller):
        message = f"cannot import name {name!r} from {module!r}{_import_advice(module, name, places)}"
        return ImportError(message, name=name, path=getattr(sys.modules.get(module), "__file__", None))
    message = f"module {module!r} has no attribute {name!r}"
    if name.startswith("_"):
        return AttributeError(message, name=name)
    return UnknownAttribute(message, lambda: _import_advice(module, name, places), name)


def _imports(frame: FrameType) -> bool:
    from opcode import opmap  # noqa: PLC0415  # only a mistake needs it

    return frame.f_code.co_code[frame.f_lasti] == opmap.get("IMPORT_FROM")


def _import_advice(module: str, name: str, places: Callable[[str], list[str]]) -> str:
    from k8s_core.errors.hints import did_you_mean  # noqa: PLC0415  # as above

    if name in _IMPORTS:
        return f"; write: {_IMPORTS[name]}"
    if re.fullmatch(_API, name):
        return f"{generated_verb(name)}: from k8s_core import Client"
    bare = re.sub(_PREFIX, "", name)
    if found := places(bare):
        return f"; write: {' or '.join(found)}"
    return did_you_mean(bare, getattr(sys.modules[module], "__all__", ()), count=2)
