# SPDX-License-Identifier: Apache-2.0
"""Malformed YAML: line, column and what to do, in words that are not the parser's, and without a word of the text."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.errors import DecodeError
from k8s_core.model import yaml as own
from k8s_core.model.yaml import documents_of, load_all_yaml

PARSERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]

CASES = {
    "a: 1\nb:\n\tc: 1\n": (3, 1, "a tab indents here; YAML allows spaces only"),
    "a:\n  b: 1\n\tc: 1\n": (3, 1, "a tab indents here"),
    "a:\n  - b: 1\n  \t c: 1\n": (3, 3, "a tab indents here"),
    'a: 1\nb: "x\nc: 1\n': (2, 4, "the quote that begins here is not closed"),
    "a: 'x\nb: 1\n---\nc: 1\n": (1, 4, "the quote that begins here is not closed"),
    'a: "C:\\path"\n': (1, None, "a backslash begins an escape"),
    "a: 1\nb\nc: 2\n": (2, 1, "a key without its colon: write 'key: value'"),
    "a: 1\nb:2\nc: 3\n": (2, 1, "a key without its colon"),
    "a:\n  b 1\n  c: 2\n": (3, 4, "lacks the ': ' after its key"),
    "a: 1\n  b: 2\n": (2, 4, "indented too far"),
    "a: b: c\n": (1, 5, "a second ': ' in one line: quote the value"),
    "--- a: 1\n": (1, 6, "'---' stands on a line of its own"),
    "a:\n  b: 1\n c: 2\n": (3, 2, "the indentation of this line fits none of the lines above"),
    "a:\n  - b: 1\n   c: 2\n": (3, 4, "the indentation of this line fits none"),
    "a: 1\n- b\n": (2, 1, "a list item among the keys of the mapping that begins at line 1, column 1"),
    "a: 'it's'\n": (1, 8, "the value ended with the quote before this"),
    "a: [1, 2\nb: 3\n": (2, 2, "a ',' or the ']' for the '[' of line 1, column 4 is missing"),
    "a: {b: 1\nc: 3\n": (2, 2, "the '}' for the '{' of line 1, column 4"),
    "a: 1]\nb: ]\n": (2, 4, "a value is missing here, or must be quoted"),
    "a: @x\n": (1, 4, "a value that begins with @ must be quoted"),
    "a: %x\n": (1, 4, "a value that begins with % must be quoted"),
    "host: *.example.com\n": (1, 7, "a value that begins with * must be quoted"),
    "a: *b\n": (1, 4, "an alias without its anchor; quote a value that begins with *"),
    "a: !important\n": (1, 4, "unknown tag; quote a value that begins with !"),
    "a: | x\n  y\n": (1, None, "the rest of the line must be empty"),
    '{"a": 1}\n{"b": 2}\n': (2, 1, "another document begins here, without a line '---'"),
    "name: {{ .Values.name }}\n": (1, 7, "a template begins here, such as those of Helm: render it first"),
    "a: 1\n{{- if .Values.x }}\nb: 1\n{{- end }}\n": (2, 1, "a template begins here"),
    "labels:\n  {{- include \"x\" . | nindent 4 }}\n": (2, 3, "a template begins here"),
    "a:\n  b: {{ .x }}-c\n  d: e\n": (2, 6, "a template begins here"),
    "a: 1\n{% if x %}\nb: 2\n": (2, 1, "a template begins here"),
    "a: 1\n<<<<<<< HEAD\nb: 1\n": (2, 1, "this is the mark of a merge conflict"),
    "```yaml\na: 1\n```\n": (1, 1, "the fence of a code block"),
    "a: 1\nb: \x01\n": (2, 4, "the character U+0001 is not allowed in YAML"),
    "a: .nan\n": (1, 4, "can't be written as JSON"),
    "a: &x [*x]\n": (1, 8, "contains itself"),
}  # fmt: skip


@pytest.fixture(params=PARSERS, ids=lambda parser: parser.__name__)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML has two, whose words differ; the one in C may be missing."""
    monkeypatch.setattr(own, "_PARSER", request.param)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("text", CASES)
def test_the_place_and_what_to_do(text: str) -> None:
    line, column, words = CASES[text]
    with pytest.raises(DecodeError) as caught:
        load_all_yaml(text)
    message = str(caught.value)
    assert message.startswith(f"malformed YAML: line {line}, column {column or ''}")
    assert words in message


@pytest.mark.usefixtures("parser")
def test_bytes_that_are_not_utf_8() -> None:
    with pytest.raises(DecodeError, match=r"line 2, column 4: this is not UTF-8"):
        load_all_yaml(b"a: 1\nb: \xff\n")


def test_the_error_comes_behind_the_documents_before_it() -> None:
    documents = documents_of("a: 1\n---\nb: 2\n---\n\tc: 3\n")
    assert [next(documents).value, next(documents).value] == [{"a": 1}, {"b": 2}]
    with pytest.raises(DecodeError, match="line 5, column 1: a tab"):
        next(documents)


def test_documents_know_their_lines() -> None:
    first, second = documents_of(
        "# licence\na: 1\n---\n\nkind: List\nitems:\n- metadata:\n    name: x\n- {b: [1,\n  2]}\n"
    )
    assert (first.line, second.line) == (2, 5)
    assert second.line_of("items", 0, "metadata", "name") == 8
    assert second.line_of("items", 1, "b", 1) == 10
    assert second.line_of("items", 1, "nothing", "below") == 9
    assert second.line_of("items", 7) == 6


def test_keys_that_repeat_are_known_and_the_last_one_counts() -> None:
    [document] = documents_of("base: &b {x: 1}\na: {x: 1, y: 2}\nc:\n  <<: *b\n  x: 2\nd:\n  z: 1\n  z: 2\n")
    assert document.repeated == {8: "z"}
    assert document.value["d"] == {"z": 2}


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("text", CASES)
def test_no_word_of_the_text_is_shown(text: str) -> None:
    for secret in ("hunter2: [x", "'hunter2", "hunter2: {a", "@hunter2", "k: v: hunter2"):
        with pytest.raises(DecodeError) as caught:
            load_all_yaml(f"{text}\nkey: {secret}\n")
        assert "hunter2" not in str(caught.value)


@given(st.text(st.sampled_from("ab:'\"{}[]-,|>&*!%@#\t \n\\?~"), max_size=40))
def test_whatever_is_malformed_gives_a_place(text: str) -> None:
    try:
        load_all_yaml(text)
    except DecodeError as error:
        assert str(error).startswith("malformed YAML: line ")
