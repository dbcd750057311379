# SPDX-License-Identifier: Apache-2.0
"""A corpus of CRD features: each generates, imports, type-checks, and comes back as the CRD that it was."""

from __future__ import annotations

import importlib
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from crd_corpus import CORPUS, corpus_crd, huge_crd, normal, served

from k8s_core.meta import LabelSelector
from k8s_core.model import Model, Resource, model_fields
from k8s_core.model.crd_manifest import stored_first
from k8s_core.model.types import ListType, LiteralType, MapType, ModelType, OpaqueType
from k8s_devkit.codegen.crd_package import format_package, raw_sources
from k8s_devkit.codegen.crd_reader import check_crd, read_crds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core.model.types import FieldType

ROOT = Path(__file__).parents[2]
NAMES = [*CORPUS, "huge"]


def crd_of(name: str) -> dict[str, Any]:
    return huge_crd() if name == "huge" else corpus_crd(name)


def package_of(name: str) -> str:
    return f"corpus_{name.replace('-', '_')}"


def generate(name: str, crd: dict[str, Any]) -> dict[str, str]:
    described = read_crds([(name, check_crd(name, crd))], package_of(name))
    return raw_sources(described)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory with one package for each CRD, on ``sys.path``."""
    root = tmp_path_factory.mktemp("corpus")
    sources: dict[str, str] = {}
    for name in NAMES:
        sources |= generate(name, crd_of(name))
    for file, text in format_package(sources).items():
        target = root / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for name in NAMES:
        (root / package_of(name) / "py.typed").touch()
    sys.path.insert(0, str(root))
    yield root
    sys.path.remove(str(root))
    for module in [module for module in sys.modules if module.startswith("corpus_")]:
        del sys.modules[module]


def classes_of(name: str) -> list[type[Resource]]:
    classes = []
    for version in crd_of(name)["spec"]["versions"]:
        if version["served"]:
            module = importlib.import_module(f"{package_of(name)}.{version['name']}")
            kinds = [getattr(module, each) for each in module.__all__]
            classes += [each for each in kinds if issubclass(each, Resource)]
    return classes


@pytest.mark.parametrize("name", NAMES)
def test_class_and_crd_are_each_others_inverse(generated: Path, name: str) -> None:
    ((stored, *others),) = stored_first(classes_of(name))
    made = stored.crd(*others)
    assert normal(made) == normal(served(crd_of(name)))
    check_crd(name, made)
    assert generate(name, made) == generate(name, served(crd_of(name)))


@pytest.mark.parametrize("name", NAMES)
def test_documents_survive_with_every_attribute_touched(generated: Path, name: str) -> None:
    rng = random.Random(name)
    for cls in classes_of(name):
        for _ in range(10):
            document = {"apiVersion": cls.api_resource.api_version, "kind": cls.api_resource.kind}
            document |= sample(cls, rng, depth=4)
            obj = cls.from_dict(document)
            touch(obj)
            assert obj.to_dict() == document
            assert cls.from_yaml(obj.to_yaml()).to_dict() == document


@pytest.mark.slow
def test_the_corpus_type_checks(generated: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache/corpus"), str(generated)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_corpus_is_clean_for_ruff(generated: Path) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length", "120", "--select"]
    # Not in this folder, where a directory k8s_core makes ruff take that for the user's own code.
    done = subprocess.run(
        [*command, "E,F,W,I,UP,B,RUF", "."], cwd=generated, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_generation_does_not_depend_on_the_order_of_the_input() -> None:
    crds = [(name, check_crd(name, crd_of(name))) for name in ("lists", "names", "maps", "protected-group")]
    first = raw_sources(read_crds(crds, "p"))
    assert raw_sources(read_crds(crds[::-1], "p")) == first


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("same-shapes", {"SameShapesSecretRef", "SameShapesStoreOptions", "SameShapesCacheOptions", "SameShapesStore"}),
        (
            "unnamed-objects",
            {"UnnamedObjectsListener", "UnnamedObjectsAddress", "UnnamedObjectsPolicy", "UnnamedObjectsBox"},
        ),
        ("unnamed-objects", {"UnnamedObjectsStatus"}),
        ("reserved-kind", {"ResourceKind", "ResourceKindModel", "ResourceKindSpec"}),
        ("empty-objects", {"EmptyObjectsSelfSigned", "EmptyObjectsChoice"}),
        ("deep", {"DeepA", "DeepF"}),
    ],
)
def test_nested_classes_have_sensible_names(generated: Path, name: str, names: set[str]) -> None:
    assert names <= set(importlib.import_module(f"{package_of(name)}.v1").__all__)


def test_a_shared_shape_is_one_class(generated: Path) -> None:
    spec = model_fields(classes_of("same-shapes")[0])["spec"].type.model  # type: ignore[attr-defined]  # a ModelType
    fields = model_fields(spec)
    assert fields["passwordSecretRef"].type.model is fields["tokenSecretRef"].type.model


def test_types_of_the_api_machinery_are_recognised(generated: Path) -> None:
    kind = classes_of("well-known")[0]
    obj = kind.from_dict({"spec": {"selector": {"matchLabels": {"a": "b"}}}})
    assert isinstance(obj.spec.selector, LabelSelector)


def sample(cls: type[Model], rng: random.Random, depth: int) -> dict[str, Any]:
    """A document with odd values, nulls and keys that the class does not know."""
    document: dict[str, Any] = {}
    for wire_name, spec in model_fields(cls).items():
        if rng.random() < 0.7:
            document[wire_name] = value_of(spec.type, rng, depth)
    document[f"unknown{rng.randint(0, 9)}"] = rng.choice([None, [], {}, {"a": [1, None]}, 2**53, "x"])
    return document


def value_of(type_: FieldType, rng: random.Random, depth: int) -> Any:
    if rng.random() < 0.1 or depth == 0:
        return rng.choice([None, "odd", 7, True, [], {}])
    match type_:
        case ModelType(model=model):
            return sample(model, rng, depth - 1)
        case ListType(item=item):
            return [value_of(item, rng, depth - 1) for _ in range(rng.randint(0, 2))]
        case MapType(value=value):
            return {f"k{n}": value_of(value, rng, depth - 1) for n in range(rng.randint(0, 2))}
        case LiteralType(values=values):
            return rng.choice(values)
        case OpaqueType():
            return {"any": ["thing", None, 1.5]}
    return rng.choice(["text", "10Mi", "2026-11-22T10:00:00Z", "aGk=", 1, True])


def touch(obj: Model) -> None:
    for spec in model_fields(type(obj)).values():
        value = getattr(obj, spec.name)
        for part in value if isinstance(spec.type, ListType) and not isinstance(value, (str, int)) else [value]:
            if isinstance(part, Model):
                touch(part)
