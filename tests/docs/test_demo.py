# SPDX-License-Identifier: Apache-2.0
"""``make demo`` shows every step, on an embedded server and on a cluster, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from k8s_devkit import ApiServer
from k8s_plugins_builtin.core.v1 import Namespace

DEMO = Path(__file__).resolve().parents[2] / "docs/tutorial/demo.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DEMO), *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def assert_all_steps(output: str) -> None:
    for text in (
        "1. Configure",
        "created with uid",
        "spec.replicas: expected int, got str",
        "the image of its container is nginx:1.13",
        'NotFound: deployments.apps "apache" not found',
        "{'example.com/owner': 'platform'}",
        "the server answered with a",
        "6. Delete by selector",
        "ADDED    settings blue",
        "MODIFIED settings red",
        "DELETED  settings red",
        "ADDED    one-shot",
        "every step ran",
    ):
        assert text in output, f"{text!r} is not in:\n{output}"


def test_the_demo_runs_without_a_cluster() -> None:
    demo = run()
    assert (demo.returncode, demo.stderr) == (0, "")
    assert_all_steps(demo.stdout)


def test_the_demo_runs_in_a_namespace_of_its_own_on_a_cluster_and_cleans_up(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    with ApiServer(tls=True, tokens={"t0ken": "developer"}) as server:
        kubeconfig.write_text(server.kubeconfig())
        before = {namespace.metadata.name for namespace in Namespace.list(None, client=server.client())}
        demo = run("--kubeconfig", str(kubeconfig))
        assert (demo.returncode, demo.stderr) == (0, ""), demo.stdout
        assert_all_steps(demo.stdout)
        assert "k8s-core-demo-" in demo.stdout
        assert {namespace.metadata.name for namespace in Namespace.list(None, client=server.client())} == before
        assert "t0ken" not in demo.stdout


def test_a_cluster_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    with ApiServer() as server:
        kubeconfig.write_text(server.kubeconfig())
    demo = run("--kubeconfig", str(kubeconfig))
    assert demo.returncode == 1
    assert "error: " in demo.stdout
    assert "Traceback" not in demo.stdout + demo.stderr
