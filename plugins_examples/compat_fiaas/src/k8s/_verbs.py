# SPDX-License-Identifier: Apache-2.0
"""The verbs of fiaas/k8s on kinds, over those of k8s-core: same client, retries, logins and hooks."""

from __future__ import annotations

import functools
import json
import logging
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, cast

from k8s import switches
from k8s._errors import APIServerError, NotFound, translated
from k8s._events import ListMeta, ModelList, WatchBookmark, WatchEvent
from k8s._fields import merge_fields
from k8s._installation import check_installation
from k8s_core import Resource, client_for
from k8s_core.errors import ApiError, OutcomeUnknown, RequestTimeout
from k8s_core.model import Model as CoreModel
from k8s_core.model import fields_of, model_fields
from k8s_core.requests import watch_request
from k8s_core.selectors import Equality

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from k8s_core import Client

__all__ = ["Verbs", "client_of"]

LOG = logging.getLogger("k8s.base")

_MOST_POSTS = 10
_READ_ONLY_METADATA = frozenset({"name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp"})


def client_of(kind: Any = None) -> Client:
    """The client of every verb: that of ``with client.active()``, else the default client."""
    check_installation()
    return client_for(cast("Resource", kind))


class _Delete:
    """``Pod.delete("a")`` on the class, and on an object ``pod.delete()``."""

    def __get__(self, obj: Verbs | None, owner: type[Verbs]) -> Any:
        return functools.partial(_delete, owner, obj)


def _delete(
    kind: type[Verbs], obj: Verbs | None, name: str | None = None, namespace: str = "default", body: Any = None
) -> Any:
    with kind._sending():
        if name is None and obj is not None:
            return client_of(kind).delete(obj, body=_options(body))
        return client_of(kind).delete(kind, cast("str", name), namespace=_one(kind, namespace), body=_options(body))


class Verbs(Resource):
    """What a kind can do. ``namespace`` is ``"default"`` unless given; None means all for what reads collections."""

    __slots__ = ("_new",)

    _replaced_by: ClassVar[str] = ""
    """For kinds of API versions that Kubernetes removed: what to write instead."""
    _states_type: ClassVar[bool] = False

    delete = _Delete()

    @classmethod
    def _sending(cls) -> Any:
        """Around each request: what is to be said before it, and the errors of both after it."""
        check_installation()
        if cls._replaced_by:
            resource = cls.api_resource
            message = f"Kubernetes removed {resource.api_version} {resource.kind}: use {cls._replaced_by}"
            warnings.warn(message, DeprecationWarning, stacklevel=3)
            return translated(message)
        return translated(bodies=switches.value_of("error_bodies", cls))

    @classmethod
    def get(cls, name: str, namespace: str = "default", **options: Any) -> Any:
        """Read one object. Raises NotFound."""
        with cls._sending():
            return super().get(name, namespace, **options)

    @classmethod
    def list(cls, namespace: str | None = "default", **options: Any) -> Any:
        """The objects of a namespace, or of all."""
        with cls._sending():
            return super().list(namespace, **options)

    @classmethod
    def list_with_meta(cls, namespace: str | None = "default", **options: Any) -> Any:
        """The same, as a ``ModelList`` with the metadata of the list."""
        found = cls.list(namespace, **options)
        return ModelList(ListMeta.from_dict(found.metadata.to_dict()), list(found))

    @classmethod
    def find(  # type: ignore[override]  # fiaas/k8s looks for the label app whatever the name
        cls, name: str = "", namespace: str | None = "default", labels: Any = None, **options: Any
    ) -> Any:
        """The objects that label selectors choose; without ``labels``, those whose label ``app`` is ``name``."""
        with cls._sending():
            return super().find(None, namespace, labels or {"app": Equality(name)}, **options)

    @classmethod
    def get_or_create(cls, name: str | None = None, namespace: str | None = None, **fields: Any) -> Any:
        """Read an object if there is one, else make a new one, which is not saved yet. Fields that are given are set.

        The name is the first argument, or in ``metadata``.
        """
        client = fields.pop("client", None)
        wanted = cls(**fields)
        metadata = wanted.metadata
        if name is not None:
            metadata.name = name
        if namespace is not None:
            metadata.namespace = namespace
        try:
            existing = cls.get(cast("str", metadata.name), metadata.namespace or "default", client=client)
        except NotFound:
            return wanted
        for key in fields.keys() - {"metadata"}:
            mine, given = getattr(existing, key), getattr(wanted, key)
            if hasattr(mine, "_meta") and hasattr(given, "_meta"):
                merge_fields(mine, given)
            else:
                setattr(existing, key, given)
        ours, theirs = fields_of(metadata), fields_of(existing.metadata)
        for key in ours.keys() - _READ_ONLY_METADATA:
            # An empty list is what every new object begins with, and says nothing about this one.
            if ours[key] != []:
                theirs[key] = ours[key]
        return existing

    @classmethod
    def delete_list(
        cls, namespace: Any = "default", labels: Any = None, delete_options: Any = None, **options: Any
    ) -> Any:
        """Delete the objects of a namespace that label selectors choose."""
        options.setdefault("everything", not labels and switches.value_of("delete_everything", cls))
        if not cls.api_resource.namespaced:
            namespace = "default"
        with cls._sending():
            return super().delete_list(
                namespace, labels=labels or None, delete_options=_options(delete_options), **options
            )

    def save(self, **options: Any) -> None:
        """Create the object if it is new, else replace it; then take over what the API server made of it."""
        with self._sending(), _showing(self):
            if switches.value_of("unknown_fields", type(self)) == "drop":
                _drop_unknown(self)
            for attempt in range(_MOST_POSTS + 1):
                try:
                    self._send(options)
                    break
                except OutcomeUnknown:
                    repeat = self._posts() and switches.value_of("repeat_posts", type(self))
                    if not repeat or attempt == _MOST_POSTS:
                        raise
        self._new = False

    def _posts(self) -> bool:
        stated = getattr(self, "_new", None)
        known = self.metadata.uid or self.metadata.resourceVersion
        return not known if stated is None else bool(stated)

    def _send(self, options: dict[str, Any]) -> None:
        known = bool(self.metadata.uid or self.metadata.resourceVersion)
        if self._posts() != known:
            super().save(**options)
            return
        client = options.pop("client", None) or client_of(self)
        if not self._posts():
            # From `from_dict`: the API server has it, though the document does not show it.
            cast("Any", self)._become(client.replace(self, namespace=_own_namespace(self), **options))
            return
        copy = self.copy()
        for key in ("uid", "resourceVersion"):
            fields_of(copy.metadata).pop(key, None)
        cast("Any", self)._become(client.create(copy, namespace=_own_namespace(self), **options))

    def save_status(self, **options: Any) -> None:
        """Replace the status of the object, and nothing else."""
        with self._sending():
            super().save_status(**options)

    @classmethod
    def watch_list(  # type: ignore[override]  # fiaas/k8s takes them by position
        cls,
        namespace: str | None = None,
        resource_version: str | None = None,
        allow_bookmarks: bool = False,
        *,
        client: Client | None = None,
    ) -> Iterator[Any]:
        """Follow the changes of a namespace, or of all, over one connection: ends when the server or silence ends it.

        Without ``resource_version`` it begins with ADDED for all that exists. ``Watcher`` goes on by itself.

        Raises:
            APIServerError: the server ends the watch with an error; 410 means that ``resource_version`` is too old.
        """
        used = client or client_of(cls)
        request = watch_request(
            cls.api_resource,
            namespace=namespace if cls.api_resource.namespaced else None,
            resource_version=resource_version or None,
            allow_bookmarks=allow_bookmarks,
            inactivity_timeout=used.config.stream_timeout,
        )
        with cls._sending():
            response = used.request(request)
        try:
            for line in _lines(response):
                event = json.loads(line)
                if APIServerError.match(event):
                    raise APIServerError(event["object"])
                if not WatchBookmark.match(event):
                    yield WatchEvent(event, cls)
                elif allow_bookmarks:
                    yield WatchBookmark(event)
        except RequestTimeout:
            LOG.info("no event of %s came for %s seconds", cls.__name__, used.config.stream_timeout)
        finally:
            response.close()


@contextmanager
def _showing(obj: Verbs) -> Iterator[None]:
    """With the switch for it, errors show what was sent."""
    try:
        yield
    except ApiError as error:
        if switches.value_of("error_bodies", type(obj)):
            error.add_note(f"sent: {json.dumps(obj.to_dict())}")
        raise


def _lines(response: Any) -> Iterator[bytes]:
    rest = b""
    for piece in response.stream():
        *lines, rest = (rest + piece).split(b"\n")
        yield from filter(bytes.strip, lines)
    if rest.strip():
        yield rest


def _options(body: Any) -> Any:
    """Options of a deletion as what is sent: without the empty fields that new models have."""
    if body is None:
        return None
    given: Mapping[str, Any] = body.to_dict() if isinstance(body, CoreModel) else body
    return {key: value for key, value in given.items() if value not in (None, [], {})}


def _one(kind: type[Resource], namespace: str | None) -> Any:
    return namespace if kind.api_resource.namespaced else None


def _own_namespace(obj: Any) -> Any:
    return _one(type(obj), obj.metadata.namespace or "default")


def _drop_unknown(part: CoreModel) -> None:
    """Take away the fields that the classes of an object do not declare, at every depth."""
    known = model_fields(type(part)).keys() | {"apiVersion", "kind"}
    fields = fields_of(part)
    for key in list(fields):
        if key not in known:
            del fields[key]
    for nested in _nested(fields):
        _drop_unknown(nested)


def _nested(fields: Mapping[str, Any]) -> Iterator[CoreModel]:
    for value in fields.values():
        if isinstance(value, CoreModel):
            yield value
        elif hasattr(value, "append"):
            yield from (item for item in value if isinstance(item, CoreModel))
