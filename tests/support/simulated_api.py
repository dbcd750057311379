# SPDX-License-Identifier: Apache-2.0
"""An API server in one thread, without sockets, for thousands of watch scenarios with an injected clock.

It is not the product's embedded server (``k8s_devkit.ApiServer``): this one stands in for ``Client`` and hands
out byte streams directly, runs the scenario's next step whenever the watcher would block, and breaks things by seed.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from simulated_wire import FakeClock, Faults, check_query, frame, status

from k8s_core.errors import ConnectionFailed, RequestTimeout, ResponseTruncated, api_error_from_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from k8s_core.kinds import APIResource

__all__ = ["STREAM_TIMEOUT", "FakeClock", "Faults", "SimulatedApi", "SimulatedResponse", "frame", "status"]

STREAM_TIMEOUT = 270.0


@dataclass
class SimulatedResponse:
    chunks: Iterator[bytes]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    closed: bool = False

    def stream(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            if self.closed:
                return
            yield chunk

    def read(self) -> bytes:
        return b"".join(self.chunks)

    def close(self) -> None:
        self.closed = True


class SimulatedApi:
    """Objects of one kind with history, lists with pages, watches with bookmarks, 410s and faults.

    ``step`` is called whenever a stream has nothing to send: it changes objects (or calls ``stop``) and returns True,
    or returns False when there is nothing left to happen, which ends the stream.
    """

    def __init__(
        self,
        resource: APIResource,
        *,
        seed: int = 0,
        faults: Faults | None = None,
        clock: FakeClock | None = None,
        streaming_lists: bool = True,
    ) -> None:
        self.resource = resource
        self.random = Random(seed)
        self.faults = faults or Faults()
        self.clock = clock or FakeClock()
        self.streaming_lists = streaming_lists
        self.objects: dict[str, dict[str, Any]] = {}
        self.history: list[tuple[int, str, dict[str, Any], dict[str, Any] | None]] = []
        self.snapshots: dict[int, list[dict[str, Any]]] = {}
        self.past: list[tuple[int, dict[str, dict[str, Any]]]] = []
        self.version = 100
        self.compacted = 0
        self.uids = 0
        self.life = 0
        self.requests: list[dict[str, str]] = []
        self.step: Callable[[], bool] = lambda: False
        self.closed = False
        self.observers: Any = ()
        self.config = SimpleNamespace(stream_timeout=STREAM_TIMEOUT, timeout=20.0, watcher_cache_size=None)

    # ---- writers ------------------------------------------------------------------------------------------------

    def create(self, name: str, labels: dict[str, str] | None = None) -> dict[str, Any]:
        self.uids += 1
        self.version += 1
        namespace, _, short = name.rpartition("/")
        document: dict[str, Any] = {
            "apiVersion": self.resource.api_version,
            "kind": self.resource.kind,
            "metadata": {"name": short, "uid": f"uid-{self.uids}", "resourceVersion": str(self.version)},
            "spec": {"text": 'ä \\" } { \u2028', "n": self.version},
        }
        if namespace:
            document["metadata"]["namespace"] = namespace
        if labels:
            document["metadata"]["labels"] = labels
        self.objects[name] = document
        self.history.append((self.version, "ADDED", document, None))
        self._remember()
        return document

    def update(self, name: str, labels: dict[str, str] | None = None, **fields: Any) -> dict[str, Any]:
        self.version += 1
        before = self.objects[name]
        document = json.loads(json.dumps(before))
        document["metadata"]["resourceVersion"] = str(self.version)
        if labels is not None:
            document["metadata"]["labels"] = labels
        document["spec"]["n"] = self.version
        document.update(fields)
        self.objects[name] = document
        self.history.append((self.version, "MODIFIED", document, before))
        self._remember()
        return document

    def delete(self, name: str) -> dict[str, Any]:
        self.version += 1
        document = json.loads(json.dumps(self.objects.pop(name)))
        document["metadata"]["resourceVersion"] = str(self.version)
        self.history.append((self.version, "DELETED", document, None))
        self._remember()
        return document

    def _remember(self) -> None:
        if self.faults.stale:
            self.past = [*self.past[-20:], (self.version, dict(self.objects))]

    def compact(self) -> None:
        """Forget the history: every older resourceVersion and continue token is expired from now on."""
        self.compacted = self.version
        self.history.clear()
        self.snapshots.clear()

    def restore(self, version: int, keep: Iterable[str] = ()) -> None:
        """Replace the history by another one that is at ``version``, with some of the objects in older versions."""
        kept = {name: json.loads(json.dumps(self.objects[name])) for name in keep}
        for number, document in enumerate(kept.values(), version - len(kept) + 1):
            document["metadata"]["resourceVersion"] = str(number)
        self.objects = kept
        self.version = version
        self.compacted = 0
        self.history.clear()
        self.snapshots.clear()
        self.past.clear()
        self.life += 1

    # ---- the client's side ----------------------------------------------------------------------------------------

    def request(self, request: Any) -> SimulatedResponse:
        query = dict(request.query)
        check_query(query)
        self.requests.append(query)
        chance = self.random.random
        if chance() < self.faults.refuse:
            raise ConnectionFailed("connection refused (simulated)")
        if chance() < self.faults.status:
            raise api_error_from_status(self._random_status())
        if query.get("watch") == "true":
            return SimulatedResponse(self._watch(query))
        body = self._list(query)
        return SimulatedResponse(self._body(body))

    def _random_status(self) -> dict[str, Any]:
        return self.random.choice(
            [
                status(429, "TooManyRequests", retryAfterSeconds=1),
                status(500, "InternalError"),
                status(503, "ServiceUnavailable"),
                status(401, "Unauthorized"),
                status(403, "Forbidden"),
                status(410, "Expired"),
                status(410, "Gone"),
                status(504, "Timeout", "Timeout: Too large resource version: 9, current: 1"),
            ]
        )

    def _body(self, body: bytes) -> Iterator[bytes]:
        if self.random.random() < self.faults.no_list:
            other = [b"{}", b"null", b"[]", json.dumps(self._random_status()).encode()]
            yield self.random.choice(other)
            return
        if self.random.random() < self.faults.body:
            yield body[: self.random.randrange(len(body))]
            if self.random.random() < 0.5:
                raise ResponseTruncated("the body ended early (simulated)")
            return
        yield body

    def _selected(self, query: dict[str, str], document: dict[str, Any] | None) -> bool:
        if document is None:
            return False
        wanted = query.get("labelSelector")
        if not wanted:
            return True
        key, _, value = wanted.partition("=")
        return bool(document["metadata"].get("labels", {}).get(key) == value)

    def _list(self, query: dict[str, str]) -> bytes:
        asked = query.get("resourceVersion")
        limit = int(query.get("limit", "0"))
        start = 0
        version = self.version
        if token := query.get("continue"):
            version, start = json.loads(base64.b64decode(token))
            if version not in self.snapshots:
                raise api_error_from_status(status(410, "Expired", "The provided continue parameter is too old"))
            items = self.snapshots[version]
        else:
            if asked and int(asked) > self.version:
                raise api_error_from_status(
                    status(504, "Timeout", f"Timeout: Too large resource version: {asked}, current: {self.version}")
                )
            objects = self.objects
            if asked is not None and self.random.random() < self.faults.stale:
                old_enough = [state for state in self.past if state[0] >= int(asked)]
                version, objects = self.random.choice(old_enough) if old_enough else (version, objects)
            items = [doc for _, doc in sorted(objects.items()) if self._selected(query, doc)]
            self.snapshots[version] = items
        metadata: dict[str, Any] = {"resourceVersion": str(version)}
        page = items[start:]
        if limit and len(page) > limit:
            page = page[:limit]
            metadata["continue"] = base64.b64encode(json.dumps([version, start + limit]).encode()).decode()
        # Items of typed lists carry no type (C13).
        bare = [{k: v for k, v in item.items() if k not in ("apiVersion", "kind")} for item in page]
        document = {
            "kind": f"{self.resource.kind}List",
            "apiVersion": self.resource.api_version,
            "metadata": metadata,
            "items": bare,
        }
        return json.dumps(document).encode()

    def _watch(self, query: dict[str, str]) -> Iterator[bytes]:
        initial = query.get("sendInitialEvents") == "true"
        if initial and not self.streaming_lists:
            raise api_error_from_status(status(422, "Invalid", "sendInitialEvents is forbidden for watch"))
        asked = query.get("resourceVersion", "")
        if asked and asked != "0" and int(asked) < self.compacted:
            error = status(410, "Expired", f"too old resource version: {asked} ({self.compacted})")
            if self.random.random() < 0.5:
                raise api_error_from_status(error)
            return iter([frame("ERROR", error)])
        return self._stream(query, asked, initial)

    def _stream(self, query: dict[str, str], asked: str, initial: bool) -> Iterator[bytes]:
        position = self.version
        frames: list[bytes] = []
        if initial or asked in ("", "0"):
            existing = [doc for doc in self.objects.values() if self._selected(query, doc)]
            self.random.shuffle(existing)
            frames += [frame("ADDED", doc) for doc in existing]
            if initial and self.random.random() < self.faults.interleave:
                # Changes may come between the initial events and the bookmark that ends them.
                if (yield from self._send(frames, [])):
                    return
                frames = []
                self.step()
                if position < self.compacted:
                    yield frame("ERROR", status(410, "Expired", "too old resource version"))
                    return
                for version, event_type, document, before in self.history:
                    if version > position:
                        frames += self._frames_of(query, version, event_type, document, before)
                position = max(position, self.version)
            if initial:
                frames.append(frame("BOOKMARK", self._bookmark(position, end=True)))
        else:
            position = int(asked)
        sent: list[bytes] = []
        life = self.life
        while True:
            if life != self.life:
                return  # the server of this stream is no more
            if position < self.compacted:
                # A watch that was open when the history went is told so.
                yield frame("ERROR", status(410, "Expired", "too old resource version"))
                return
            for version, event_type, document, before in self.history:
                if version > position:
                    frames += self._frames_of(query, version, event_type, document, before)
                    position = version
            if not frames:
                if self.random.random() < 0.2:
                    frames.append(frame("BOOKMARK", self._bookmark(position)))
                elif not self.step():
                    return
                continue
            ended = yield from self._send(frames, sent)
            if ended:
                return
            frames = []

    def _frames_of(
        self,
        query: dict[str, str],
        version: int,
        event_type: str,
        document: dict[str, Any],
        before: dict[str, Any] | None,
    ) -> list[bytes]:
        now, earlier = self._selected(query, document), self._selected(query, before)
        if event_type == "MODIFIED" and now != earlier:
            if not now:
                document = json.loads(json.dumps(before))
                document["metadata"]["resourceVersion"] = str(version)
            return [frame("ADDED" if now else "DELETED", document)]
        return [frame(event_type, document)] if now else []

    def _bookmark(self, version: int, *, end: bool = False) -> dict[str, Any]:
        metadata: dict[str, Any] = {"resourceVersion": str(version)}
        if end:
            metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
        return {"kind": self.resource.kind, "apiVersion": self.resource.api_version, "metadata": metadata}

    def _send(self, frames: list[bytes], sent: list[bytes]) -> Iterator[bytes]:
        """Send frames, with faults. The generator's value is True when the stream has ended."""
        chance, faults = self.random.random, self.faults
        if not frames:
            return False
        sent += frames
        if chance() < faults.duplicate:
            again = self.random.randrange(1, 6)
            frames = frames + sent[-again:]
        data = b"".join(frames)
        if chance() < faults.error_event:
            error = self._random_status()
            data = b"".join(frames[: self.random.randrange(len(frames) + 1)]) + frame("ERROR", error)
            yield from self._split(data)
            return True
        if chance() < faults.corrupt:
            at = self.random.randrange(len(data))
            yield from self._split(
                data[:at] + self.random.choice([b"\x00\n", b"<html>\n", b"]]\n", b'"\n{"type":"ADDED"\n'])
            )
            return True
        if chance() < faults.cut:
            yield from self._split(data[: self.random.randrange(len(data) + 1)])
            if chance() < 0.5:
                raise ResponseTruncated("connection reset (simulated)")
            return True
        yield from self._split(data)
        if chance() < faults.stall:
            self.clock.time += STREAM_TIMEOUT
            raise RequestTimeout("no byte for 270 s (simulated)")
        return False

    def _split(self, data: bytes) -> Iterator[bytes]:
        if self.random.random() >= self.faults.split:
            if data:
                yield data
            return
        size = self.random.choice([1, 2, 7, 100])
        for at in range(0, len(data), size):
            yield data[at : at + size]
