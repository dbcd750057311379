# SPDX-License-Identifier: Apache-2.0
"""PersistentVolumeClaims."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.classes import default_class
from k8s_devkit.strategy.equality import difference, same
from k8s_devkit.strategy.formats import dns_label, dns_subdomain
from k8s_devkit.strategy.immutability import IMMUTABLE
from k8s_devkit.strategy.labels import check_annotations, check_label_map
from k8s_devkit.strategy.selectors import check_label_selector
from k8s_plugins_builtin.core.server.deprecations import beta_class_warning, fractional_bytes
from k8s_plugins_builtin.core.server.pods.defaults import default_claim
from k8s_plugins_builtin.core.server.protection import CLAIM_FINALIZER, protect
from k8s_plugins_builtin.core.server.resources import amount, check_positive

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_core.model.quantity import Quantity
    from k8s_devkit.strategy import ControllerContext, Document, FieldError, ServerContext

__all__ = ["VOLUME_MODES", "PersistentVolumeClaimStrategy", "check_access_modes", "check_claim_template"]

_ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_IMMUTABLE_SPEC = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n"
)


class PersistentVolumeClaimStrategy(Strategy):
    """PersistentVolumeClaim."""

    delete_returns_object = True
    initial_status: ClassVar[Document] = {"phase": "Pending"}

    def default(self, new: Document, old: Document | None) -> None:
        default_claim(new)
        spec = new["spec"]
        source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
        if source and not _is_known_source(source) and not ((old or {}).get("spec") or {}).get("dataSource"):
            del spec["dataSource"]  # as before there were other sources
            source = None
        # The two fields for the source are kept in step.
        if source and not reference:
            spec["dataSourceRef"] = dict(source)
        elif reference and not source and not reference.get("namespace"):
            spec["dataSource"] = dict(reference)

    def admit(self, new: Document, old: Document | None, ctx: ServerContext) -> None:
        """Protect a new claim and give it the default class, as the admission plugins for storage do."""
        if old is not None:
            return
        protect(new, CLAIM_FINALIZER)
        if "storageClassName" in new["spec"] or _BETA_CLASS in (new["metadata"].get("annotations") or {}):
            return
        if name := default_class(ctx, "storage.k8s.io", "storageclasses", _DEFAULT_CLASS):
            new["spec"]["storageClassName"] = name

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        own = [*self.check_metadata(new, created=False), *_check(new)]
        return [*own, *self.check_metadata_update(new, old), *own, *_check_kept(new, old)]

    def warnings(self, new: Document, old: Document | None) -> Iterable[str]:
        requests = ((new.get("spec") or {}).get("resources") or {}).get("requests")
        yield from beta_class_warning(new["metadata"])
        yield from fractional_bytes(requests, "spec.resources.requests")

    def reconcile(self, obj: Document, ctx: ControllerContext) -> None:
        """Bind the claim to a volume of the requested size, as a provisioner would."""
        spec, status = obj["spec"], obj.setdefault("status", {})
        spec.setdefault("volumeName", f"pvc-{obj['metadata']['uid']}")
        status.update(phase="Bound", accessModes=spec.get("accessModes", []))
        status["capacity"] = (spec.get("resources") or {}).get("requests", {})


def _check(document: Document) -> Problems:
    return _check_claim_spec(document.get("spec") or {}, "spec")


def check_access_modes(problems: Problems, spec: Document, path: str) -> None:
    """The access modes of a claim or a volume, which has one at least."""
    modes, where = spec.get("accessModes") or [], f"{path}.accessModes"
    for mode in modes:
        if mode not in _ACCESS_MODES:
            problems.unsupported(where, mode, _ACCESS_MODES)
    if "ReadWriteOncePod" in modes and set(modes) & set(_ACCESS_MODES[:3]):
        problems.forbidden(where, "may not use ReadWriteOncePod with other access modes")


def check_claim_template(template: Document, path: str) -> Problems:
    """The template of a claim, in an ephemeral volume."""
    metadata, problems = template.get("metadata") or {}, Problems()
    problems += check_annotations(metadata.get("annotations"), f"{path}.metadata.annotations")
    problems += check_label_map(metadata.get("labels"), f"{path}.metadata.labels")
    for name, value in metadata.items():
        if value and name not in ("annotations", "labels"):
            problems.forbidden(f"{path}.metadata.{name}", "cannot be set")
    problems += _check_claim_spec(template.get("spec") or {}, f"{path}.spec")
    return problems


def _check_claim_spec(spec: Document, path: str) -> Problems:
    problems = Problems()
    if not spec.get("accessModes"):
        problems.required(f"{path}.accessModes", "at least 1 access mode is required")
    problems += check_label_selector(spec.get("selector"), f"{path}.selector")
    check_access_modes(problems, spec, path)
    storage = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if storage is None:
        problems.required(f"{path}.resources[storage]")
    else:
        problems += check_positive(storage, f"{path}.resources[storage]")
    if spec.get("storageClassName"):
        problems.invalid(f"{path}.storageClassName", spec["storageClassName"], *dns_subdomain(spec["storageClassName"]))
    problems.one_of(spec, path, "volumeMode", VOLUME_MODES)
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    for name, value in (("dataSource", source), ("dataSourceRef", reference)):
        if value is not None:
            _check_data_source(problems, value, f"{path}.{name}")
    if source is not None and reference is not None:
        if reference.get("namespace"):
            text = "may not be specified when dataSourceRef.namespace is specified"
            problems.invalid(path, f"{path}.dataSource", text)
        elif any(source.get(name) != reference.get(name) for name in ("apiGroup", "kind", "name")):
            problems.invalid(path, f"{path}.dataSource", "must match dataSourceRef")
    if class_ := spec.get("volumeAttributesClassName"):
        problems.invalid(f"{path}.volumeAttributesClassName", class_, *dns_subdomain(class_))
    return problems


def _is_known_source(source: Document) -> bool:
    known = (("", "PersistentVolumeClaim"), ("snapshot.storage.k8s.io", "VolumeSnapshot"))
    return (source.get("apiGroup", ""), source.get("kind", "")) in known


def _check_data_source(problems: Problems, source: Document, path: str) -> None:
    for name in ("name", "kind"):
        if not source.get(name):
            problems.required(f"{path}.{name}")
    group, kind = source.get("apiGroup", ""), source.get("kind", "")
    if not group and kind != "PersistentVolumeClaim":
        text = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        problems.invalid(path, kind, text)
    if group:
        problems.invalid(f"{path}.apiGroup", group, *dns_subdomain(group))
    if namespace := source.get("namespace"):
        problems.invalid(f"{path}.namespace", namespace, *dns_label(namespace))


def _check_kept(document: Document, live: Document) -> Problems:
    """A claim keeps its spec, but a bound one can grow."""
    spec, old, problems = document.get("spec") or {}, live.get("spec") or {}, Problems()
    bound = (document.get("status") or {}).get("phase") == "Bound"
    problems += _check_annotation(document, live)
    changed, before = _claim_core(spec), _claim_core(old)
    if not old.get("volumeName"):
        before["volumeName"] = spec.get("volumeName")
    if old.get("storageClassName") is None and spec.get("storageClassName") is not None:
        before["storageClassName"] = spec["storageClassName"]
    now, was = _requested(spec), _requested(old)
    if bound:
        changed["volumeAttributesClassName"] = before.get("volumeAttributesClassName")
    elif now != was:
        changed["storage"], before["storage"] = str(now), str(was)
    if not same(changed, before):
        problems.forbidden("spec", _IMMUTABLE_SPEC + difference(before, changed))
    if now < was and now <= amount(((live.get("status") or {}).get("capacity") or {}).get("storage", 0)):
        problems.forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")
    if not same(spec.get("volumeMode"), old.get("volumeMode")):
        problems.invalid("volumeMode", spec.get("volumeMode"), IMMUTABLE)
    return problems


def _check_annotation(document: Document, live: Document) -> Problems:
    problems = Problems()
    now, before = ((part["metadata"].get("annotations") or {}).get(_BETA_CLASS, "") for part in (document, live))
    if now != before:
        problems.invalid(f"metadata.annotations.{_BETA_CLASS}", now, IMMUTABLE)
    return problems


def _claim_core(spec: Document) -> Document:
    core = dict(spec)
    resources = dict(core.get("resources") or {})
    requests = {name: value for name, value in (resources.get("requests") or {}).items() if name != "storage"}
    core["resources"] = {**resources, "requests": requests}
    return core


def _requested(spec: Document) -> Quantity:
    return amount(((spec.get("resources") or {}).get("requests") or {}).get("storage", 0))
