# SPDX-License-Identifier: Apache-2.0
"""What is allowed. Pure: a policy looks at a request and says what becomes of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from k8s_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_core.requests import Request

__all__ = ["Policy", "is_write", "target_of"]

_NAMESPACE: Final = re.compile(r"/namespaces/([^/]+)")
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_STREAMING: Final = frozenset({"exec", "attach", "portforward", "proxy"})
_SWITCH: Final = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}


def is_write(request: Request) -> bool:
    """Whether a request can change something; running a command in a container can."""
    return request.method not in _READS or request.subresource in _STREAMING


def target_of(request: Request) -> str | None:
    """The namespace that a request acts on; None for cluster-scoped objects and for all namespaces at once."""
    if request.resource is not None and request.resource.kind == "Namespace" and not request.resource.group:
        return request.name
    if request.namespace is not None:
        return request.namespace
    # A request that somebody wrote by hand has only its path.
    match = _NAMESPACE.search(request.path)
    return match[1] if match else None


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Which writes may leave the process, and in which form."""

    protected: tuple[str, ...] = ()
    """Namespaces in which nothing may be deleted; ``*`` and ``?`` match as in file names."""
    dry_run: bool = False
    """Every write is sent as a dry run: the server checks it and stores nothing."""
    audit: str | None = None
    """File that gets one line of JSON per write; ``-`` is standard error."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Policy | None:
        """The policy of ``K8S_POLICY_PROTECTED``, ``K8S_POLICY_DRY_RUN`` and ``K8S_POLICY_AUDIT``; None if none is set.

        Raises:
            ConfigError: a value that can't be understood, because guessing could mean to allow.
        """
        protected = tuple(part.strip() for part in environ.get("K8S_POLICY_PROTECTED", "").split(",") if part.strip())
        switch = environ.get("K8S_POLICY_DRY_RUN", "").strip().lower()
        if switch not in _SWITCH:
            raise ConfigError(
                f"K8S_POLICY_DRY_RUN={switch!r}: use true or false", source="environment", option="K8S_POLICY_DRY_RUN"
            )
        audit = environ.get("K8S_POLICY_AUDIT") or None
        if not (protected or _SWITCH[switch] or audit):
            return None
        return cls(protected=protected, dry_run=_SWITCH[switch], audit=audit)

    def objection(self, request: Request) -> str | None:
        """Why a request must not be sent; None if it may be."""
        if self.dry_run and request.subresource in _STREAMING:
            return f"{request.subresource} can't be a dry run"
        if not self.protected or not _deletes(request):
            return None
        namespace = target_of(request)
        if namespace is None:
            everywhere = request.name is None and (request.resource is None or request.resource.namespaced)
            return "it deletes in all namespaces, protected ones included" if everywhere else None
        if any(fnmatchcase(namespace, pattern) for pattern in self.protected):
            return f"the namespace {namespace} is protected from deletions"
        return None

    def shape(self, request: Request) -> Request:
        """The request as it is to be sent."""
        if not self.dry_run or not is_write(request) or ("dryRun", "All") in request.query:
            return request
        if request.method == "DELETE" and request.body:
            # The server reads the options of a deletion from the body if there is one, and then ignores the query.
            options = json.loads(request.body)
            return replace(request, body=json.dumps(options | {"dryRun": ["All"]}).encode())
        return replace(request, query=(*request.query, ("dryRun", "All")))


def _deletes(request: Request) -> bool:
    return request.method == "DELETE" or request.subresource == "eviction" or request.path.endswith("/eviction")
