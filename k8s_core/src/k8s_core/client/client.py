# SPDX-License-Identifier: Apache-2.0
"""``Client``: one API server, one identity, all verbs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from k8s_core.client.applying import ApplyVerbs
from k8s_core.client.default import active_client
from k8s_core.client.discovering import DiscoveryVerbs
from k8s_core.client.wait import WaitVerbs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

__all__ = ["Client"]


class Client(DiscoveryVerbs, ApplyVerbs, WaitVerbs):
    """A client for one API server and one identity.

    ::

        with Client(Config.from_kubeconfig(context="prod")) as client:
            for pod in client.list(Pod, labels={"app": "web"}):
                print(pod.metadata.name, pod.status.phase)

    Every verb takes a kind as a class or as a name (``"deployments.apps"``), blocks until the server has answered, and
    refuses what the server would refuse before anything is sent. Objects are never changed by a verb; it returns new
    ones. Safe for use by many threads at once; connections are made when they are needed and shared.

    Args:
        config: None takes what a plugin or else kubectl's rules find (reads files).
        registry: where the classes of kinds come from; None takes that of the process.
        plugins: whose hooks apply; None takes those of the process.
        transport: sends the requests instead of one made from the configuration, for tests.

    Raises:
        ConfigError: there is no configuration, or it is wrong.
        PluginError: a hook plugin is broken.
    """

    closed = False
    """True after :meth:`close`: nothing that is sent can succeed any more, so a watch must not try again."""

    def close(self) -> None:
        """Close all connections, streams included; requests in other threads end with an error. Idempotent."""
        self.closed = True
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def active(self) -> Iterator[Self]:
        """Make this the client of the tutorial's verbs inside of a ``with``, for this thread or task only."""
        token = active_client.set(self)
        try:
            yield self
        finally:
            active_client.reset(token)

    def __repr__(self) -> str:
        return f"<Client {self._config.server} namespace={self._config.namespace!r}>"
