# SPDX-License-Identifier: Apache-2.0
"""Checks of a plugin package's kinds on the embedded API server, which knows them from their CRDs."""

from __future__ import annotations

import contextlib
import copy
import re
import warnings
from typing import TYPE_CHECKING, Any

from k8s_core.client import Client
from k8s_core.errors import Invalid, KubernetesError, KubernetesWarning
from k8s_core.model.crd_manifest import stored_first
from k8s_core.plugins import Plugins
from k8s_core.registry import Registry
from k8s_devkit.api_server.custom.cel.engine import MISSING, available
from k8s_devkit.api_server.server import ApiServer
from k8s_devkit.plugin_checks.documents import smallest
from k8s_devkit.plugin_checks.samples import samples_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from k8s_core.model import Resource
    from k8s_devkit.plugin_checks.report import PluginCheckReport

__all__ = ["NO_OBJECT", "SAMPLES", "check_on_server", "documents_of", "expected_warnings"]

NO_OBJECT = "no valid object could be made up: {}"
SAMPLES = "put one into the package's samples/ folder, as YAML"
_WHAT = "on the server"
_NAMESPACE = "default"


def check_on_server(
    report: PluginCheckReport, plugins: Plugins, package: str, distribution: str, classes: Sequence[type[Resource]]
) -> None:
    """Create, read, list, change, watch and delete an object of each kind; its status, if that is a subresource.

    Starts an embedded server on loopback which knows the kinds from their CRDs only.
    """
    lived = 0
    blind = Registry(Plugins(block=[distribution]))
    with (
        expected_warnings(report, classes),
        ApiServer(registry=blind) as server,
        Client(server.config(), registry=Registry(plugins)) as client,
    ):
        for versions in stored_first(classes):
            subject = versions[0].api_resource.kind
            try:
                _establish(client, versions[0].crd(*versions[1:]))
            except (KubernetesError, AssertionError) as error:
                fix = "correct what the server objects to"
                report.add(_WHAT, "error", subject, f"the CRD was refused: {error}", fix)
                continue
            lived += sum(_try_kind(report, client, cls, package) for cls in versions)
    if lived:
        report.passed(_WHAT, f"{lived} objects created, read, listed, changed, watched, deleted")


def documents_of(package: str, cls: type[Resource]) -> tuple[list[dict[str, Any]], bool]:
    """Objects of a kind, with names, and whether they are the package's samples: otherwise one is made up."""
    given = [sample.document for sample in samples_of(package, cls)]
    objects = [_named(document, cls, f"check-{number}") for number, document in enumerate(given or [_made(cls)])]
    return objects, bool(given)


@contextlib.contextmanager
def expected_warnings(report: PluginCheckReport, classes: Sequence[type[Resource]]) -> Iterator[None]:
    """Silence what the server warns of and the package knows: the versions that it deprecates.

    Where CEL rules can't be evaluated, one finding takes the place of the warning at every write.
    """
    with warnings.catch_warnings():
        for cls in classes:
            warnings.filterwarnings("ignore", re.escape(_deprecation(cls)), KubernetesWarning)
        if not available() and any("x-kubernetes-validations" in str(cls.crd()) for cls in classes):
            warnings.filterwarnings("ignore", re.escape(MISSING), KubernetesWarning)
            report.add(_WHAT, "skipped", "CEL rules", "not evaluated", "pip install 'k8s-core-devkit[cel]'")
        yield


def _deprecation(cls: type[Resource]) -> str:
    """What the warning for a kind in a deprecated version begins with."""
    resource = cls.api_resource
    own = cls.crd()["spec"]["versions"][0].get("deprecationWarning")
    return own or f"{resource.api_version} {resource.kind} is deprecated"


def _establish(client: Client, crd: dict[str, Any]) -> None:
    """Create a CRD and wait until its kind is served. Raises AssertionError if its names are taken."""
    created: Any = client.create(crd)
    start = created.metadata.resourceVersion
    name = created.metadata.name
    for event in client.watch(type(created), fields={"metadata.name": name}, resource_version=start):
        status = event.object.to_dict().get("status") or {}
        conditions = {each["type"]: each for each in status.get("conditions") or ()}
        refused = conditions.get("NamesAccepted", {})
        _expect(refused.get("status") != "False", f"its names were not accepted: {refused.get('message')}")
        if conditions.get("Established", {}).get("status") == "True":
            return


def _try_kind(report: PluginCheckReport, client: Client, cls: type[Resource], package: str) -> int:
    """Returns how many objects lived."""
    lived = 0
    subject = str(cls.api_resource.gvk)
    documents, given = documents_of(package, cls)
    for document in documents:
        try:
            _live(client, cls, document)
            lived += 1
        except Invalid as error:
            if given:
                report.add(
                    _WHAT, "error", subject, f"a sample was refused: {error}", "correct the sample or the schema"
                )
            else:
                report.add(_WHAT, "skipped", subject, NO_OBJECT.format(error.message), SAMPLES)
        except (KubernetesError, AssertionError) as error:
            fix = "see the message; names, scope and subresources of the class line must be those of the CRD"
            report.add(_WHAT, "error", subject, f"{type(error).__name__}: {error}", fix)
    return lived


def _made(cls: type[Resource]) -> dict[str, Any]:
    schema = cls.crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    document: dict[str, Any] = smallest({**schema, "required": [*schema.get("required", ()), "metadata"]})
    resource = cls.api_resource
    return {**document, "apiVersion": resource.api_version, "kind": resource.kind}


def _named(document: dict[str, Any], cls: type[Resource], name: str) -> dict[str, Any]:
    result = copy.deepcopy(document)
    metadata = result["metadata"] = dict(result.get("metadata") or {})
    metadata.setdefault("name", name)
    if cls.api_resource.namespaced:
        metadata["namespace"] = _NAMESPACE
    else:
        metadata.pop("namespace", None)
    return result


def _live(client: Client, cls: type[Resource], document: dict[str, Any]) -> None:
    """One life of an object. Raises AssertionError where an answer is not what was sent."""
    namespace = _NAMESPACE if cls.api_resource.namespaced else None
    start = client.list(cls, namespace=namespace).resource_version
    created: Any = client.create(cls.from_dict(document))
    name = created.metadata.name
    _expect(isinstance(created, cls), f"create returned a {type(created).__qualname__}")
    read: Any = client.get(cls, name, namespace=namespace)
    _expect(read == created, "get returned something else than create")
    _expect(any(item == read for item in client.list(cls, namespace=namespace)), "list has not what get returned")
    read.metadata.labels["checked"] = "yes"
    changed: Any = client.replace(read)
    _expect(changed.metadata.labels["checked"] == "yes", "replace lost a label")
    _expect(_spec(changed) == _spec(created), "replace changed the spec")
    if "status" in cls.api_resource.subresources:
        changed = client.replace(changed, subresource="status")
        _expect(_spec(changed) == _spec(created), "writing the status changed the spec")
    client.delete(cls, name, namespace=namespace)
    seen = []
    for event in client.watch(cls, namespace=namespace, resource_version=start):
        seen.append(event.type)
        _expect(isinstance(event.object, cls), f"the watch gave a {type(event.object).__qualname__}")
        if event.type == "DELETED":
            break
    _expect(seen[0] == "ADDED" and "MODIFIED" in seen, f"the watch showed {seen}")


def _spec(obj: Any) -> Any:
    return {key: value for key, value in obj.to_dict().items() if key not in ("metadata", "status")}


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise AssertionError(otherwise)
