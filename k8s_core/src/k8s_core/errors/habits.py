# SPDX-License-Identifier: Apache-2.0
"""Habits of other clients: errors that name the spelling of this one. Used by code that fails already."""

from __future__ import annotations

import functools
import re
import sys
from types import FunctionType
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
    "explained",
    "explains_calls",
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

_KEYWORDS = {
    "_continue": ("continue_token",),
    "_request_timeout": ("timeout",),
    "all_namespaces": ("namespace",),
    "body": ("obj", "patch"),
    "data": ("obj", "patch"),
    "field_selector": ("fields",),
    "grace_period": ("grace_period_seconds",),
    "host": ("server",),
    "label_selector": ("labels",),
    "manifest": ("obj",),
    "selector": ("labels",),
    "timeout_seconds": ("timeout",),
}
"""What others call the arguments of verbs; those count that the verb has."""

_NOT_A_KEYWORD = {
    "all_namespaces": "write namespace=ALL_NAMESPACES",
    "async_req": "every verb blocks: call it in a thread",
    "follow": "watch() follows",
    "host": "write Client(Config(server=…))",
    "label_selector": "find() takes labels=, and so do list(), watch() and delete_collection() of a Client",
    "labels": "find() takes labels=, and so do list(), watch() and delete_collection() of a Client",
    "server": "write Client(Config(server=…))",
    "watch": "watch() follows changes",
    "watch.timeout": "a watch goes on until you leave the loop",
    "watch.timeout_seconds": "a watch goes on until you leave the loop",
}
"""Arguments of others that no argument of the verb stands for."""

_FOR_EACH_OBJECT = frozenset({"from_dict"})
"""Methods that may be called for each of many objects, where a wrapper would show in the time."""

_GENERATED = re.compile(
    r"(?P<verb>read|list|get|create|replace|patch|delete_collection|delete|watch)_"
    r"(?:(?P<scope>namespaced|cluster)_)?(?P<kind>\w+?)(?P<everywhere>_for_all_namespaces)?"
    r"(?:_(?P<part>log|status|scale))?"
)
_LABEL = re.compile(r"[a-z0-9-]{1,63}")
_API = re.compile(r"[A-Z]\w*Api")
_PREFIX = re.compile(r"^V\d+(?:(?:alpha|beta)\d+)?(?=[A-Z])")
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
    if _API.fullmatch(name):
        return "; one Client has the verbs of all kinds, such as client.list(kind) and client.get(kind, name)"
    found = _GENERATED.fullmatch(name)
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


# -- calls that do not fit a signature --------------------------------------------------------------------------------


def explains_calls(cls: C) -> C:
    """A decorator for classes: a call of a public method that does not fit its signature says how to write it.

    Signatures, and calls that fit, stay as they are. The error stays Python's own TypeError, with words added.
    """
    for name, member in list(vars(cls).items()):
        if (name.startswith("_") and name != "__init__") or name in _FOR_EACH_OBJECT:
            continue
        if isinstance(member, classmethod):
            setattr(cls, name, classmethod(explained(member.__func__)))
        elif isinstance(member, FunctionType):
            setattr(cls, name, explained(member))
    return cls


def explained(function: Any) -> Any:
    """The function, whose TypeErrors for arguments that it does not take name those that it does."""

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        __tracebackhide__ = True  # pytest shows the caller instead
        try:
            return function(*args, **options)
        except TypeError as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                # It comes from within the function: the arguments were taken.
                raise
            advice = _call_advice(function, args, options)
            if not advice:
                raise
            message = f"{error}{advice}"
        raise TypeError(message)

    return call


def _call_advice(function: Any, args: tuple[Any, ...], options: dict[str, Any]) -> str:
    import inspect  # noqa: PLC0415  # only a message needs it, and it is heavy

    parameters = list(inspect.signature(function).parameters.values())[1:]
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    unknown = [name for name in options if name not in named]
    if unknown and not any(p.kind is p.VAR_KEYWORD for p in parameters):
        return _keyword_advice(function.__name__, unknown[0], parameters)
    places = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    if len(args) - 1 > len(places):
        return _position_advice(args[len(places) + 1 :], [p for p in parameters if p.kind is p.KEYWORD_ONLY], options)
    return _missing_advice(function, named)


def _keyword_advice(verb: str, name: str, parameters: list[Any]) -> str:
    from k8s_core.errors.hints import did_you_mean, offer  # noqa: PLC0415  # as above

    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    habits = [other for other in _KEYWORDS.get(name, ()) if other in named]
    if habits == ["obj"]:
        return "; give the object first, without a keyword"
    sentence = _NOT_A_KEYWORD.get(f"{verb}.{name}") or _NOT_A_KEYWORD.get(name)
    if sentence and (not habits or name == "all_namespaces"):
        return f"; {sentence}"
    if habits:
        return offer(habits)
    return did_you_mean(name, named) or f"; it takes {', '.join(named)}"


def _position_advice(extra: tuple[Any, ...], keywords: list[Any], options: Iterable[str]) -> str:
    required = [p.name for p in keywords if p.default is p.empty and p.name not in options]
    names = [p.name for p in keywords]
    if len(extra) == 1 and names[:1] == ["server"]:
        return "; write server=…"
    if len(extra) == 1 and required:
        return f"; write {required[0]}={extra[0] if isinstance(extra[0], int) else '…'}"
    if len(extra) == 1 and isinstance(extra[0], str) and "namespace" in names:
        # Any other string may be a secret.
        return f"; write namespace={extra[0]!r}" if _LABEL.fullmatch(extra[0]) else "; write namespace=…"
    return f"; all others are keywords: {', '.join(f'{name}=' for name in names)}" if names else ""


def _missing_advice(function: Any, named: list[str]) -> str:
    ways = {
        "apply": "; it is the name of your program, the same at each run: field_manager='my-program'",
        "get": "; list() reads many objects",
        "wait": "; such as 'ready', 'delete', 'condition=Available' or 'jsonpath={.status.phase}=Running'",
    }
    return ways.get(function.__name__, "")


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
    if _API.fullmatch(name):
        return f"{generated_verb(name)}: from k8s_core import Client"
    bare = _PREFIX.sub("", name)
    if found := places(bare):
        return f"; write: {' or '.join(found)}"
    return did_you_mean(bare, getattr(sys.modules[module], "__all__", ()), count=2)
