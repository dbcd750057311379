# SPDX-License-Identifier: Apache-2.0
"""The machine's kubectl against an embedded server with RBAC."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from k8s_devkit import ApiServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = [
    pytest.mark.kubectl,
    pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on the PATH"),
]

ALICE = ("--as", "alice")


@pytest.fixture
def kubectl(tmp_path: Path) -> Iterator[Run]:
    """The administrator's kubectl, with ``alice`` who may view the namespace."""
    with ApiServer(rbac=True, tls=True) as server:
        config = tmp_path / "kubeconfig"
        config.write_text(server.kubeconfig())
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            command = ["kubectl", f"--kubeconfig={config}", *arguments]
            return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)

        assert run("create", "rolebinding", "viewers", "--clusterrole=view", "--user=alice").returncode == 0
        yield run


def test_can_i_answers_for_a_user(kubectl: Run) -> None:
    assert kubectl("auth", "can-i", "list", "pods", *ALICE).stdout == "yes\n"
    refused = kubectl("auth", "can-i", "delete", "pods", *ALICE)
    assert (refused.returncode, refused.stdout) == (1, "no\n")


def test_can_i_lists_what_a_user_may_do(kubectl: Run) -> None:
    lines = [line.split() for line in kubectl("auth", "can-i", "--list", *ALICE).stdout.splitlines()]
    assert lines[0] == ["Resources", "Non-Resource", "URLs", "Resource", "Names", "Verbs"]
    assert ["deployments.apps", "[]", "[]", "[get", "list", "watch]"] in lines
    assert ["[/healthz]", "[]", "[get]"] in lines
    assert not any(line[0] == "secrets" for line in lines)
    everything = [line.split() for line in kubectl("auth", "can-i", "--list").stdout.splitlines()]
    assert ["*.*", "[]", "[]", "[*]"] in everything


def test_a_refusal_is_shown_with_its_text(kubectl: Run) -> None:
    refused = kubectl("get", "secrets", *ALICE)
    text = 'User "alice" cannot list resource "secrets" in API group "" in the namespace "default"'
    assert refused.stderr == f"Error from server (Forbidden): secrets is forbidden: {text}\n"


def test_a_role_that_gives_more_than_is_held_is_refused(kubectl: Run) -> None:
    assert kubectl("create", "rolebinding", "admins", "--clusterrole=admin", "--user=carol").returncode == 0
    carol = ("--as", "carol")
    assert kubectl("create", "role", "reader", "--verb=get", "--resource=pods", *carol).returncode == 0
    refused = kubectl("create", "role", "more", "--verb=get", "--resource=resourceclaims.resource.k8s.io", *carol)
    assert 'user "carol" (groups=["system:authenticated"]) is attempting to grant RBAC permissions' in refused.stderr
    assert '{APIGroups:["resource.k8s.io"], Resources:["resourceclaims"], Verbs:["get"]}' in refused.stderr
