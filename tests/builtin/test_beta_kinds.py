# SPDX-License-Identifier: Apache-2.0
"""Older API versions as a package of their own, beside the built-in kinds (plugins_examples/kinds_beta)."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from model_documents import document_of

from k8s_core.errors import Invalid
from k8s_core.registry import Registry
from k8s_devkit import ApiServer
from k8s_devkit.codegen import load_overlay, plan, read_directory
from k8s_plugins_builtin.batch.v1 import CronJob as CronJobV1
from k8s_plugins_builtin.batch.v1 import JobSpec
from k8s_plugins_builtin.policy.v1 import PodDisruptionBudget as BudgetV1

if TYPE_CHECKING:
    from k8s_core.model import Resource

PROJECT = Path(__file__).resolve().parents[2] / "plugins_examples/kinds_beta"


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry with the classes of the package, whether it is installed or not."""
    monkeypatch.syspath_prepend(PROJECT / "src")
    from k8s_kinds_beta.batch.v1beta1 import CronJob  # noqa: PLC0415  # found by the path of the line above
    from k8s_kinds_beta.policy.v1beta1 import PodDisruptionBudget  # noqa: PLC0415  # as above

    made = Registry()
    made.register(CronJob)
    made.register(PodDisruptionBudget)
    return made


def test_the_modules_are_what_the_documents_make() -> None:
    documents = read_directory(PROJECT / "openapi")
    overlay = load_overlay(PROJECT / "kinds.toml")
    _, changes = plan(
        documents, "k8s_kinds_beta", PROJECT / "src", overlay=overlay, pyproject=PROJECT / "pyproject.toml"
    )
    assert not changes


def test_both_versions_side_by_side(registry: Registry) -> None:
    old, new = registry.get("batch/v1beta1", "CronJob"), registry.get("batch/v1", "CronJob")
    assert new is CronJobV1
    assert old is not new
    assert registry.find("batch", "cj") is CronJobV1
    assert registry.find("batch", "cj", "v1beta1") is old
    assert registry.find("policy", "pdb", "v1beta1") is registry.get("policy/v1beta1", "PodDisruptionBudget")
    assert registry.find("policy", "pdb") is BudgetV1


@pytest.mark.parametrize("name", ["batch/v1beta1 CronJob", "policy/v1beta1 PodDisruptionBudget"])
def test_documents_round_trip(registry: Registry, name: str) -> None:
    api_version, _, kind = name.partition(" ")
    cls = registry.get(api_version, kind)
    for seed in range(10):
        document = document_of(cls, random.Random(seed))
        obj = cls.from_dict(document)
        assert obj.validate() == {}
        assert json.dumps(obj.to_dict()) == json.dumps(document)


def test_shared_types_are_those_of_the_built_in_package(registry: Registry) -> None:
    job = _cron_job(registry.get("batch/v1beta1", "CronJob"))
    assert isinstance(job.spec.jobTemplate.spec, JobSpec)  # type: ignore[attr-defined]  # a class known at run time only


def test_an_object_of_the_old_version_on_a_server(registry: Registry) -> None:
    old = registry.get("batch/v1beta1", "CronJob")
    with ApiServer(registry=registry) as server, server.client() as client:
        created = client.create(_cron_job(old))
        assert created.to_dict()["apiVersion"] == "batch/v1beta1"
        assert type(created) is old
        assert client.get(old, "nightly", namespace="default") == created
        client.delete(old, "nightly", namespace="default")


def test_a_server_treats_the_old_version_as_it_treats_the_new_one(registry: Registry) -> None:
    old = registry.get("batch/v1beta1", "CronJob")
    with ApiServer(registry=registry) as server, server.client() as client:
        document = client.create(_cron_job(old)).to_dict()
        assert document["spec"]["concurrencyPolicy"] == "Allow"
        assert client.get(CronJobV1, "nightly", namespace="default").metadata.uid == document["metadata"]["uid"]
        document["spec"]["schedule"] = "whenever"
        with pytest.raises(Invalid, match="expected exactly 5 fields"):
            client.replace(old.from_dict(document))


@pytest.mark.parametrize(("version", "added"), [("batch/v1", []), ("batch/v1beta1", ["orphan"])])
def test_deleting_a_cron_job_of_the_old_version_orphans_its_jobs(
    registry: Registry, version: str, added: list[str]
) -> None:
    cls = registry.get(version, "CronJob")
    cron_job = _cron_job(cls).to_dict()
    cron_job["metadata"]["finalizers"] = ["example.com/hold"]
    with ApiServer(registry=registry) as server, server.client() as client:
        deleted = client.delete(client.create(cls.from_dict(cron_job)))
        assert deleted is not None
        assert deleted.to_dict()["metadata"]["finalizers"] == ["example.com/hold", *added]


def _cron_job(cls: type[Resource]) -> Resource:
    containers = [{"name": "c", "image": "i"}]
    template = {"spec": {"template": {"spec": {"containers": containers, "restartPolicy": "Never"}}}}
    return cls.from_dict(
        {
            "metadata": {"name": "nightly", "namespace": "default"},
            "spec": {"schedule": "0 3 * * *", "jobTemplate": template},
        }
    )
