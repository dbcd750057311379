# SPDX-License-Identifier: Apache-2.0
"""``k8s-core crd manifest``: the CRDs of an installed package's kinds, for kubectl."""

from __future__ import annotations

from typing import Any

import pytest

from k8s_core.cli import main
from k8s_core.model.yaml import load_all_yaml


def manifest(capsys: pytest.CaptureFixture[str], package: str) -> tuple[int, list[Any], str]:
    with pytest.raises(SystemExit) as caught:
        main(["crd", "manifest", package])
    text = capsys.readouterr()
    return int(caught.value.code or 0), list(load_all_yaml(text.out)), text.err


@pytest.mark.parametrize("name", ["k8s-crd-crontab", "k8s_crd_crontab", "K8S_CRD.crontab", "k8s-crd-crontab:CronTab"])
def test_a_package_by_any_name(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, documents, _ = manifest(capsys, name)
    assert code == 0
    assert [document["metadata"]["name"] for document in documents] == ["crontabs.stable.example.com"]


def test_every_kind_is_one_document_with_all_its_versions(capsys: pytest.CaptureFixture[str]) -> None:
    _, documents, _ = manifest(capsys, "k8s-crd-gateway-api")
    stored = {
        document["spec"]["names"]["kind"]: [
            (version["name"], version["storage"]) for version in document["spec"]["versions"]
        ]
        for document in documents
    }
    assert len(stored) == 5
    assert stored["Gateway"] == [("v1", True)]
    assert stored["ReferenceGrant"] == [("v1beta1", True), ("v1", False)]


@pytest.mark.parametrize(
    ("package", "message"),
    [
        ("k8s-crd-crontab:Nothing", "k8s-crd-crontab has no kind 'Nothing'; it has: CronTab"),
        ("k8s-crd-crontap", "'k8s-crd-crontap' is no installed plugin package"),
        ("k8s-transport-policy", "'k8s-transport-policy' provides no kinds"),
        ("k8s-plugins-builtin:Pod", "kinds of the legacy group are built into the API server"),
    ],
)
def test_what_has_no_manifest(capsys: pytest.CaptureFixture[str], package: str, message: str) -> None:
    code, documents, err = manifest(capsys, package)
    assert (code, documents) == (1, [])
    assert err.startswith("error: ")
    assert message in err
