# SPDX-License-Identifier: Apache-2.0
"""Waiting: who is meant, for :mod:`k8s_core.watch.waiting`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from k8s_core import watch as watching
from k8s_core.errors import RequestError
from k8s_core.model import Resource
from k8s_core.requests.options import check_choice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Literal

    from k8s_core.client.client import Client
    from k8s_core.client.session import Session
    from k8s_core.requests.options import NamespaceOption
    from k8s_core.selectors import Fields, Labels

__all__ = ["wait"]


def wait(
    client: Client,
    session: Session,
    subject: Any,
    condition: str | Callable[[Any], object],
    *,
    name: str | None,
    namespace: NamespaceOption,
    labels: Labels | None,
    fields: Fields | None,
    until: Literal["all", "any"],
    timeout: float,
    on_progress: Callable[[watching.WaitProgress], object] | None,
) -> Any:
    """See ``Client.wait``."""
    check_choice(until, ("all", "any"), "until")
    many: Sequence[watching.Waited] | watching.Collection
    if labels is not None or fields is not None:
        many = _collection(session, subject, name, namespace, labels, fields)
    elif _is_several(subject):
        many = _several(session, subject, name, namespace)
    else:
        one = _waited(session, subject, name, namespace)
        return watching.wait_for(client, one, condition, timeout=timeout, on_progress=on_progress)
    return watching.wait_for_many(client, many, condition, until=until, timeout=timeout, on_progress=on_progress)


def _waited(session: Session, subject: Any, name: str | None, namespace: Any) -> watching.Waited:
    found = session.addressed(subject, name, namespace)
    return watching.Waited(found.cls, found.name, found.namespace, found.uid)


def _is_several(subject: Any) -> bool:
    return isinstance(subject, Iterable) and not isinstance(subject, (str, type, Mapping, Resource))


def _several(
    session: Session, subject: Iterable[Any], name: str | None, namespace: NamespaceOption
) -> list[watching.Waited]:
    if name is not None:
        raise RequestError("do not pass name= together with several objects; each has its own")
    found = [_waited(session, each, None, namespace) for each in subject]
    if not found:
        raise RequestError("the list of objects to wait for is empty")
    return found


def _collection(
    session: Session,
    kind: Any,
    name: str | None,
    namespace: NamespaceOption,
    labels: Labels | None,
    fields: Fields | None,
) -> watching.Collection:
    from k8s_core.selectors import field_selector, label_selector  # noqa: PLC0415  # 7 modules for selectors alone

    if name is not None or isinstance(kind, (Resource, Mapping)) or _is_several(kind):
        raise RequestError("labels= and fields= select objects of a kind: pass the kind, without name=")
    cls = session.resolve(kind)
    place = session.collection_namespace(cls.api_resource, namespace)
    return watching.Collection(cls, place, label_selector(labels), field_selector(fields))
