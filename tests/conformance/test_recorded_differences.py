# SPDX-License-Identifier: Apache-2.0
"""The embedded server answers as the recorded 1.36.2, but for a few listed answers; and each of those is necessary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from default_cases import expected_answers, load_cases
from recorded_differences import load_differences
from transcripts import EMBEDDED, parse
from validation_corpus import expected

if TYPE_CHECKING:
    from recorded_differences import RecordedDifference

TRANSCRIPTS = sorted(Path(__file__).with_name("kubectl").glob("*.txt"))


def test_there_are_few() -> None:
    assert len(load_differences()) <= 5


@pytest.mark.parametrize("difference", load_differences(), ids=lambda item: item.case)
def test_each_has_a_reason_and_another_answer_than_1_36_2(difference: RecordedDifference) -> None:
    """The tests of the corpora check that the embedded server gives that other answer."""
    assert difference.reason
    if difference.corpus == "defaults":
        (case,) = [case for case in load_cases() if case.name == difference.case]
        recorded: object = expected_answers(case, "1.36")
    else:
        files = ("core", "jobs", "metadata", "networking", "others", "pods", "services", "storage", "workloads")
        (recorded,) = [found[difference.case] for file in files if difference.case in (found := expected(file, "1.36"))]
    assert difference.answer(recorded) != recorded


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_transcript_shows_of_the_embedded_server_what_it_shows_of_1_36(path: Path) -> None:
    for step in parse(path.read_text()).steps:
        for (kubectl, server), output in step.outputs.items():
            recorded = step.outputs.get((kubectl, (1, 36)))
            assert server != EMBEDDED or recorded is None or output == recorded, step.command
