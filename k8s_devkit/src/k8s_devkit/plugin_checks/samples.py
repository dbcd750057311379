# SPDX-License-Identifier: Apache-2.0
"""The objects in a package's ``samples`` folder: reading them, and checking them by the Schemas of their classes."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from k8s_core.errors import DecodeError, KubernetesError, ValidationError
from k8s_core.model.yaml import load_all_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.resources.abc import Traversable

    from k8s_core.model import Resource
    from k8s_devkit.plugin_checks.report import PluginCheckReport

__all__ = ["Sample", "check_samples", "samples_of"]

_WHAT = "samples"


class Sample(NamedTuple):
    """An object that the author of a package knows to be valid.

    ``file`` is its file's name in the folder.
    """

    file: str
    document: dict[str, Any]


def samples_of(package: str, cls: type[Resource]) -> list[Sample]:
    """The objects of a kind in the ``samples`` folder of a Python package, by file name.

    Raises:
        DecodeError: a file is not YAML.
    """
    return [sample for file in _files(package) for sample in _read(file) if _is_of(sample.document, cls)]


def check_samples(report: PluginCheckReport, package: str, classes: Sequence[type[Resource]]) -> None:
    """The samples are YAML, and strict loading by the classes accepts them.

    Strict loading checks types, required fields and field names, and runs what a Schema of the class's own demands.
    """
    count = 0
    for file in _files(package):
        try:
            samples = list(_read(file))
        except DecodeError as error:
            report.add(_WHAT, "error", file.name, f"is not YAML: {error}", "make it YAML")
            continue
        for sample in samples:
            for cls in (cls for cls in classes if _is_of(sample.document, cls)):
                count += 1
                _check(report, sample, cls)
    if count:
        report.passed(_WHAT, f"{count} objects")


def _check(report: PluginCheckReport, sample: Sample, cls: type[Resource]) -> None:
    fix = f"correct the sample, or {cls.__qualname__}"
    try:
        cls.from_dict(sample.document, strict=True)
    except ValidationError as error:
        for path, messages in error.messages.items():
            subject = f"{sample.file} {path}".rstrip()
            report.add(_WHAT, "error", subject, f"{cls.__qualname__} refuses it: {'; '.join(messages)}", fix)
    except KubernetesError as error:
        report.add(_WHAT, "error", sample.file, f"{cls.__qualname__} refuses it: {error}", fix)
    except Exception as error:  # noqa: BLE001  # whatever the class's own Schema raises is the finding
        message = f"loading it as {cls.__qualname__} raised {type(error).__name__}: {error}"
        report.add(_WHAT, "error", sample.file, message, f"correct the Schema of {cls.__qualname__}")


def _files(package: str) -> list[Traversable]:
    folder = resources.files(package).joinpath("samples")
    if not folder.is_dir():
        return []
    return sorted((file for file in folder.iterdir() if file.name.endswith((".yaml", ".yml"))), key=lambda f: f.name)


def _read(file: Traversable) -> Iterator[Sample]:
    for document in load_all_yaml(file.read_bytes()):
        if isinstance(document, dict):
            yield Sample(file.name, document)


def _is_of(document: dict[str, Any], cls: type[Resource]) -> bool:
    resource = cls.api_resource
    return (document.get("apiVersion"), document.get("kind")) == (resource.api_version, resource.kind)
