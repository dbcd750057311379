# SPDX-License-Identifier: Apache-2.0
"""The format of kubectl's transcripts: which output is expected of which versions, and what a recording keeps."""

from __future__ import annotations

import pytest
from kubectl_terminal import normalise
from transcripts import EMBEDDED, Output, Pair, parse

TEXT = """\
# Two commands
@recorded kubectl 1.20 on 1.20
@recorded kubectl 1.36 on 1.20

$ kubectl delete cm x
@ server embedded
gone
@ kubectl 1.36
deleted from here
@ kubectl 1.20
deleted

# Only there.
@since kubectl 1.28
$ kubectl auth whoami <<END
> more
> END
! who?
[exit 1]
"""
OLD, NEW = (1, 20), (1, 36)


@pytest.mark.parametrize(
    ("pair", "texts"),
    [
        ((OLD, OLD), {"deleted\n"}),
        ((NEW, NEW), {"deleted from here\n"}),
        (((1, 30), OLD), {"deleted\n", "deleted from here\n"}),
        (((1, 19), OLD), {"deleted\n"}),
        (((1, 30), EMBEDDED), {"gone\n"}),
    ],
)
def test_the_neighbours_of_a_version_tell_what_it_shows(pair: Pair, texts: set[str]) -> None:
    step = parse(TEXT).steps[0]
    assert {output.stdout for output in step.expected(pair)} == texts


def test_a_file_comes_back_as_it_was() -> None:
    transcript = parse(TEXT)
    assert transcript.render() == TEXT
    second = transcript.steps[1]
    assert second.command == "kubectl auth whoami <<END\nmore\nEND"
    assert second.outputs == {(NEW, OLD): Output("", "who?\n", 1)}
    assert not second.applies((OLD, OLD))


def test_of_the_embedded_server_only_what_differs_is_kept() -> None:
    transcript = parse(TEXT)
    same = transcript.record((NEW, EMBEDDED), {0: Output("deleted from here\n")})
    assert (NEW, EMBEDDED) not in same.steps[0].outputs
    other = transcript.record((NEW, EMBEDDED), {0: Output("$ odd\n")})
    assert "\\$ odd" in other.render()
    assert parse(other.render()).steps[0].outputs == other.steps[0].outputs


def test_tables_are_aligned_again_without_what_changes() -> None:
    text = "NAME   CLUSTER-IP     AGE\nweb    10.96.152.31   12s\nmore   <none>         3s\n\nuid: 1\n"
    assert normalise(text, {"web": "<name>"}).splitlines() == [
        "NAME     CLUSTER-IP   AGE",
        "<name>   <ip>         0s",
        "more     <none>       0s",
        "",
        "uid: 1",
    ]
