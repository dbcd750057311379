# SPDX-License-Identifier: Apache-2.0
"""The example packages as wheels in a fresh environment beside the core alone: found, checked and used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
EXAMPLES = {
    "crd_crontab": ("k8s-crd-crontab", "stable.example.com/v1", "CronTab"),
    "crd_fiaas_application": ("k8s-crd-fiaas-application", "fiaas.schibsted.io/v1", "Application"),
    "crd_certmanager": ("k8s-crd-certmanager", "acme.cert-manager.io/v1", "Order"),
    "crd_gateway_api": ("k8s-crd-gateway-api", "gateway.networking.k8s.io/v1beta1", "ReferenceGrant"),
}
ENVIRONMENT = {  # taken before a test moves HOME, where uv keeps its cache
    name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "UV_PROJECT"))
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
    "installed": sorted({row.distribution for row in Plugins().report()}), "module": cls.__module__,
}))
"""


def run(*command: object, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with k8s-core and the devkit from their wheels, and nothing else of ours."""
    folder = tmp_path_factory.mktemp("core")
    for source in ("k8s_core", "k8s_devkit"):
        run(UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT / source, cwd=folder)
    [core] = folder.glob("k8s_core-*.whl")
    [devkit] = folder.glob("k8s_core_devkit-*.whl")
    run(UV, "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    requirements = [core, f"k8s-core-devkit[cel] @ {devkit.as_uri()}"]
    run(UV, "pip", "install", "--quiet", "--python", python, *requirements, cwd=folder)
    return python


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_wheel_beside_the_core_alone(core: Path, tmp_path: Path, example: str) -> None:
    distribution, api_version, kind = EXAMPLES[example]
    run(UV, "build", "--quiet", "--wheel", "--out-dir", tmp_path, ROOT / "plugins_examples" / example, cwd=tmp_path)
    [wheel] = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    run(UV, "pip", "install", "--quiet", "--python", core, "--no-deps", "--target", site, wheel, cwd=tmp_path)
    # The check starts Python processes of its own, which have to see the package, too.
    environment = {**ENVIRONMENT, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [str(core), "-W", "error", "-c", SCRIPT, str(site), distribution, api_version, kind, str(wheel)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["ok"], result["report"]
    assert "skipped" not in result["report"]
    assert result["installed"] == [distribution]
    assert result["cached"] == 0
    assert result["module"].startswith(distribution.replace("-", "_"))
