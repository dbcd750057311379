# SPDX-License-Identifier: Apache-2.0
"""kubeconfig documents and files for the tests of configuration."""

from __future__ import annotations

import base64
import datetime
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from k8s_core.configuration import Config
from k8s_core.configuration.kubeconfig import from_document
from k8s_core.configuration.selection import select
from k8s_core.model.yaml import dump_yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from k8s_core.configuration.selection import Selection

Document = dict[str, Any]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_pem(authority: trustme.CA) -> bytes:
    return authority.cert_pem.bytes()


@pytest.fixture(scope="session")
def identity(authority: trustme.CA) -> tuple[bytes, bytes]:
    """A client certificate and its key, PEM."""
    leaf = authority.issue_cert("alice@example.com", not_after=datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC))
    certificates = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
    return certificates, leaf.private_key_pem.bytes()


@pytest.fixture(scope="session")
def encode() -> Callable[[bytes], str]:
    return lambda data: base64.b64encode(data).decode("ascii")


@pytest.fixture
def document() -> Callable[..., Document]:
    """A kubeconfig with one context: ``document(cluster={…}, user={…}, context={…})``."""

    def make(
        cluster: Document | None = None, user: Document | None = None, context: Document | None = None
    ) -> Document:
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "ctx",
            "clusters": [{"name": "cl", "cluster": {"server": "https://h:6443"} | (cluster or {})}],
            "users": [{"name": "us", "user": user or {}}],
            "contexts": [{"name": "ctx", "context": {"cluster": "cl", "user": "us"} | (context or {})}],
        }

    return make


@pytest.fixture
def selected(document: Callable[..., Document]) -> Callable[..., Selection]:
    """What the one context of such a document amounts to; nothing is read from disk."""

    def make(
        cluster: Document | None = None, user: Document | None = None, context: Document | None = None
    ) -> Selection:
        return select(Config, from_document(document(cluster, user, context)))

    return make


@pytest.fixture
def config_of(selected: Callable[..., Selection]) -> Callable[..., Config]:
    def make(cluster: Document | None = None, user: Document | None = None, context: Document | None = None) -> Config:
        return selected(cluster, user, context).config

    return make


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Document | str], Path]:
    """Write a file below the test's folder: YAML of a document, or text as it is."""

    def make(name: str, content: Document | str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else dump_yaml(content), "utf-8")
        return path

    return make
