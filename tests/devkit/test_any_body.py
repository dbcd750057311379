# SPDX-License-Identifier: Apache-2.0
"""The law of bodies: no answer is the server's own error, and nothing of a wrong type is accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from examples import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from wire import Wire

from k8s_devkit import ApiServer
from k8s_devkit.api_server.writes.conform import check_types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_devkit.api_server.kinds.shapes import Shape

KINDS = {
    ("", "pods"): "/api/v1/namespaces/default/pods",
    ("", "services"): "/api/v1/namespaces/default/services",
    ("apps", "deployments"): "/apis/apps/v1/namespaces/default/deployments",
    ("batch", "cronjobs"): "/apis/batch/v1/namespaces/default/cronjobs",
    ("networking.k8s.io", "ingresses"): "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
}
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=4),
    st.just([]),
    st.just([None]),
    st.just({}),
    st.just({"a": None}),
)


@pytest.fixture(scope="module")
def server() -> Iterator[ApiServer]:
    with ApiServer() as running:
        yield running


@st.composite
def documents(draw: st.DrawFn, shape: Shape, depth: int = 0) -> Any:
    """Mostly what fits the shape, with junk anywhere."""
    if depth > 7 or draw(st.integers(0, 11)) == 0:
        return draw(JUNK)
    if shape.type == "object":
        names = draw(st.lists(st.sampled_from(sorted(shape.fields) or ["a"]), max_size=4, unique=True))
        return {name: draw(documents(shape.field(name), depth + 1)) for name in {*names, *shape.required}}
    if shape.type == "map":
        return {"a": draw(documents(shape.item, depth + 1))}
    if shape.type == "list":
        return [draw(documents(shape.item, depth + 1)) for _ in range(draw(st.integers(0, 2)))]
    return draw(
        {"integer": st.integers(-1, 99), "boolean": st.booleans()}.get(shape.type, st.sampled_from(["a", "1", "80"]))
    )


@examples(150, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.filterwarnings("ignore")
def test_no_body_is_the_servers_own_error(server: ApiServer, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(KINDS)))
    kind = next(kind for kind in server.core.catalog if kind.key == key)
    document = data.draw(documents(kind.shape()))
    if isinstance(document, dict):
        document |= {"apiVersion": kind.resource.api_version, "kind": kind.name}
        if isinstance(document.get("metadata", {}), dict):
            document.setdefault("metadata", {}).update(name="a", resourceVersion=None)  # any other is a 500 indeed
    with server.client() as client:
        reply = Wire(client, "default")("POST", f"{KINDS[key]}?dryRun=All", document)
    assert reply.status in {201, 400, 403, 409, 422}, reply.body
    if reply.status == 201:
        check_types(reply.json, kind.shape())  # raises for a value that is not of its type
