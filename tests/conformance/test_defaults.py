# SPDX-License-Identifier: Apache-2.0
"""What a server makes of a new or changed object of every built-in kind (J5-J8): the corpus in defaults/."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from default_cases import expected_answers, load_cases, play, recorded_versions

if TYPE_CHECKING:
    from default_cases import Case
    from wire import Wire

    from k8s_core.testing import ApiServer, ControlPlane


def _parameters() -> list[object]:
    marks = {case.name: [pytest.mark.since(case.since)] if case.since else [] for case in load_cases()}
    return [pytest.param(case, id=case.name, marks=marks[case.name]) for case in load_cases()]


@pytest.mark.parametrize("case", _parameters())
def test_what_a_server_makes_of(case: Case, wire: Wire, api_server: ApiServer | ControlPlane) -> None:
    version = ".".join(api_server.version.removeprefix("v").split(".")[:2])
    if version not in recorded_versions():
        pytest.skip(f"nothing is recorded of Kubernetes {version}; defaults/README.md tells how to")
    assert play(case, wire) == expected_answers(case, version)
