# SPDX-License-Identifier: Apache-2.0
"""What is refused of built-in kinds, and with which words (protocol J4, J24): the corpus in ``validation/``.

``tests/support/validation_corpus.py`` describes it, and how to record the answers anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from recorded_differences import difference_of
from validation_corpus import FOLDER, NAMESPACE, answers, expected
from wire import Wire
from wire_documents import quiet

if TYPE_CHECKING:
    from k8s_core import Client
    from k8s_devkit import ApiServer, ControlPlane


@pytest.fixture(scope="module")
def corpus_wire(admin: Client) -> Wire:
    """A namespace of its own name: addresses and ports of Services are derived from it."""
    wire = Wire(admin, NAMESPACE)
    wire("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    return wire


@quiet
@pytest.mark.parametrize("file", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_the_words_of_a_refusal(corpus_wire: Wire, api_server: ApiServer | ControlPlane, file: str) -> None:
    version = ".".join(api_server.version.removeprefix("v").split(".")[:2])
    if version not in {"1.20", "1.36"}:
        pytest.skip("the answers of this version are not recorded")
    wanted = expected(file, version)
    found = {case: texts for case, texts in answers(corpus_wire, file, version).items() if case in wanted}
    for case, texts in wanted.items():
        if difference := difference_of(api_server, "validation", case):
            wanted[case] = difference.answer(texts)
    assert found == wanted
