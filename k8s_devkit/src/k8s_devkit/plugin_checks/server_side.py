# SPDX-License-Identifier: Apache-2.0
"""The server side of a package: its strategies load, fit its kinds, and their simulated controllers run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.errors import KubernetesError
from k8s_core.model.crd_manifest import stored_first
from k8s_devkit.api_server.context import WritingContext
from k8s_devkit.api_server.custom.strategy import CustomStrategy
from k8s_devkit.api_server.kinds.servers import Servers, import_target
from k8s_devkit.api_server.server import ApiServer
from k8s_devkit.strategy.failures import Failure
from k8s_devkit.strategy.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from k8s_core.model import Resource
    from k8s_core.registry import Registry
    from k8s_devkit.plugin_checks.report import PluginCheckReport
    from k8s_devkit.strategy.registrar import ServerRegistrar

__all__ = ["check_server_side", "check_simulation"]

_WHAT, _SIMULATED = "server side", "simulated controllers"


def check_server_side(report: PluginCheckReport, distribution: str, classes: Sequence[type[Resource]]) -> bool:
    """Load what a package registers with ``k8s_serve_kinds``.

    Args:
        distribution: its name.
        classes: its kinds that are not built into API servers.

    Returns:
        Whether it registers anything that can be used.
    """
    kinds = {cls.api_resource.gvk for cls in classes}
    servers, found = Servers(), []
    for group in servers.groups():
        try:
            registrars = servers.of_group(group)
        except KubernetesError as error:
            if distribution in str(error):
                report.add(_WHAT, "error", group or "core", str(error), "make k8s_serve_kinds run without errors")
            continue
        found += [each for each in registrars if each.origin.distribution == distribution]
    for registrar in found:
        for gvk, target in registrar.strategies.items():
            wanted = CustomStrategy if gvk in kinds else Strategy
            _check_strategy(report, registrar, str(gvk), target, wanted)
    count = sum(len(registrar.strategies) for registrar in found)
    if found and not _failed(report):
        report.passed(_WHAT, f"strategies: {count}")
    return bool(found) and not _failed(report)


def _check_strategy(
    report: PluginCheckReport, registrar: ServerRegistrar, subject: str, target: str, wanted: type[Strategy]
) -> None:
    try:
        strategy = import_target(target, registrar)
    except KubernetesError as error:
        report.add(_WHAT, "error", subject, str(error), "correct the import string, or the module that it names")
        return
    if not isinstance(strategy, type) or not issubclass(strategy, wanted):
        message = f"{target} is not a subclass of {wanted.__name__}"
        report.add(_WHAT, "error", subject, message, f"derive it from k8s_devkit.{wanted.__name__}")


def _failed(report: PluginCheckReport) -> bool:
    return any(finding.check == _WHAT and finding.state == "error" for finding in report.findings)


def check_simulation(
    report: PluginCheckReport,
    registry: Registry,
    classes: Sequence[type[Resource]],
    documents: Callable[[type[Resource]], list[dict[str, Any]]],
) -> None:
    """Create an object of each kind while everything is simulated, and see that no strategy or controller fails.

    Args:
        registry: the kinds of the server; those of the package are created as CRDs as well.
        documents: the objects to create, by class.
    """
    server = ApiServer(registry=registry)
    ctx = WritingContext(server.core)
    lived = 0
    for versions in stored_first(classes):
        ctx.create(versions[0].crd(*versions[1:]))
    server.settle()
    server.simulate()
    for cls in classes:
        for document in documents(cls):
            try:
                ctx.create(document)
                server.settle()
                lived += 1
            except Failure:
                continue  # a document that was thought up and is not valid: told where objects are tried over HTTP
            except Exception as error:  # noqa: BLE001  # whatever the package's code raises
                message = f"{type(error).__name__}: {error}"
                report.add(_SIMULATED, "error", str(cls.api_resource.gvk), message, "correct reconcile()")
    if lived and not any(finding.check == _SIMULATED for finding in report.findings):
        report.passed(_SIMULATED, f"objects: {lived}")
