# SPDX-License-Identifier: Apache-2.0
"""Asking a server what it serves: aggregated discovery, else the legacy documents (protocol G1-G5, G8, G9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from k8s_core.client.discovery.documents import (
    ServedGroup,
    ServedVersion,
    is_aggregated,
    read_aggregated,
    read_legacy_groups,
    read_resources,
)
from k8s_core.errors import ApiError, DecodeError, KubernetesError, NotFound, TransportError
from k8s_core.kinds import format_api_version
from k8s_core.model.codec import decode_json
from k8s_core.requests import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from k8s_core.transport import Response

    Send = Callable[[Request], Response]

__all__ = ["DISCOVERY_TIMEOUT", "Answer", "Snapshot", "fetch"]

DISCOVERY_TIMEOUT = 32.0
"""Seconds for each discovery request."""

_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
_REPEATS = 2
"""The groups are listed again this often if one of them vanishes while its kinds are read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A discovery document and what came with it."""

    document: Any
    aggregated: bool
    etag: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a server served at one moment.

    Attributes:
        groups: in the server's order of priority, the legacy group first.
        failed: apiVersion to why its kinds are not known (G5).
        answers: the documents behind it by path, to ask whether they have changed.
    """

    groups: tuple[ServedGroup, ...]
    failed: dict[str, KubernetesError]
    answers: dict[str, Answer]


def fetch(send: Send, previous: Snapshot | None = None) -> Snapshot:
    """Read what the server serves: two requests, or one more for each group and version of an older server.

    Args:
        send: gives the response of any status of success, and raises ApiError for others.
        previous: documents that have not changed since are not sent again (G9).

    Raises:
        ApiError, TransportError, DecodeError: of ``/apis``, or of ``/api`` unless it is not served (G3).
    """
    known = previous.answers if previous is not None else {}
    snapshot, vanished = _attempt(send, known)
    for _ in range(_REPEATS):
        if not vanished:
            break
        snapshot, vanished = _attempt(send, known)
    return snapshot


def _attempt(send: Send, known: Mapping[str, Answer]) -> tuple[Snapshot, bool]:
    """Read everything once; also whether a group that was listed was gone when its kinds were read."""
    try:
        core = _get(send, "/api", known.get("/api"))
    except NotFound:
        core = Answer({}, aggregated=True, etag=None)
    rest = _get(send, "/apis", known.get("/apis"))
    answers = {"/api": core, "/apis": rest}
    if core.aggregated and rest.aggregated:
        groups = (*read_aggregated(core.document), *read_aggregated(rest.document))
        return Snapshot(groups, _stale(groups), answers), False
    listed = [entry for answer in (core, rest) for entry in _versions(answer)]
    groups, failed, vanished = _legacy(send, listed)
    return Snapshot(groups, failed, answers), vanished


def _get(send: Send, path: str, known: Answer | None) -> Answer:
    headers: tuple[tuple[str, str], ...] = (("Accept", _AGGREGATED),)
    if known is not None and known.etag:
        headers = (*headers, ("If-None-Match", known.etag))
    try:
        response = send(Request(method="GET", path=path, headers=headers, timeout=DISCOVERY_TIMEOUT))
    except ApiError as error:
        if error.code == 304 and known is not None:
            return known
        raise
    body = response.read()
    document = decode_json(body)
    if not isinstance(document, dict):
        raise DecodeError(f"GET {path}: not a discovery document", excerpt=body[:200].decode("utf-8", "replace"))
    return Answer(document, is_aggregated(response.headers.get("Content-Type")), response.headers.get("ETag"))


def _versions(answer: Answer) -> list[tuple[str, list[str]]]:
    if not answer.aggregated:
        return list(read_legacy_groups(answer.document))
    return [(group.name, [v.version for v in group.versions]) for group in read_aggregated(answer.document)]


def _stale(groups: tuple[ServedGroup, ...]) -> dict[str, KubernetesError]:
    return {
        (name := format_api_version(group.name, version.version)): KubernetesError(
            f"the server's knowledge of {name} is stale: the API behind it does not answer"
        )
        for group in groups
        for version in group.versions
        if version.stale
    }


def _legacy(
    send: Send, listed: list[tuple[str, list[str]]]
) -> tuple[tuple[ServedGroup, ...], dict[str, KubernetesError], bool]:
    """One request for each group and version; those that fail are reported, not fatal (G5)."""
    groups: list[ServedGroup] = []
    failed: dict[str, KubernetesError] = {}
    vanished = False
    for name, versions in listed:
        served: list[ServedVersion] = []
        for version in versions:
            path = f"/apis/{name}/{version}" if name else f"/api/{version}"
            try:
                document = decode_json(send(Request(method="GET", path=path, timeout=DISCOVERY_TIMEOUT)).read())
            except NotFound as error:
                failed[format_api_version(name, version)] = error
                vanished = True
            except (ApiError, TransportError, DecodeError) as error:
                failed[format_api_version(name, version)] = error
                served.append(ServedVersion(version, stale=True))
            else:
                served.append(ServedVersion(version, read_resources(document, name, version)))
        if served:
            groups.append(ServedGroup(name, tuple(sorted(served, key=lambda entry: entry.stale))))
    return tuple(groups), failed, vanished
