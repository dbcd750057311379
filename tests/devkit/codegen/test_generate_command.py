# SPDX-License-Identifier: Apache-2.0
"""``k8s-core generate kinds``: from a directory and from a cluster, with exit codes and messages."""

from __future__ import annotations

import ast
import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from scripted_server import ScriptedServer, reply
from small_openapi import openapi, paths_of

from k8s_core.cli import main
from k8s_core.client import Client
from k8s_core.configuration import Config
from k8s_devkit import ApiServer
from k8s_devkit.codegen import CodegenError, discover_facts, read_cluster
from k8s_plugins_builtin.apiextensions.v1 import CustomResourceDefinition

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "shop.json").write_text(json.dumps(openapi()), "utf-8")
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(["generate", "kinds", *map(str, arguments)])
    output = capsys.readouterr()
    return int(caught.value.code or 0), output.out, output.err


def test_from_a_directory(documents: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "src"
    arguments = ("shopkinds", "--from", documents, "--output", source)
    code, out, _ = run(capsys, *arguments, "--check")
    assert code == 1
    assert "5 files would be written, 0 would be removed" in out
    assert not source.exists()
    code, out, err = run(capsys, *arguments)
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "1 modules, 4 classes, 1 kinds; 5 files written, 0 removed"
    assert str(source / "shopkinds/shop/v1.py") in out
    assert run(capsys, *arguments, "--check")[:2] == (0, "1 modules, 4 classes, 1 kinds; everything is up to date\n")


def test_bad_input_is_one_line(documents: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (documents / "shop.json").write_text("[]", "utf-8")
    code, out, err = run(capsys, "shopkinds", "--from", documents, "-o", tmp_path / "src")
    assert (code, out) == (1, "")
    assert err == "error: shop.json: not an OpenAPI v3 document: the top level is not a JSON object\n"
    assert not (tmp_path / "src").exists()


@pytest.mark.parametrize("arguments", [(), ("--cluster", "--from", ".")])
def test_one_source_is_needed(arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "shopkinds", "-o", tmp_path, *arguments)
    assert code == 2
    assert "give one of --from DIR and --cluster" in " ".join(err.split())


CRD = {
    "metadata": {"name": "widgets.toys.example.org"},
    "spec": {
        "group": "toys.example.org",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": ["wd"]},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "required": ["size"],
                                "properties": {
                                    "size": {"type": "integer"},
                                    "parts": {
                                        "type": "array",
                                        "items": {"type": "object", "properties": {"id": {"type": "string"}}},
                                    },
                                },
                            }
                        },
                    }
                },
            }
        ],
    },
}


@pytest.fixture
def cluster() -> Iterator[ApiServer]:
    with ApiServer() as server, server.client() as client:
        crd = client.create(CustomResourceDefinition.from_dict(CRD))
        name = f"metadata.name={crd.metadata.name}"
        with closing(client.watch(CustomResourceDefinition, fields=name)) as events:
            assert next(event.object for event in events if event.object.is_ready())
        yield server


def test_from_a_cluster(
    cluster: ApiServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(cluster.kubeconfig(), "utf-8")
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    arguments = ("toykinds", "--cluster", "--output", tmp_path / "src")
    code, _, err = run(capsys, *arguments, "--group", "toys.example.org")
    assert (code, err) == (0, "")
    text = (tmp_path / "src/toykinds/toys/v1.py").read_text("utf-8")
    classes = {node.name: ast.unparse(node) for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}
    assert {"Widget", "WidgetSpec", "WidgetSpecParts"} <= set(classes)
    assert "short_names=('wd',)" in classes["Widget"]
    assert "size: int\n" in classes["WidgetSpec"]
    assert "parts: list[WidgetSpecParts] = ABSENT" in classes["WidgetSpec"]
    code, _, err = run(capsys, *arguments, "--group", "none.example.org")
    assert (code, err) == (1, "error: /openapi/v3: the cluster serves none of the API groups none.example.org\n")


def test_discovery_says_what_openapi_does_not(cluster: ApiServer) -> None:
    with cluster.client() as client:
        documents = read_cluster(client, frozenset({"apps", "core"}))
        assert set(documents) == {"api/v1", "apis/apps/v1"}
        facts = discover_facts(client, documents).kinds
    assert facts["apps/v1/Deployment"]["short_names"] == ["deploy"]
    assert facts["v1/Pod"] == {"short_names": ["po"], "categories": ["all"], "singular": "pod"}


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([b"[]"], "/openapi/v3: the top level is not a JSON object"),
        ([b"{}"], "/openapi/v3: paths: the index has no paths"),
        ([b"<html>"], "/openapi/v3: not JSON"),
        ([b'{"paths": {"apis/a/v1": {}}}'], "/openapi/v3: paths.apis/a/v1: no serverRelativeURL"),
        (
            [b'{"paths": {"apis/a/v1": {"serverRelativeURL": "/openapi/v3/apis/a/v1?hash=1"}}}', b'{"swagger": "2.0"}'],
            "apis/a/v1: not an OpenAPI v3 document",
        ),
    ],
)
def test_a_server_that_answers_something_else(answers: list[bytes], reason: str) -> None:
    scripts = [reply(200, body, headers={"Content-Type": "application/json"}) for body in answers]
    with ScriptedServer(*scripts) as server, Client(Config(server=server.url)) as client:
        with pytest.raises(CodegenError) as caught:
            read_cluster(client)
        assert reason in str(caught.value)


def test_paths_of_a_document_are_requested_with_their_hash() -> None:
    index = {
        "paths": {
            "apis/shop.example.com/v1": {"serverRelativeURL": "/openapi/v3/apis/shop.example.com/v1?hash=AB"},
            "api": {},
        }
    }
    bodies = [json.dumps(index).encode(), json.dumps(openapi(paths=paths_of("Order", "orders"))).encode()]
    scripts = [reply(200, body, headers={"Content-Type": "application/json"}) for body in bodies]
    with ScriptedServer(*scripts) as server, Client(Config(server=server.url)) as client:
        assert list(read_cluster(client)) == ["apis/shop.example.com/v1"]
        assert server.requests[1].path == "/openapi/v3/apis/shop.example.com/v1"
        assert ("hash", "AB") in server.requests[1].query
