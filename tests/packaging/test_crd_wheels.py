# SPDX-License-Identifier: Apache-2.0
"""The example packages as wheels in a fresh environment beside the core alone: found, checked and used."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from wheels import ENVIRONMENT, UV, Environment, Wheel, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(300)]

EXAMPLES = {
    "crd_crontab": ("k8s-crd-crontab", "stable.example.com/v1", "CronTab"),
    "crd_fiaas_application": ("k8s-crd-fiaas-application", "fiaas.schibsted.io/v1", "Application"),
    "crd_certmanager": ("k8s-crd-certmanager", "acme.cert-manager.io/v1", "Order"),
    "crd_gateway_api": ("k8s-crd-gateway-api", "gateway.networking.k8s.io/v1beta1", "ReferenceGrant"),
}
SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from k8s_core import Client, Informer, Registry, Watcher
from k8s_core.plugins import Plugins
from k8s_devkit import ApiServer, check_plugin

distribution, api_version, kind, wheel = sys.argv[2:]
report = check_plugin(distribution, wheel=Path(wheel), examples=10)
cls = Registry().get(api_version, kind)
with ApiServer(registry=Registry(Plugins(block=[distribution]))) as server, Client(server.config()) as client:
    crd = client.create(cls.crd())
    for event in client.watch(type(crd), resource_version=crd.metadata.resourceVersion):
        conditions = event.object.to_dict()["status"].get("conditions") or ()
        if any(c["type"] == "Established" and c["status"] == "True" for c in conditions):
            break
    with Informer(cls, client=client) as informer:
        cached = len(informer.list())
    watched = Watcher(cls, client=client)
    watched.stop()
print(json.dumps({
    "report": report.text(), "ok": report.ok and not report.warnings, "cached": cached,
    "installed": sorted({row.distribution for row in Plugins().report() if row.group == "k8s_core.kinds"}),
    "module": cls.__module__,
}))
"""


@pytest.fixture(scope="module")
def core(wheels: dict[str, Wheel], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A virtual environment with k8s-core and the devkit from their wheels, and nothing else of ours."""
    environment = Environment(tmp_path_factory.mktemp("core"), list(wheels.values()))
    environment.install("k8s-core-devkit[cel]")
    return environment


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_wheel_beside_the_core_alone(
    core: Environment, wheels: dict[str, Wheel], tmp_path: Path, example: str
) -> None:
    distribution, api_version, kind = EXAMPLES[example]
    wheel = wheels[f"plugins_examples/{example}"].path
    site = tmp_path / "site"
    run(UV, "pip", "install", "--quiet", "--python", core.python, "--no-deps", "--target", site, wheel, cwd=tmp_path)
    # The check starts Python processes of its own, which have to see the package, too.
    environment = {**ENVIRONMENT, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [str(core.python), "-W", "error", "-c", SCRIPT, str(site), distribution, api_version, kind, str(wheel)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["ok"], result["report"]
    skipped = [line for line in result["report"].splitlines() if line.split()[:1] == ["skipped"]]
    assert all("server side: the package has no entry point" in line for line in skipped), "everything else is checked"
    assert result["installed"] == [distribution]
    assert result["cached"] == 0
    assert result["module"].startswith(distribution.replace("-", "_"))
