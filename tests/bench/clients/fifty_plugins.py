# SPDX-License-Identifier: Apache-2.0
"""Workload 9: make a client and look one kind up where fifty CRD packages are installed."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from k8s_core import Client, Config

PLUGIN = """
from k8s_core import hookimpl

@hookimpl
def k8s_register_kinds(registrar):
    registrar.add_kind("group{n}.example.com/v1", "Thing", "fake_plugin_{n}.v1:Thing", plural="things")
"""
MODELS = """
from k8s_core import ABSENT, Model, Resource

class ThingSpec(Model):
    size: int | None = None

class Thing(Resource, group="group{n}.example.com", version="v1", plural="things"):
    spec: ThingSpec = ABSENT
"""


def install(folder: Path, count: int) -> None:
    """What pip leaves behind for that many packages."""
    for n in range(count):
        package = folder / f"fake_plugin_{n}"
        package.mkdir()
        (package / "__init__.py").write_text(PLUGIN.format(n=n), encoding="utf-8")
        (package / "v1.py").write_text(MODELS.format(n=n), encoding="utf-8")
        info = folder / f"fake_plugin_{n}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: fake-plugin-{n}\nVersion: 1.0\n", encoding="utf-8"
        )
        entry = f"[k8s_core.kinds]\ngroup{n}.example.com = fake_plugin_{n}\n"
        (info / "entry_points.txt").write_text(entry, encoding="utf-8")


def main() -> None:
    """Start up, look one kind up, and check that no other package was imported; print the CPU seconds."""
    with tempfile.TemporaryDirectory() as folder:
        installing = time.process_time()
        install(Path(folder), 50)
        installing = time.process_time() - installing
        sys.path.insert(0, folder)

        # The packages live for this run only, and so must their bytecode.
        sys.dont_write_bytecode = True
        with Client(Config(server="http://127.0.0.1:1")) as client:
            thing = client.registry.get("group7.example.com/v1", "Thing")
            assert thing.from_dict({"spec": {"size": 3}}).spec.size == 3
        loaded = {name for name in sys.modules if name.startswith("fake_plugin_")}
        # Everything since the process began, but for the part that an installer does.
        print(time.process_time() - installing)
        assert loaded == {"fake_plugin_7", "fake_plugin_7.v1"}, loaded


if __name__ == "__main__":
    main()
