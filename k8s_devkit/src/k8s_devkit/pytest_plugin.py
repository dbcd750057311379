# SPDX-License-Identifier: Apache-2.0
"""pytest fixtures: ``k8s_api`` (embedded server) and ``k8s_control_plane`` (real one). Found by its entry point.

A failed ``assert a == b`` of two objects shows the fields that differ.

Importing this module imports pytest and nothing of the SDK: test runs that do not use the fixtures pay nothing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core.client import Client
    from k8s_core.model import Model
    from k8s_devkit import ApiServer, ControlPlane

__all__ = ["K8sApi", "k8s_api", "k8s_control_plane", "pytest_assertrepr_compare"]

_MOST_LINES = 30
_NOTHING = object()
"""Stands for a field or item that one side does not have."""


class K8sApi:
    """What ``k8s_api`` gives: a server of its own for the test, and a client for it.

    Attributes:
        server: the `ApiServer`: seeds, faults, request log.
        client: a Client for it; the default one of this test, so tutorial-style verbs (``Pod.get("a")``) use it too.
    """

    def __init__(self, server: ApiServer, client: Client) -> None:
        self.server = server
        self.client = client

    @property
    def url(self) -> str:
        """Where the server serves."""
        return self.server.url


@pytest.fixture
def k8s_api() -> Iterator[K8sApi]:
    """A fresh embedded API server and a client for it, which is the default client while the test runs.

    Milliseconds for each test; everything is stopped and closed afterwards.
    """
    from k8s_devkit import ApiServer  # noqa: PLC0415  # every run of pytest loads this plugin (284 modules)

    with ApiServer() as server:
        client = server.client()
        with client.active():
            yield K8sApi(server, client)


@pytest.fixture(scope="session")
def k8s_control_plane() -> Iterator[ControlPlane]:
    """A real etcd and kube-apiserver from ``KUBEBUILDER_ASSETS``, one for the whole run; skips where it is not set."""
    assets = os.environ.get("KUBEBUILDER_ASSETS", "")
    if not assets:
        pytest.skip("KUBEBUILDER_ASSETS is not set: it names the directory with etcd and kube-apiserver")
    for name in ("etcd", "kube-apiserver"):
        if not os.access(Path(assets, name), os.X_OK):
            pytest.skip(f"KUBEBUILDER_ASSETS={assets} has no executable {name}")
    from k8s_devkit import ControlPlane  # noqa: PLC0415  # as above (29 modules)

    with ControlPlane() as control_plane:
        yield control_plane


def pytest_assertrepr_compare(op: str, left: Any, right: Any) -> list[str] | None:
    """What a failed ``assert a == b`` of two objects, or of an object and its document, shows: the fields that differ.

    Secrets are masked.
    """
    # A test run that compares no objects has not imported this module.
    model: type[Model] | None = getattr(sys.modules.get("k8s_core.model.base"), "Model", None)
    if op != "==" or model is None:
        return None
    classes = [type(side) for side in (left, right) if isinstance(side, model)]
    if not classes or not all(isinstance(side, (model, dict)) for side in (left, right)):
        return None
    headline = f"{_named(left)} == {_named(right)}"
    if len(set(classes)) > 1:
        return [headline, "they are of different classes"]
    lines = list(_differences("", *_documents(left, classes[0]), *_documents(right, classes[0])))
    more = [f"... and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
    return [headline, *lines[:_MOST_LINES], *more]


def _named(side: object) -> str:
    text = "a document" if isinstance(side, dict) else repr(side)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _documents(side: Any, cls: type[Model]) -> tuple[Any, Any]:
    """The document to compare, and the one to show, in which secrets read ``***``."""
    from k8s_core.model.display import shown  # noqa: PLC0415  # as above (15 modules)

    obj = cls.from_dict(side) if isinstance(side, dict) else side
    return obj.to_dict(), shown(obj)


def _differences(path: str, left: Any, shown: Any, right: Any, right_shown: Any) -> Iterator[str]:
    sides = (left, shown, right, right_shown)
    if all(isinstance(side, dict) for side in sides):
        for key in dict.fromkeys((*left, *right)):
            place = f"{path}.{key}" if key.isidentifier() else f"{path}[{key!r}]"
            yield from _differences(place.removeprefix("."), *(side.get(key, _NOTHING) for side in sides))
    elif all(isinstance(side, list) for side in sides):
        for index in range(max(len(left), len(right))):
            items = (side[index] if index < len(side) else _NOTHING for side in sides)
            yield from _differences(f"{path}[{index}]", *items)
    elif type(left) is not type(right) or left != right:
        yield f"{path}: {_value(shown)} != {_value(right_shown)}"


def _value(value: object) -> str:
    return "nothing" if value is _NOTHING else repr(value)
