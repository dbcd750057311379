# SPDX-License-Identifier: Apache-2.0
"""What holds a connection says what to pickle, or to copy, instead of itself."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from k8s_core import Client, Config, Informer, Watcher
from k8s_plugins_builtin.core.v1 import Pod

CLIENT = Client(Config(server="http://127.0.0.1:1", token="t0ps3cret"))


@pytest.mark.parametrize("held", [CLIENT, CLIENT.kind(Pod), {"client": CLIENT}], ids=["client", "handle", "inside"])
@pytest.mark.parametrize("action", [pickle.dumps, copy.deepcopy])
def test_a_client_says_to_pickle_its_config(held: Any, action: Any) -> None:
    with pytest.raises(TypeError, match="pickle its config, and call Client") as caught:
        action(held)
    assert "t0ps3cret" not in str(caught.value)


@pytest.mark.parametrize("made", [Watcher(Pod, client=CLIENT), Informer(Pod, client=CLIENT)])
def test_what_follows_the_server_says_to_make_a_new_one(made: Any) -> None:
    with pytest.raises(TypeError, match=f"{type(made).__name__} has a connection .* make one where it is needed"):
        pickle.dumps(made)


def test_the_config_makes_the_same_client_elsewhere() -> None:
    config = Config(server="http://127.0.0.1:1", token_file="/var/run/token")
    assert Client(pickle.loads(pickle.dumps(config))).config == config
