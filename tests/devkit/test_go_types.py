# SPDX-License-Identifier: Apache-2.0
"""What the files of Go types say, and what follows from it for the fields of built-in kinds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from k8s_devkit.api_server.kinds.go_types import GoField, GoTypes, go_types
from k8s_devkit.api_server.kinds.shapes import shape_of_model
from k8s_devkit.api_server.patches.walking import compare
from k8s_devkit.api_server.writes.conform import WrongType, check_types
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import Pod

MACHINERY = """\
# made by hand
[meta/v1] k8s.io/apimachinery/pkg/apis/meta/v1 meta.k8s.io
ObjectMeta: 1 name? string, 8 created?? Time
Patch:
Time = time
[resource] k8s.io/apimachinery/pkg/api/resource
Quantity = quantity
"""
GROUP = """\
[zoo/v1] example.org/api/zoo/v1 zoo.example.org
Animal: 1 metadata? meta/v1.ObjectMeta, 2 legs *int32, 3 food? map[string][]Meal,
  4 sort? string = "cat, or dog", 5 tag? []byte, 6 + Owned, - weight resource.Quantity
Meal: 1 size int64
Owned: 1 owner? string
[zoo/v2] example.org/api/zoo/v2 zoo.example.org
Animal: 1 name string
"""
SOURCES = Path(os.environ.get("APIEXTENSIONS_ASSETS", "/nonexistent")) / "k8s.io"
ROOT = Path(__file__).resolve().parents[2]
BUILTIN = Path("k8s_plugins_builtin/src/k8s_plugins_builtin")
FILES = {
    "meta": Path("k8s_devkit/src/k8s_devkit/api_server/kinds/meta.txt"),
    **{file.parts[-3]: file.relative_to(ROOT) for file in (ROOT / BUILTIN).glob("*/server/types.txt")},
}


def types(**more: str) -> GoTypes:
    files = {"meta": MACHINERY, "zoo": GROUP, **more}
    return GoTypes(files.get)


def animal(name: str) -> GoField:
    found = types().find("zoo.example.org", "v1", "Animal")
    assert found is not None
    return found.by_name[name]


def test_a_field_is_what_its_line_says() -> None:
    legs = animal("legs")
    assert (legs.number, legs.form, legs.pointer, legs.omitempty, legs.wraps) == (2, "int32", True, False, ())
    food = animal("food")
    assert (food.form, food.wraps, food.omitempty, food.pointer) == ("struct", ("map", "list"), True, False)
    assert food.type is not None
    assert food.type.by_name["size"].form == "int64"
    assert animal("sort").default == "cat, or dog"
    assert (animal("tag").form, animal("tag").wraps) == ("[]byte", ())
    assert animal("weight").number == 0


def test_a_named_type_has_the_form_that_its_own_package_says() -> None:
    metadata = animal("metadata").type
    assert metadata is not None
    assert (metadata.package.path, metadata.name) == ("k8s.io/apimachinery/pkg/apis/meta/v1", "ObjectMeta")
    created = metadata.by_name["created"]
    assert (created.form, created.omitempty, created.omitzero) == ("time", True, True)
    assert animal("weight").form == "quantity"


def test_the_fields_of_an_inlined_struct_are_the_owners_in_json_and_a_message_in_protobuf() -> None:
    found = types().find("zoo.example.org", "v1", "Animal")
    assert found is not None
    assert "owner" in found.by_name
    assert "" not in found.by_name
    assert [field.name for field in found.by_number.values()] == ["metadata", "legs", "food", "sort", "tag", ""]


@pytest.mark.parametrize(
    ("name", "zero"), [("metadata", {}), ("legs", None), ("food", None), ("sort", ""), ("tag", None), ("weight", "0")]
)
def test_the_zero_value_of_a_field(name: str, zero: Any) -> None:
    assert animal(name).zero == zero


def test_a_kind_is_found_by_the_whole_name_of_its_group() -> None:
    assert types().find("zoo.example.org", "v1", "Animal") is not None
    for group in ("zoo", "zoo.example.com", "", "core"):
        assert types().find(group, "v1", "Animal") is None


def test_a_version_without_a_section_is_like_the_first_that_has_one() -> None:
    newer, older = (types().find("zoo.example.org", version, "Animal") for version in ("v2", "v1beta1"))
    assert newer is not None
    assert older is not None
    assert list(newer.by_name) == ["name"]
    assert older.package.name == "zoo/v1"
    assert types().path("zoo.example.org", "v1beta1") == "example.org/api/zoo/v1beta1"
    assert types().path("other.example.org", "v1") == ""


def test_a_file_is_read_once_and_only_if_a_type_of_it_is_asked_for() -> None:
    read: list[str] = []

    def source(name: str) -> str:
        read.append(name)
        return texts[name]

    texts = {"meta": MACHINERY, "zoo": GROUP, "apps": "[apps/v1] k8s.io/api/apps/v1 apps\n"}
    known = GoTypes(source)
    for _ in range(2):
        found = known.find("zoo.example.org", "v1", "Animal")
        assert found is not None
    assert read == ["zoo"]
    assert found.by_name["metadata"].form == "struct"
    assert found.by_name["weight"].form == "quantity"
    assert read == ["zoo", "meta"]


def test_a_type_that_no_file_has() -> None:
    lost = types(bar="[bar/v1] example.org/bar/v1 bar\nDrink: 1 glass foo/v1.Glass\nJuice: 1 straw zoo/v1.Straw\n")
    drink, juice = (lost.find("bar", "v1", name) for name in ("Drink", "Juice"))
    assert drink is not None
    assert juice is not None
    with pytest.raises(LookupError, match=r"foo/v1\.Glass is in no file of Go types"):
        assert drink.fields
    with pytest.raises(LookupError, match=r"zoo/v1\.Straw"):
        assert juice.fields
    with pytest.raises(LookupError, match="has no Moment"):
        lost.machinery("Moment")


def test_a_line_that_is_not_of_the_format() -> None:
    broken = types(bar="[bar/v1] example.org/bar/v1 bar\nDrink: one glass\n").find("bar", "v1", "Drink")
    assert broken is not None
    with pytest.raises(ValueError, match=r"bar/v1\.Drink: 'one glass' is not a field of a Go struct"):
        assert broken.fields


def test_every_type_of_the_servers_own_files_is_there() -> None:
    known = go_types()
    for file in FILES:
        packages = known._file(file)
        assert packages, file
        for package in packages.values():
            for member in package.members.values():
                assert all(field.form for field in member.fields)


def test_integers_are_as_wide_as_in_go() -> None:
    shape = shape_of_model(Pod)
    check_types({"spec": {"terminationGracePeriodSeconds": 1 << 40}, "metadata": {"generation": 1 << 40}}, shape)
    with pytest.raises(
        WrongType, match=r"number 1099511627776 into Go struct field PodSpec\.spec\.priority of type int32"
    ):
        check_types({"spec": {"priority": 1 << 40}}, shape)
    check_types({"spec": {"securityContext": {"supplementalGroups": [1 << 40]}}}, shape)
    for wrong, type_ in (([1 << 63], "int64"), ("x", r"\[\]int64")):
        with pytest.raises(WrongType, match=f"supplementalGroups of type {type_}"):
            check_types({"spec": {"securityContext": {"supplementalGroups": wrong}}}, shape)


def test_a_struct_by_value_is_not_added_by_a_document_that_shows_it() -> None:
    shape = shape_of_model(Deployment)
    added = compare({}, {"spec": {"strategy": {"rollingUpdate": {}}}}, shape).added
    assert added == {("f:spec", "f:strategy", "f:rollingUpdate")}  # a pointer, below two structs by value
    assert not compare({"spec": {}}, {"spec": {"strategy": {}}}, shape).changed


@pytest.mark.skipif(
    not SOURCES.is_dir(), reason="no Go sources: set APIEXTENSIONS_ASSETS to what .ci/apiextensions-apiserver prints"
)
def test_the_files_are_what_the_generator_makes_of_the_sources(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / ".ci/go_types.py", SOURCES, tmp_path], check=True)
    made = {file.relative_to(tmp_path): file.read_text("utf-8") for file in tmp_path.rglob("*.txt")}
    assert made == {path: (ROOT / path).read_text("utf-8") for path in FILES.values()}
