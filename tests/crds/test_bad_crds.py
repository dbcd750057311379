# SPDX-License-Identifier: Apache-2.0
"""Input that is no usable CRD: a clear error that names document, path and reason, before anything is written."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any

import pytest
from crd_corpus import corpus_crd

from k8s_core.model.yaml import dump_yaml
from k8s_devkit.codegen.crd_package import find_project, package_sources, plan_project, write_project
from k8s_devkit.codegen.crd_reader import check_crd, read_crds
from k8s_devkit.codegen.crd_sources import read_crd_source
from k8s_devkit.codegen.errors import CodegenError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCHEMA = "spec.versions[0].schema.openAPIV3Schema"
FIELD = f"{SCHEMA}.properties[spec].properties[x]"
TEXT = {"type": "string"}


def changed(change: Callable[[dict[str, Any], dict[str, Any]], object]) -> dict[str, Any]:
    crd = copy.deepcopy(corpus_crd("scalars"))
    change(crd, crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"])
    return crd


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("text", "not a CustomResourceDefinition: the document is no mapping"),
        ({"kind": "Pod", "apiVersion": "v1"}, "kind: not a CustomResourceDefinition: kind is 'Pod'"),
        (
            changed(lambda crd, _: crd.update(apiVersion="apiextensions.k8s.io/v1beta1")),
            "apiVersion is 'apiextensions.k8s.io/v1beta1', not 'apiextensions.k8s.io/v1': v1beta1 was removed",
        ),
        (changed(lambda crd, _: crd.pop("spec")), "metadata and spec must be mappings"),
        (changed(lambda crd, _: crd["metadata"].update(name="wrong")), "metadata.name: Invalid value"),
        (changed(lambda crd, _: crd["spec"].update(scope="Galaxy")), "spec.scope: Unsupported value"),
        (changed(lambda crd, _: crd["spec"].update(versions=[])), "spec.versions: Required value"),
        (
            changed(lambda crd, _: crd["spec"]["versions"][0].pop("schema")),
            f"{SCHEMA}: Required value: schemas are required",
        ),
        (
            changed(lambda _, fields: fields.update(x={})),
            f"{FIELD}.type: Required value",
        ),
        (
            changed(lambda _, fields: fields.update(x={"$ref": "#/definitions/X", "type": "object"})),
            f"{FIELD}.$ref: Forbidden",
        ),
        (
            changed(lambda _, fields: fields.update(x={"type": "array"})),
            f"{FIELD}.items: Required value",
        ),
        (
            changed(
                lambda _, fields: fields.update(
                    x={"type": "object", "properties": {"a": TEXT}, "additionalProperties": TEXT}
                )
            ),
            "additionalProperties and properties are mutual exclusive",
        ),
        (
            changed(lambda crd, _: crd["spec"].update(preserveUnknownFields=True)),
            "preserveUnknownFields: must be",
        ),
    ],
)
def test_what_is_no_usable_crd(document: Any, message: str) -> None:
    with pytest.raises(CodegenError) as caught:
        check_crd("input.yaml", document)
    assert str(caught.value).startswith("input.yaml: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ({"type": "array", "items": [{"type": "string"}]}, "properties.x.items: must be one schema"),
        ({"type": "file"}, "properties.x.type: unknown type 'file'"),
        (
            {"type": "string", "patternPropertie": {}},
            "x.patternPropertie: is no keyword of a structural",
        ),
        (
            {"type": "object", "required": ["b"], "properties": {"a": TEXT}},
            "requires 'b', which is no property",
        ),
    ],
)
def test_what_has_no_class(field: dict[str, Any], message: str) -> None:
    crd = changed(lambda _, fields: fields.update(x=field))
    with pytest.raises(CodegenError) as caught:
        read_crds([("input.yaml", crd)], "p")
    assert f"input.yaml: {SCHEMA.replace('.schema', '.schema', 1)}" in str(caught.value)
    assert message in str(caught.value)


def test_names_that_collide() -> None:
    crd = changed(lambda _, fields: fields.update({"a-b": {"type": "string"}, "a.b": {"type": "string"}}))
    with pytest.raises(CodegenError, match=r"properties\.a\.b: attribute 'a_b' would stand for 'a-b' as well"):
        read_crds([("input.yaml", crd)], "p")
    crds = [("one.yaml", corpus_crd("lists")), ("two.yaml", corpus_crd("lists"))]
    with pytest.raises(CodegenError, match=r"two\.yaml: .*Lists of .*/v1 is also defined in one\.yaml"):
        read_crds(crds, "p")


def test_kinds_that_would_be_one_class() -> None:
    def named(kind: str) -> dict[str, Any]:
        crd = corpus_crd("scalars")
        plural = f"{kind.lower()}s"
        crd["metadata"]["name"] = f"{plural}.corpus.example.com"
        crd["spec"]["names"] = {"kind": kind, "plural": plural}
        return crd

    crds = [(f"{kind}.yaml", check_crd(kind, named(kind))) for kind in ("FooBar", "Foo-Bar")]
    with pytest.raises(CodegenError, match="FooBar and Foo-Bar would be the same class FooBar"):
        read_crds(crds, "p")


def test_a_collision_writes_nothing_and_kinds_toml_settles_it(tmp_path: Path) -> None:
    crd = changed(lambda _, fields: fields.update({"a-b": {"type": "string"}, "a.b": {"type": "string"}}))
    root = tmp_path / "new"
    root.mkdir()
    with pytest.raises(CodegenError, match=r'\[fields\."ScalarsSpec\.a\.b"\] name = "another_name"'):
        plan_project(find_project("k8s-crd-overlay", root), [("input.yaml", crd)])
    assert list(root.iterdir()) == []
    (root / "kinds.toml").write_text('[fields."ScalarsSpec.a.b"]\nname = "a_dot_b"\n')
    project = find_project("k8s-crd-overlay", root)
    write_project(project, plan_project(project, [("input.yaml", crd)]))
    source = (root / "src/k8s_crd_overlay/v1.py").read_text()
    assert 'a_dot_b: str | None = field("a.b", default=None)' in source
    assert (root / "kinds.toml").is_file()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "neither YAML nor JSON"),
        ("", "no CustomResourceDefinition among its 0 documents"),
        ("a: 1\n---\nb: 2\n", "no CustomResourceDefinition among its 2 documents"),
        ("kind: Deployment\napiVersion: apps/v1\n", "not a CustomResourceDefinition: kind is 'Deployment'"),
    ],
)
def test_files_without_a_crd(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "input.yaml"
    file.write_text(text)
    with pytest.raises(CodegenError, match=message) as caught:
        read_crd_source(str(file))
    assert str(file) in str(caught.value)


def test_sources_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CodegenError, match="cannot be read"):
        read_crd_source(str(tmp_path / "missing.yaml"))
    with pytest.raises(CodegenError, match="in its 0 YAML and JSON files"):
        read_crd_source(str(tmp_path))
    with pytest.raises(CodegenError, match="no cluster can be asked here"):
        read_crd_source("cluster:example.com")


def test_a_bad_crd_beside_good_ones_is_named(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(dump_yaml(corpus_crd("lists")))
    bad = changed(lambda crd, _: crd["spec"].update(versions=[]))
    (tmp_path / "bad.yaml").write_text(dump_yaml(bad))
    with pytest.raises(CodegenError, match=r"bad\.yaml: spec\.versions"):
        read_crd_source(str(tmp_path))


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda crd: crd["spec"]["names"].update(kind="X(Resource): pass\nimport os"), "spec.names.kind"),
        (lambda crd: crd["spec"]["versions"][0].update(name="../../../evil"), "spec.versions[0].name"),
        (lambda crd: crd["spec"]["versions"][0].update(name="v1.x"), "spec.versions[0].name"),
        (lambda crd: crd["spec"]["names"].update(shortNames=['"]; import os']), "spec.names.shortNames"),
        (lambda crd: crd["spec"]["names"].update(singular="Not A Name"), "spec.names.singular"),
        (lambda crd: crd["spec"]["names"].update(categories=[3]), "spec.names.categories"),
    ],
    ids=["kind", "version is a path", "version has a dot", "short name", "singular", "category"],
)
def test_hostile_names_become_neither_code_nor_paths(change: Callable[[dict[str, Any]], None], path: str) -> None:
    crd = changed(lambda crd, _: change(crd))
    with pytest.raises(CodegenError) as caught:
        check_crd("input.yaml", crd)
    assert str(caught.value).startswith(f"input.yaml: {path}: ")


def test_a_hostile_group_becomes_no_path() -> None:
    crd = corpus_crd("scalars")
    crd["spec"]["group"] = "../../evil"
    crd["metadata"]["name"] = f"{crd['spec']['names']['plural']}.../../evil"
    with pytest.raises(CodegenError, match=r"spec\.group: '\.\./\.\./evil' is no name"):
        check_crd("input.yaml", crd)


def test_hostile_texts_stay_texts() -> None:
    evil = '"""\nimport os\nos.system("true")\n"""\\" \x1b[31m'
    crd = changed(lambda _, fields: fields.update({evil: {"type": "string", "description": evil, "enum": [evil]}}))
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["description"] = schema["properties"]["spec"]["description"] = evil
    source = package_sources(read_crds([("input.yaml", check_crd("input.yaml", crd))], "p"))["p/v1.py"]
    tree = ast.parse(source)
    assert {node.names[0].name for node in ast.walk(tree) if isinstance(node, ast.Import)} == set()
    assert "\x1b" not in source


def test_a_version_that_python_cannot_spell(tmp_path: Path) -> None:
    crd = changed(lambda crd, _: crd["spec"]["versions"][0].update(name="v1-rc"))
    described = read_crds([("input.yaml", check_crd("input.yaml", crd))], "p")
    assert "p/v1_rc.py" in package_sources(described)
