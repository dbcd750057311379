# SPDX-License-Identifier: Apache-2.0
"""How much work the hot paths do, counted in parses and calls instead of seconds: what makes the figures of
``make bench``, and the same on every machine.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import tracemalloc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from k8s_core.model.codec import collector_paused, encode_json, load_resource, split_list
from k8s_core.watch.state import WatchState
from k8s_plugins_builtin.core.v1 import Container, Pod

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT = 200


def pod(index: int) -> dict[str, Any]:
    fields: dict[str, Any] = {f"f:field{number}": {f"k:{inner}": {} for inner in range(8)} for number in range(12)}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"pod-{index}",
            "namespace": "default",
            "uid": f"uid-{index}",
            "resourceVersion": str(index + 10),
            "labels": {"app": "web"},
            "managedFields": [{"manager": "kubelet", "operation": "Update", "fieldsV1": fields}],
        },
        "spec": {"containers": [{"name": "main", "image": "x:1", "env": [{"name": "A", "value": "1"}] * 20}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}] * 4},
    }


def compact(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


class Counts:
    parses = 0
    """Calls of a JSON decoder."""
    calls = 0
    """Calls of Python functions, generators resumed included."""


@contextmanager
def counted() -> Iterator[Counts]:
    counts = Counts()

    def profile(_: Any, event: str, function: Any) -> None:
        if event == "call":
            counts.calls += 1
        elif event == "c_call" and isinstance(getattr(function, "__self__", None), msgspec.json.Decoder):
            counts.parses += 1

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield counts
    finally:
        sys.setprofile(before)


@pytest.fixture
def stream() -> bytes:
    return b"".join(b'{"type":"ADDED","object":%s}\n' % compact(pod(index)) for index in range(COUNT))


def watching() -> WatchState:
    state = WatchState(Pod.api_resource, clock=lambda: 0.0, random=random.Random(1), resource_version="1")
    state.next()
    state.opened()
    return state


def test_a_watch_event_is_parsed_once_and_split_once(stream: bytes) -> None:
    state = watching()
    with counted() as counts:
        changes = state.feed(stream)
    assert len(changes) == COUNT
    # The object, its metadata, and the four texts that make its identity.
    assert counts.parses == 6 * COUNT
    assert counts.calls <= 14 * COUNT


def test_the_object_of_an_event_is_not_split_again(stream: bytes) -> None:
    (change, *_) = watching().feed(stream)
    with counted() as counts:
        event = load_resource(Pod, change.raw, change.parts)
        assert event.metadata.name == "pod-0"
    assert counts.parses == 1
    assert encode_json(event) == change.raw


def test_a_stream_in_small_pieces_costs_the_same_parses(stream: bytes) -> None:
    state = watching()
    with counted() as counts:
        seen = [change for start in range(0, len(stream), 997) for change in state.feed(stream[start : start + 997])]
    assert len(seen) == COUNT
    # A piece that ends with a brace might complete a frame; asking the decoder is one more parse.
    assert counts.parses <= 7 * COUNT


def test_reading_names_of_a_list_parses_no_spec() -> None:
    body = compact({"kind": "PodList", "apiVersion": "v1", "items": [pod(index) for index in range(COUNT)]})
    with counted() as counts:
        pods = [load_resource(Pod, raw) for raw in split_list(body).items]
        assert [each.metadata.name for each in pods] == [f"pod-{index}" for index in range(COUNT)]
    # The list once; for each object its fields, those of its metadata, and the name.
    assert counts.parses == 1 + 3 * COUNT


def test_a_change_parses_only_what_it_touches_and_the_rest_goes_out_as_it_came() -> None:
    raw = compact(pod(0)).replace(b'"phase":"Running"', b'"phase" : "Running"')
    with counted() as counts:
        changed = load_resource(Pod, raw)
        changed.metadata.labels["round"] = "1"
        written = encode_json(changed)
    # The fields, those of the metadata, the labels.
    assert counts.parses == 3
    assert b'"phase" : "Running"' in written
    assert raw[raw.index(b'"managedFields"') : raw.index(b'"spec"') - 2] in written


def test_an_untouched_object_is_written_as_the_bytes_that_came() -> None:
    raw = compact(pod(0))
    with counted() as counts:
        assert encode_json(load_resource(Pod, raw)) is raw
    assert counts.parses == 0


def test_building_objects_takes_few_calls() -> None:
    Container(name="warm")
    with counted() as counts:
        Container(name="main", image="x:1", imagePullPolicy="Always", tty=True)
    assert counts.calls <= 8


def test_objects_of_a_list_are_not_much_larger_than_their_bytes() -> None:
    body = compact({"kind": "PodList", "apiVersion": "v1", "items": [pod(index) for index in range(COUNT)]})
    tracemalloc.start()
    try:
        pods = [load_resource(Pod, raw) for raw in split_list(body).items]
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(pods) == COUNT
    assert size <= 1.25 * len(body)


def pausing_and_failing() -> None:
    with collector_paused():
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
        raise KeyError


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_left_as_it_was(enabled: bool) -> None:
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        with pytest.raises(KeyError):
            pausing_and_failing()
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
