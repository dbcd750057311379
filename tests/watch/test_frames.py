# SPDX-License-Identifier: Apache-2.0
"""Frames from byte streams, cut anywhere (protocol D1-D4). Pure: no fixtures."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.watch.frames import MAX_FRAME, FrameSplitter


def encode(event_type: str, document: object) -> bytes:
    return json.dumps({"type": event_type, "object": document}, ensure_ascii=False, separators=(",", ":")).encode()


EVENTS = [
    ("ADDED", {"metadata": {"name": 'ä\u2028 \\ " } {'}, "a": [1, {"b": []}], "e": '\n\t\\"'}),
    ("MODIFIED", {}),
    ("BOOKMARK", {"metadata": {"resourceVersion": "12"}}),
    ("DELETED", {"x": "]}{[", "y": "\\"}),
    ("ERROR", {"kind": "Status", "code": 410}),
]


def collect(splitter: FrameSplitter, chunks: list[bytes]) -> list[tuple[str, object]]:
    return [(f.type, json.loads(bytes(f.object))) for chunk in chunks for f in splitter.feed(chunk)]


def layouts() -> dict[str, bytes]:
    encoded = [encode(*event) for event in EVENTS]
    pretty = [json.dumps({"type": t, "object": o}, indent=2).encode() for t, o in EVENTS]
    return {
        "lines": b"".join(e + b"\n" for e in encoded),
        "crlf": b"".join(e + b"\r\n" for e in encoded),
        "no newline at all": b"".join(encoded),
        "blank lines and spaces": b"\n \n" + b" \n\n\t".join(encoded) + b"\n",
        "several lines each": b"\n".join(pretty),
        "pretty without separator": b"".join(pretty),
        "two on each line": encoded[0] + encoded[1] + b"\n" + encoded[2] + b" " + encoded[3] + b"\n" + encoded[4],
        "lines, then pretty, then lines": encoded[0] + b"\n" + pretty[1] + b"\n" + b"\n".join(encoded[2:]),
    }


@pytest.mark.parametrize("layout", layouts())
def test_D2_events_are_the_same_wherever_the_bytes_are_split(layout: str) -> None:
    data = layouts()[layout]
    expected = [(t, o) for t, o in EVENTS]
    assert collect(FrameSplitter(), [data]) == expected
    for at in range(1, len(data)):
        splitter = FrameSplitter()
        assert collect(splitter, [data[:at], data[at:]]) == expected, at
        assert splitter.error is None
    single = [data[i : i + 1] for i in range(len(data))]
    assert collect(FrameSplitter(), single) == expected


@given(st.data())
def test_D2_any_cuts_of_any_layout(data: st.DataObject) -> None:
    stream = data.draw(st.sampled_from(list(layouts().values())))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    chunks = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    assert collect(FrameSplitter(), chunks) == EVENTS


def test_D2_a_frame_without_newline_is_delivered_as_soon_as_it_is_complete() -> None:
    splitter = FrameSplitter()
    encoded = encode(*EVENTS[0])
    assert collect(splitter, [encoded[:-1]]) == []
    assert collect(splitter, [encoded[-1:]]) == [EVENTS[0]]
    assert splitter.fragment == 0


def test_D3_an_event_larger_than_any_buffer_is_delivered() -> None:
    document = {"metadata": {"name": "big"}, "data": "x}" * 700_000}
    encoded = encode("ADDED", document) + b"\n"
    assert len(encoded) > 1_400_000
    chunks = [encoded[i : i + 8192] for i in range(0, len(encoded), 8192)]
    assert collect(FrameSplitter(), chunks) == [("ADDED", document)]


def test_D3_beyond_16_MiB_the_watch_ends_with_an_error() -> None:
    splitter = FrameSplitter()
    frames = splitter.feed(b'{"type":"ADDED","object":{"a":"')
    piece = b"x" * (1024 * 1024)
    for _ in range(MAX_FRAME // len(piece)):
        frames += splitter.feed(piece)
    assert frames == []
    assert splitter.error is not None
    assert "object to decode was longer than maximum allowed size" in str(splitter.error)
    assert splitter.fragment == 0
    assert splitter.feed(encode(*EVENTS[0])) == []


def test_D1_an_unknown_type_is_an_error_not_ignored() -> None:
    splitter = FrameSplitter()
    frames = splitter.feed(encode("ADDED", {}) + b"\n" + encode("PATCHED", {}) + b"\n" + encode("ADDED", {}) + b"\n")
    assert [f.type for f in frames] == ["ADDED"]
    assert splitter.error is not None


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\n",
        b"<html>503</html>\n",
        b"}\n",
        b"[]\n",
        b"null\n",
        b"{}\n",
        b'{"type":"ADDED"}\n',
        b'{"type":5,"object":{}}\n',
        b'{"type":"ADDED","object":{"a":tru}}\n',
        b'{"type":"ADDED","object":{"a":"line\nbreak"}}\n',
        b'{"type":"ADDED","object":{"a":1}} x {}\n',
        b'{"type":"ADDED","object":{"a":1\n' + encode("ADDED", {}) + b"\n",
        b'{"type":"ADDED","object":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
    ],
)
def test_D4_invalid_json_is_an_error_after_the_frames_before_it(garbage: bytes) -> None:
    data = encode(*EVENTS[0]) + b"\n" + garbage
    splitter = FrameSplitter()
    assert collect(splitter, [data])[0] == EVENTS[0]
    assert splitter.error is not None
    byte_by_byte = FrameSplitter()
    first = [f for i in range(min(len(data), 2000)) for f in byte_by_byte.feed(data[i : i + 1])]
    assert [f.type for f in first][:1] == ["ADDED"]


@pytest.mark.parametrize("escape", [r"\ud800", r"\uDC00", r"\udfff\ud800", r"\ud83d\ude00\ud800 x"])
@pytest.mark.parametrize("separator", [b"\n", b"\r\n", b""])
@pytest.mark.parametrize("head", [b'{"type":"ADDED","object":', b'{ "type": "ADDED", "object": '])
def test_a_lone_surrogate_is_one_frame_and_no_end_of_the_stream(escape: str, separator: bytes, head: bytes) -> None:
    odd = b'{"metadata":{"name":"a"},"data":{"k%s":"v"}}' % escape.encode()
    data = head + odd + b"}" + separator + encode(*EVENTS[0]) + separator
    expected = [("ADDED", json.loads(odd)), EVENTS[0]]
    for at in range(1, len(data)):
        splitter = FrameSplitter()
        assert collect(splitter, [data[:at], data[at:]]) == expected, at
        assert splitter.error is None
        assert splitter.fragment == 0


def test_D4_an_incomplete_frame_at_the_end_is_a_fragment_not_an_error() -> None:
    encoded = encode(*EVENTS[0]) + b"\n"
    for end in range(1, len(encoded) - 1):
        splitter = FrameSplitter()
        assert splitter.feed(encoded[:end]) == []
        assert splitter.fragment == end
        assert splitter.error is None
