# SPDX-License-Identifier: Apache-2.0
"""Paths that lead nowhere: which kind of 404, and what selectors are refused with (J2, J9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from wire import Wire

NOTHING = "the server could not find the requested resource"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/nonsense"),
        ("GET", "/api/v2/pods"),
        ("GET", "/api/v1/configmaps/named-without-a-namespace"),
        ("GET", "/api/v1/namespaces/{ns}/nodes"),
        ("PATCH", "/api/v1/namespaces/{ns}/configmaps/x/scale"),
        ("GET", "/api/v1/namespaces/{ns}/pods/x/nonsense"),
        ("GET", "/apis/apps/v1/namespaces/{ns}/deployments/x/status/more"),
        ("GET", "/apis/apps/v9"),
        ("GET", "/apis/apiextensions.k8s.io/v9/customresourcedefinitions"),
    ],
)
def test_J2_below_a_built_in_group_is_a_status(wire: Wire, method: str, path: str) -> None:
    body = None if method == "GET" else {}
    status = wire.fails(404, method, path, body, content_type="application/merge-patch+json")
    assert (status["message"], status["reason"], status["details"]) == (NOTHING, "NotFound", {})


def test_J2_below_a_custom_group_is_a_page(wire: Wire, group: str) -> None:
    for path in (f"/apis/{group}/v1/nonsense", f"/apis/{group}/v9/crontabs", f"/apis/{group}/v1/crontabs/x"):
        reply = wire("GET", path)
        assert (reply.status, reply.body) == (404, b"404 page not found\n"), path


def test_J2_a_subresource_that_a_custom_kind_lacks(wire: Wire, group: str) -> None:
    status = wire.fails(404, "GET", f"/apis/{group}/v1/namespaces/{{ns}}/crontabs/x/nonsense")
    assert status["message"] == f'crontabs.{group} "x" not found'


def test_J9_a_kind_that_selects_by_names_only(wire: Wire) -> None:
    status = wire.fails(400, "GET", "/api/v1/namespaces/{ns}/configmaps?fieldSelector=data.a=b")
    assert status["message"].endswith(
        '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"'
    )


def test_J9_a_set_without_its_bracket(wire: Wire) -> None:
    status = wire.fails(400, "GET", "/api/v1/namespaces/{ns}/configmaps?labelSelector=team in")
    assert status["message"].endswith("unable to parse requirement: found '' expected: '('")
