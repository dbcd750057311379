# SPDX-License-Identifier: Apache-2.0
"""What streams cost those who use none, and what is said where their library is missing."""

from __future__ import annotations

import subprocess
import sys


def run(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_client_loads_nothing_of_streams() -> None:
    run(
        "import sys, k8s_core.client, k8s_core.transport.factory\n"
        "from k8s_plugins_builtin.core.v1 import Pod\n"
        "k8s_core.client.Client(k8s_core.Config(server='http://127.0.0.1:1')).close()\n"
        "loaded = {name for name in sys.modules if name.startswith(('k8s_core.streams.', 'wsproto', 'tarfile'))}\n"
        "assert not loaded, loaded\n"
    )


def test_logs_need_no_library() -> None:
    run(
        "import sys\n"
        "sys.modules['wsproto'] = sys.modules['wsproto.connection'] = None\n"
        "from k8s_core import Client, Config\n"
        "from k8s_core.errors import ConfigError, ConnectionFailed\n"
        "from k8s_plugins_builtin.core.v1 import Pod\n"
        "client = Client(Config(server='http://127.0.0.1:1'))\n"
        "try:\n"
        "    client.logs(Pod, 'web')\n"
        "except ConnectionFailed:\n"
        "    pass\n"
        "try:\n"
        "    client.exec(Pod, ['ls'], name='web')\n"
        "except ConfigError as error:\n"
        "    assert \"pip install 'k8s-core[streams]'\" in str(error), error\n"
        "else:\n"
        "    raise AssertionError\n"
    )
