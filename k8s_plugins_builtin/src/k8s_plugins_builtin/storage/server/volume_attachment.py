# SPDX-License-Identifier: Apache-2.0
"""VolumeAttachments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.equality import same
from k8s_devkit.strategy.formats import dns_subdomain
from k8s_devkit.strategy.immutability import IMMUTABLE
from k8s_plugins_builtin.core.server.pods.volume_sources import check_driver_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["VolumeAttachmentStrategy"]


class VolumeAttachmentStrategy(Strategy):
    """VolumeAttachment."""

    unconditional_update = False
    delete_returns_object = True
    status_update_keeps = ("labels", "annotations", "finalizers", "ownerReferences")

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new, created=False), *_check(new), *_check_spec_kept(new, old)]


def _check_spec_kept(new: Document, old: Document) -> Problems:
    spec, problems = new.get("spec") or {}, Problems()
    if not same(spec, old.get("spec")):
        problems.invalid("spec", _shown(spec), IMMUTABLE)
    return problems


def _shown(spec: Document) -> Document:
    """A spec as errors show it: a Go structure."""
    source = spec.get("source") or {}
    return {
        "Attacher": spec.get("attacher", ""),
        "Source": {
            "PersistentVolumeName": source.get("persistentVolumeName"),
            "InlineVolumeSpec": source.get("inlineVolumeSpec"),
        },
        "NodeName": spec.get("nodeName", ""),
    }


def _check(document: Document) -> Problems:
    spec, problems = document.get("spec") or {}, Problems()
    if not spec.get("attacher"):
        problems.required("spec.attacher")
    else:
        check_driver_name(problems, spec["attacher"], "spec.attacher")
    source = spec.get("source") or {}
    inline, name = source.get("inlineVolumeSpec"), source.get("persistentVolumeName")
    text = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
    if inline is None and name is None:
        problems.required("spec.source", text)
    elif inline is not None and name is not None:
        problems.forbidden("spec.source", text)
    elif name == "":
        problems.required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName")
    node = spec.get("nodeName", "")
    problems.invalid("spec.nodeName", node, *dns_subdomain(node))
    if name is not None:
        problems.invalid("spec.source.persistentVolumeName", name, *dns_subdomain(name))
    return problems
