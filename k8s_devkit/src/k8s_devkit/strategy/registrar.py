# SPDX-License-Identifier: Apache-2.0
"""What a package may say about how an API server treats its kinds, while ``k8s_serve_kinds`` runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8s_core.errors import KindConflictError
from k8s_core.kinds import GroupVersionKind
from k8s_core.plugins import PluginOrigin

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DeclaredController", "ServerRegistrar"]


@dataclass(frozen=True, slots=True)
class DeclaredController:
    """A controller as a package registers it; see `ServerRegistrar.add_controller`."""

    name: str
    target: str
    watches: tuple[tuple[str, str], ...]
    always: bool


class ServerRegistrar:
    """Collects what one package registers for one or more API groups. Import strings only: it imports nothing.

    A package's own tests can make one, pass it to the hook, and look at the attributes.

    Attributes:
        strategies: import strings by group, version and kind.
        types: resources with Go types (``package:file``) by Go package directory, such as ``apps``.
        controllers: in the order in which they were added.
        objects: import strings of documents that every server has from the start.
        priorities: ``groupPriorityMinimum`` by API group.
        authorizers: import strings by the mode that switches them on.
    """

    def __init__(self, origin: PluginOrigin | str = "test") -> None:
        self.origin = PluginOrigin("", "", origin) if isinstance(origin, str) else origin
        self.strategies: dict[GroupVersionKind, str] = {}
        self.types: dict[str, str] = {}
        self.controllers: list[DeclaredController] = []
        self.objects: list[str] = []
        self.priorities: dict[str, int] = {}
        self.authorizers: dict[str, str] = {}

    def add_strategy(self, api_version: str, kind: str, target: str) -> None:
        """Register the strategy of one kind in one version.

        Args:
            api_version: ``"stable.example.com/v1"``, or ``"v1"`` in the legacy group.
            kind: ``"CronTab"``.
            target: ``"k8s_crd_crontab.server:CronTabStrategy"``: a subclass of `Strategy`, of `CustomStrategy` for the
                kind of a CRD. It is imported when the kind is served for the first time.

        Raises:
            InvalidName: ``api_version`` is malformed.
            KindConflictError: another target was registered for the kind.
        """
        gvk = GroupVersionKind.parse(api_version, kind)
        known = self.strategies.setdefault(gvk, target)
        if known != target:
            raise KindConflictError(f"{self.origin} registers two strategies for {gvk}: {known} and {target}")

    def add_types(self, package: str, resource: str) -> None:
        """Register what is known of the Go types of an API group: zero values, protobuf numbers, widths of integers.

        Groups of custom resources need none. The format is described in `k8s_devkit.api_server.kinds.go_types`.

        Args:
            package: the first label of the group, such as ``apps`` or ``rbac``; ``core`` for the legacy group.
            resource: ``"k8s_plugins_builtin.apps.server:types.txt"``.
        """
        self.types[package] = resource

    def add_controller(
        self, name: str, target: str, *, watches: Iterable[tuple[str, str]], always: bool = False
    ) -> None:
        """Register a controller that `Strategy.reconcile` is not enough for, since it watches several kinds.

        Args:
            name: what `ApiServer.simulate` switches it on by: a plural.
            target: ``"package.module:Class"``, a subclass of `Controller`.
            watches: group and plural of each resource whose changes it hears of.
            always: it runs in every server, as the controllers do that belong to the API's own semantics.
        """
        self.controllers.append(DeclaredController(name, target, tuple(watches), always))

    def add_object(self, target: str) -> None:
        """Register a document, by its import string, that a server has from the start."""
        self.objects.append(target)

    def add_authorizer(self, mode: str, target: str) -> None:
        """Register who decides what users may do, in servers that are asked for it.

        Args:
            mode: as ``kube-apiserver --authorization-mode`` names it; ``ApiServer(rbac=True)`` asks for ``RBAC``.
            target: ``"package.module:Class"``, a subclass of `Authorizer`. Only servers with this mode import it.
        """
        self.authorizers[mode] = target

    def set_priority(self, group: str, priority: int) -> None:
        """Set the ``groupPriorityMinimum`` of an API group, by which discovery is ordered; groups of CRDs have 1000."""
        self.priorities[group] = priority
