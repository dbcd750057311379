# SPDX-License-Identifier: Apache-2.0
"""Splitting lists, peeking identities, replacing documents in place, and pausing the collector."""

from __future__ import annotations

import gc
import sys
import threading

import pytest

from k8s_core.errors import DecodeError
from k8s_core.model.codec import adopt, collector_paused, decode_json, load_resource, peek_identity, split_list
from k8s_plugins_builtin.core.v1 import ConfigMap


def test_C13_a_list_splits_into_the_bytes_of_its_items() -> None:
    body = (
        b'{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"x"},'
        b'"items":[{"a":1}, {"b":[2]}]}'
    )
    parts = split_list(body)
    assert (parts.kind, parts.api_version) == ("ConfigMapList", "v1")
    assert parts.metadata == {"resourceVersion": "7", "continue": "x"}
    assert [bytes(item) for item in parts.items] == [b'{"a":1}', b'{"b":[2]}']


@pytest.mark.parametrize("items", [b"null", b"[]"])
def test_C13_null_items_are_an_empty_list(items: bytes) -> None:
    assert split_list(b'{"kind":"PodList","metadata":null,"items":' + items + b"}").items == []


def test_an_item_does_not_pin_the_response_body() -> None:
    body = b'{"items":[{"a":1}],"pad":"' + b"x" * 100_000 + b'"}'
    item = split_list(body).items[0]
    before = sys.getrefcount(body)
    keep = load_resource(ConfigMap, item)
    assert sys.getrefcount(body) == before
    assert keep._raw is item
    assert sys.getsizeof(item) < 200


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"items":5}', b'{"items":[}', b"\xff", b"nope", b'{"items":[NaN]}']
)
def test_what_is_no_list_is_a_DecodeError(body: bytes) -> None:
    with pytest.raises(DecodeError):
        split_list(body)


def test_odd_envelopes_are_tolerated() -> None:
    parts = split_list(b'{"kind":5,"metadata":"x","items":[{"a":"\\ud800"}]}')
    assert parts.metadata == {}
    assert decode_json(parts.items[0]) == {"a": "\ud800"}


@pytest.mark.parametrize("body", [b"NaN", b"Infinity", b"1e400", b'"\xff"', b"{'a':1}", b"01"])
def test_what_is_no_json_is_a_DecodeError(body: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_json(body)


def test_an_identity_is_peeked_without_the_rest() -> None:
    identity = peek_identity(b'{"metadata":{"name":"n","uid":"u","resourceVersion":"9","labels":{"a":"b"}},"spec":{}}')
    assert (identity.name, identity.namespace, identity.uid, identity.resourceVersion) == ("n", None, "u", "9")
    assert peek_identity(b"{}").name is None
    with pytest.raises(DecodeError):
        peek_identity(b'{"metadata":{"name":5}}')


def test_replacing_the_document_keeps_views_alive() -> None:
    obj = load_resource(ConfigMap, b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"x":"1"}}')
    metadata, data = obj.metadata, obj.data
    assert (metadata.name, data["x"]) == ("a", "1")
    raw = (
        b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","resourceVersion":"2"},"data":{"x":"2","y":"3"}}'
    )
    adopt(obj, load_resource(ConfigMap, raw))
    assert metadata.resourceVersion == "2"
    assert data == {"x": "2", "y": "3"}
    obj.metadata.labels["l"] = "1"
    assert metadata.labels == {"l": "1"}


def test_concurrent_first_reads_of_one_object_agree() -> None:
    raw = b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","labels":{"l":"1"}},"data":{"x":"1"}}'
    for _ in range(50):
        obj = load_resource(ConfigMap, raw)
        results: list[tuple[object, object]] = []
        barrier = threading.Barrier(4)

        def read(
            obj: ConfigMap = obj, barrier: threading.Barrier = barrier, results: list[tuple[object, object]] = results
        ) -> None:
            barrier.wait()
            results.append((obj.metadata.labels["l"], obj.data["x"]))

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == [("1", "1")] * 4


def test_the_collector_is_paused_and_runs_again() -> None:
    assert gc.isenabled()
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with pytest.raises(ZeroDivisionError), collector_paused():
            raise ZeroDivisionError
        assert not gc.isenabled()
    finally:
        gc.enable()
