# SPDX-License-Identifier: Apache-2.0
"""Where the package is safer than fiaas/k8s on purpose, and the switch for each."""

from __future__ import annotations

from typing import Any

import pytest
from scripted_server import ScriptedServer, no_reply, reply

from k8s import config, switches
from k8s.client import ClientError
from k8s.models.common import ObjectMeta
from k8s.models.configmap import ConfigMap
from k8s.models.pod import ExecAction, HTTPGetAction, Probe
from k8s.models.secret import Secret
from k8s_core.errors import OutcomeUnknown, RequestError

CREATED = reply(201, b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","uid":"1"}}')


def test_a_positional_argument_is_refused_with_the_line_to_write() -> None:
    with pytest.raises(TypeError, match=r"write Probe\(httpGet=…\)"):
        Probe(HTTPGetAction(path="/", port=80))


def test_a_positional_argument_is_lost_with_the_switch_of_fiaas_k8s() -> None:
    switches.use(positional="drop")
    assert "httpGet" not in Probe(HTTPGetAction(path="/", port=80))


def test_a_positional_argument_can_be_taken_for_the_one_field_of_its_type() -> None:
    switches.use(Probe, positional="assign")
    assert Probe(HTTPGetAction(path="/", port=80), ExecAction(command=["a"])).httpGet.port == 80
    with pytest.raises(TypeError, match="keyword arguments only"):
        Probe(HTTPGetAction(path="/"), HTTPGetAction(path="/"))
    with pytest.raises(TypeError, match="keyword arguments only"):
        Probe(ObjectMeta(name="a"))


def test_unknown_fields_are_sent_unless_they_are_to_be_dropped() -> None:
    document = {"metadata": {"name": "a", "newer": 1}, "newer": {"x": 1}, "data": {"k": "v"}}
    with ScriptedServer(default=CREATED) as server:
        config.api_server = server.url
        ConfigMap.from_dict(document).save()
        switches.use(unknown_fields="drop")
        ConfigMap.from_dict(document).save()
        assert [request.body.count(b'"newer"') for request in server.requests] == [2, 0]
        assert all(b'"k":"v"' in request.body for request in server.requests)


def test_a_POST_without_an_answer_is_not_sent_again_unless_told() -> None:
    with ScriptedServer(no_reply(), no_reply(), CREATED) as server:
        config.api_server = server.url
        made = ConfigMap(metadata=ObjectMeta(name="a"))
        with pytest.raises(OutcomeUnknown):
            made.save()
        assert len(server.requests) == 1
        switches.use(repeat_posts=True)
        made.save()
        assert made.metadata.uid == "1"
        assert len(server.requests) == 3


def test_a_whole_namespace_is_not_deleted_unless_told(namespace: str) -> None:
    ConfigMap(metadata=ObjectMeta(name="a", namespace=namespace)).save()
    with pytest.raises(RequestError, match="everything"):
        ConfigMap.delete_list(namespace)
    assert len(ConfigMap.list(namespace)) == 1
    switches.use(delete_everything=True)
    ConfigMap.delete_list(namespace)
    assert ConfigMap.list(namespace) == []


def test_errors_show_bodies_only_if_told(namespace: str) -> None:
    def notes() -> str:
        with pytest.raises(ClientError) as caught:
            Secret(metadata=ObjectMeta(name="a_b", namespace=namespace), stringData={"password": "hunter2"}).save()
        return str(caught.value) + repr(getattr(caught.value, "__notes__", []))

    assert "hunter2" not in notes()
    switches.use(Secret, error_bodies=True)
    assert "hunter2" in notes()
    assert "answered: " in notes()


def test_a_switch_of_a_model_comes_before_that_of_the_process() -> None:
    switches.use(positional="drop")
    switches.use(Probe, positional="refuse")
    assert [switches.value_of("positional", model) for model in (Probe, ConfigMap)] == ["refuse", "drop"]
    switches.reset()
    assert {name: switches.value_of(name, Probe) for name in switches.CHOICES} == {
        name: values[0] for name, values in switches.CHOICES.items()
    }


@pytest.mark.parametrize(("wrong", "said"), [({"positionl": 1}, "there are"), ({"positional": "x"}, "is not one of")])
def test_a_wrong_switch_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        switches.use(**wrong)
