# SPDX-License-Identifier: Apache-2.0
"""What the server allocates for Services: made from their names, so that tests see the same ones each time."""

from __future__ import annotations

import ipaddress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from server_core import Api

API = Api()
SERVICES = "/api/v1/namespaces/default/services"


@given(st.from_regex(r"[a-z]{1,12}", fullmatch=True))
def test_J5_allocated_addresses_and_ports_are_in_their_ranges(name: str) -> None:
    spec: dict[str, Any] = {"type": "NodePort", "ports": [{"port": 80}]}
    made = API.ok("POST", f"{SERVICES}?dryRun=All", {"metadata": {"name": name}, "spec": spec})["spec"]
    assert ipaddress.ip_address(made["clusterIP"]) in ipaddress.ip_network("10.96.0.0/16")
    assert 30000 <= made["ports"][0]["nodePort"] <= 32767
    again = API.ok("POST", f"{SERVICES}?dryRun=All", {"metadata": {"name": name}, "spec": spec})["spec"]
    assert again["clusterIP"] == made["clusterIP"]
