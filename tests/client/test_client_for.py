# SPDX-License-Identifier: Apache-2.0
"""Which client a method of a kind sends with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_core import Client, Config, client_for, config
from k8s_core.client import default_client
from k8s_core.errors import ConfigError
from k8s_core.meta import ObjectMeta
from k8s_core.patches import MergePatch
from k8s_plugins_builtin.core.v1 import ConfigMap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_devkit import ApiServer


class Note(ConfigMap):
    """A kind with a method that sends a request."""

    def write(self, text: str, *, client: Client | None = None) -> ConfigMap:
        patched: ConfigMap = client_for(self, client).patch(self, patch=MergePatch({"data": {"text": text}}))
        return patched


@pytest.fixture
def settings(api: ApiServer) -> Iterator[None]:
    config.api_server = api.url
    yield
    default_client().close()


@pytest.mark.usefixtures("settings")
def test_the_given_client_comes_before_the_active_one_and_that_before_the_default_one() -> None:
    note = Note(metadata=ObjectMeta(name="n"))
    with Client(Config(server="http://127.0.0.1:1")) as given, Client(Config(server="http://127.0.0.1:2")) as active:
        assert client_for(note) is default_client()
        assert client_for(note, given) is given
        with active.active():
            assert client_for(note) is active
            assert client_for(note, given) is given
        assert client_for(note) is default_client()


@pytest.mark.usefixtures("settings")
def test_a_method_of_a_kind_sends_with_it(client: Client) -> None:
    namespace = client.namespace
    client.create(ConfigMap(metadata=ObjectMeta(name="n", namespace=namespace)))
    note = Note.get("n", namespace)
    assert note.write("by default").data == {"text": "by default"}
    with client.active():
        assert note.write("by the active one").data == {"text": "by the active one"}
    assert note.write("by the given one", client=client).data == {"text": "by the given one"}
    assert note.data == {}, "the object itself stays as it is"


def test_without_any_configuration_there_is_no_client(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/none")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(ConfigError):
        client_for(Note(metadata=ObjectMeta(name="n")))
