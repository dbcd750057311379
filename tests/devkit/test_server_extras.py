# SPDX-License-Identifier: Apache-2.0
"""Persistence, simulations, the pytest plugin, and ``k8s-core serve``."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import select
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from server_core import CONFIG_MAPS, CRDS, CRONTABS, DEPLOYMENTS, Api, config_map, crd, crontab, deployment, pod
from waiting import eventually

from k8s_core import Client, Config
from k8s_core.errors import ConfigError, Forbidden
from k8s_devkit import ApiServer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow  # servers are started in processes of their own

pytest_plugins = ["pytester"]
Json = dict[str, Any]


def test_state_in_a_directory(tmp_path: Path) -> None:
    with ApiServer(data=tmp_path) as server:
        server.seed(config_map("a", data={"x": "1"}), config_map("b"))
        server.core.store.delete(("", "configmaps"), "default/b")
        version = int(server.resource_version)
        (before,) = server.objects("v1", "ConfigMap")
    path = tmp_path / "core" / "configmaps" / "default" / "a.yaml"
    assert yaml.safe_load(path.read_text())["data"] == {"x": "1"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with ApiServer(data=tmp_path) as server:
        (after,) = server.objects("v1", "ConfigMap")
        assert after["metadata"]["uid"] == before["metadata"]["uid"]
        assert int(after["metadata"]["resourceVersion"]) > version


def test_crds_in_a_directory_are_served_again(tmp_path: Path) -> None:
    for _ in range(2):
        with ApiServer(data=tmp_path) as server:
            if not (tmp_path / "apiextensions.k8s.io").exists():
                server.seed(crd())
                server.settle()
                server.seed({**crontab("a"), "apiVersion": "batch.example.org/v1"})
            assert len(server.objects("batch.example.org/v1", "CronTab")) == 1


def test_files_that_people_write_are_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "mine.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\nkind: nonsense\n")
    with ApiServer(data=tmp_path) as server:
        assert [item["metadata"]["name"] for item in server.objects("v1", "ConfigMap")] == ["a"]
    assert f"{tmp_path / 'mine.yaml'}: document 2 is left out" in caplog.text


def test_a_file_that_is_not_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("a: [1\n")
    with pytest.raises(ConfigError, match=r"broken\.yaml: malformed YAML.*line 2"):
        ApiServer(data=tmp_path)


def test_simulated_deployments_get_ready(api: Api) -> None:
    api.core.controllers.simulate(("deployments",))
    api.ok("POST", DEPLOYMENTS, deployment("a", replicas=3))
    status = api.ok("GET", f"{DEPLOYMENTS}/a")["status"]
    assert (status["observedGeneration"], status["availableReplicas"]) == (1, 3)
    assert {item["type"]: item["status"] for item in status["conditions"]} == {
        "Available": "True",
        "Progressing": "True",
    }
    merge = "application/merge-patch+json"
    api.ok("PATCH", f"{DEPLOYMENTS}/a", {"spec": {"replicas": 1}}, content_type=merge)
    assert api.ok("GET", f"{DEPLOYMENTS}/a")["status"]["observedGeneration"] == 2


def test_simulated_jobs_complete_and_namespaces_fill(api: Api) -> None:
    api.core.controllers.simulate(("jobs", "serviceaccounts"))
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}
    jobs = "/apis/batch/v1/namespaces/default/jobs"
    api.ok("POST", jobs, {"metadata": {"name": "j"}, "spec": {"template": template}})
    status = api.ok("GET", f"{jobs}/j")["status"]
    assert status["succeeded"] == 1
    assert [item["type"] for item in status["conditions"]] == ["SuccessCriteriaMet", "Complete"]
    api.ok("POST", "/api/v1/namespaces", {"metadata": {"name": "x"}})
    assert api.ok("GET", "/api/v1/namespaces/x/serviceaccounts/default")["metadata"]["name"] == "default"


def test_simulated_pods_run_and_end(api: Api) -> None:
    api.core.controllers.simulate(("pods", "poddisruptionbudgets"))
    pods = "/api/v1/namespaces/default/pods"
    api.ok("POST", pods, pod("a", labels={"app": "x"}))
    assert api.ok("GET", f"{pods}/a")["status"]["phase"] == "Running"
    budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
    api.ok(
        "POST",
        budgets,
        {"metadata": {"name": "b"}, "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "x"}}}},
    )
    assert api.ok("GET", f"{budgets}/b")["status"]["disruptionsAllowed"] == 1
    api.ok("DELETE", f"{pods}/a")
    api.fails(404, "GET", f"{pods}/a")


def test_every_simulation_can_be_switched_on_late(api: Api) -> None:
    api.ok("POST", DEPLOYMENTS, deployment("a"))
    api.core.controllers.simulate(())
    api.core.settle()
    assert api.ok("GET", f"{DEPLOYMENTS}/a")["status"]["readyReplicas"] == 1
    for plural, kind in (("statefulsets", "StatefulSet"), ("daemonsets", "DaemonSet"), ("replicasets", "ReplicaSet")):
        document = {**deployment("b"), "kind": kind}
        api.ok("POST", DEPLOYMENTS.replace("deployments", plural), document)
    claims = "/api/v1/namespaces/default/persistentvolumeclaims"
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    api.ok("POST", claims, {"metadata": {"name": "c"}, "spec": spec})
    assert api.ok("GET", f"{claims}/c")["status"]["phase"] == "Bound"
    with pytest.raises(ValueError, match="no kind called 'nonsense' is served"):
        api.core.controllers.simulate(("nonsense",))


@pytest.mark.slow
def test_the_pytest_plugin(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from k8s_plugins_builtin.core.v1 import ConfigMap
        from k8s_core.meta import ObjectMeta

        def test_a(k8s_api):
            ConfigMap(metadata=ObjectMeta(name="a"), data={"x": "1"}).save()
            assert [item["metadata"]["name"] for item in k8s_api.server.objects("v1", "ConfigMap")] == ["a"]
            assert k8s_api.client.get(ConfigMap, "a").data["x"] == "1"
            assert k8s_api.url == k8s_api.server.url

        def test_b(k8s_api):
            assert k8s_api.server.objects("v1", "ConfigMap") == []

        def test_c(k8s_control_plane):
            raise AssertionError("there are no binaries")
        """
    )
    result = pytester.runpytest_subprocess("-q", "-rs", "-W", "error", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=2, skipped=1)
    result.stdout.fnmatch_lines(["*KUBEBUILDER_ASSETS is not set*"])


def test_the_pytest_plugin_imports_nothing_that_a_test_run_would_feel() -> None:
    code = (
        "import sys, k8s_devkit.pytest_plugin\n"
        "bad = [m for m in sys.modules if m.split('.')[0] in ('uvicorn', 'msgspec', 'urllib3', 'marshmallow')]\n"
        "own = sorted(m for m in sys.modules if m.startswith('k8s_'))\n"
        "assert not bad, bad\n"
        "assert own == ['k8s_core', 'k8s_devkit', 'k8s_devkit.pytest_plugin'], own\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_serve_writes_a_kubeconfig_and_ends_on_a_signal(tmp_path: Path) -> None:
    target = tmp_path / "sub" / "config"
    command = [sys.executable, "-c", "from k8s_core.cli import main; main()", "serve"]
    command += ["--port", "0", "--kubeconfig", str(target), "--token", "t"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout is not None
        lines = dict(process.stdout.readline().rstrip("\n").split(": ", 1) for _ in range(5))
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", lines["server"])
        document = yaml.safe_load(target.read_text())
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        assert document["clusters"][0]["cluster"]["server"] == lines["server"]
        assert document["users"][0]["user"] == {"token": "t"}
        connection = http.client.HTTPConnection("127.0.0.1", int(lines["server"].rsplit(":", 1)[1]), timeout=10)
        connection.request("GET", "/api/v1/namespaces", headers={"Authorization": "Bearer t"})
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_serve_with_rbac_writes_the_kubeconfig_of_the_administrator(tmp_path: Path) -> None:
    target = tmp_path / "config"
    command = [sys.executable, "-c", "from k8s_core.cli import main; main()", "serve", "--rbac"]
    command += ["--port", "0", "--kubeconfig", str(target), "--token", "t"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("server: https://127.0.0.1:")
        for _ in range(4):
            process.stdout.readline()
        settings = Config.from_kubeconfig(target)
        with Client(settings) as admin:
            assert admin.get("namespaces", "default")
        with Client(replace(settings, token=None)) as nobody, pytest.raises(Forbidden, match="system:anonymous"):
            nobody.get("namespaces", "default")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_serve_ends_in_order_as_soon_as_anything_tells_that_it_is_there(tmp_path: Path) -> None:
    target = tmp_path / "config"
    command = [sys.executable, "-c", "from k8s_core.cli import main; main()", "serve"]
    command += ["--port", "0", "--kubeconfig", str(target)]
    read_end, write_end = os.pipe()
    with os.fdopen(read_end, "rb") as output:
        # A full pipe holds the program at its announcement until the signal is there.
        os.set_blocking(write_end, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(write_end, b"." * select.PIPE_BUF)
        os.set_blocking(write_end, True)
        with subprocess.Popen(command, stdout=write_end) as process:
            os.close(write_end)
            eventually(target.exists, "the kubeconfig")
            process.send_signal(signal.SIGINT)
            assert output.read().endswith(b"stop: Ctrl-C\n")
            assert process.wait(20) == 0


def test_serve_on_a_taken_port_says_so(tmp_path: Path) -> None:
    with ApiServer() as server:
        port = str(server.port)
        command = [sys.executable, "-c", "from k8s_core.cli import main; main()", "serve", "--port", port]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert result.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in result.stderr
    assert "--port" in result.stderr


def test_serve_refuses_a_port_that_there_is_not(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from k8s_core.cli import main; main()", "serve", "--port", "99999"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert (result.returncode, "65535" in result.stderr) == (2, True)


def test_crd_instances_survive_only_with_their_crd(api: Api) -> None:
    api.ok("POST", CRDS, crd())
    api.ok("POST", CRONTABS, crontab("a"))
    api.ok("DELETE", f"{CRDS}/crontabs.batch.example.org")
    api.ok("POST", CRDS, crd())
    assert api.ok("GET", CRONTABS)["items"] == []
    assert api.ok("GET", CONFIG_MAPS)["items"] == []
