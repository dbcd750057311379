# SPDX-License-Identifier: Apache-2.0
"""Documents of every kind of ``k8s.models`` survive reading, changing and saving, with fields that no class knows."""

from __future__ import annotations

import importlib
import json
import pkgutil
import random
from typing import Any

import pytest
from model_documents import document_of
from scripted_server import ScriptedServer, reply

import k8s.models
from k8s import config
from k8s_core import Resource
from k8s_core.model.codec import outgoing

MODULES = [importlib.import_module(f"k8s.models.{module.name}") for module in pkgutil.iter_modules(k8s.models.__path__)]
VALUES = [getattr(module, name) for module in MODULES for name in module.__all__]
KINDS = list(dict.fromkeys(value for value in VALUES if isinstance(value, type) and issubclass(value, Resource)))


def with_unknown_fields(value: Any, rng: random.Random) -> Any:
    """The document with keys of the future in some of its objects."""
    if isinstance(value, list):
        return [with_unknown_fields(item, rng) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: with_unknown_fields(item, rng) for key, item in value.items()}
    if rng.random() < 0.3:
        found[f"future{rng.randrange(9)}"] = rng.choice((None, [], {}, {"deep": [None, {"x": 1}]}, "text", 1.5, True))
    return found


def touch(model: Any) -> None:
    """Read every field, as a program does that looks at everything."""
    for name in model._meta.field_names:
        value = getattr(model, name)
        if hasattr(value, "_meta") and name in model:
            touch(value)
        elif hasattr(value, "append"):
            for item in value:
                if hasattr(item, "_meta"):
                    touch(item)


def named(kind: type[Resource], rng: random.Random) -> dict[str, Any]:
    document = with_unknown_fields(document_of(kind, rng), rng)
    document["metadata"] = {"name": "a", "namespace": "n", "uid": "u", "resourceVersion": "1", "newer": {"x": None}}
    return document


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.api_resource.api_version} {kind.__name__}")
def test_reading_everything_changes_nothing(kind: Any) -> None:
    for seed in range(20):
        rng = random.Random(seed)
        document = named(kind, rng)
        obj = kind.from_dict(document)
        touch(obj)
        assert obj.to_dict() == {key: value for key, value in document.items() if key != "stringData"}
        assert outgoing(obj) == obj.to_dict()


@pytest.mark.filterwarnings("ignore:Kubernetes removed:DeprecationWarning")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.api_resource.api_version} {kind.__name__}")
def test_a_save_sends_what_was_read_but_for_the_change(kind: Any) -> None:
    document = named(kind, random.Random(1))
    document.pop("stringData", None)
    with ScriptedServer(default=reply(200, json.dumps(document).encode())) as server:
        config.api_server = server.url
        read = kind.get("a", "n")
        read.metadata.labels = {"changed": "yes"}
        read.save()
        [_, sent] = server.requests
    document["metadata"]["labels"] = {"changed": "yes"}
    assert (sent.method, json.loads(sent.body)) == ("PUT", document)


def test_there_are_all_kinds() -> None:
    assert len(KINDS) == 22
