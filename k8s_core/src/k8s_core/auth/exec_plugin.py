# SPDX-License-Identifier: Apache-2.0
"""Credentials from a login program: run when needed, once for all threads, shared by all clients of this process."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from k8s_core.auth.base import CredentialsBase
from k8s_core.auth.exec_credential import ExecCredential, cluster_info, exec_info, parse_exec_credential
from k8s_core.auth.exec_process import ProgramMissing, check_policy, run_program, stdin_is_terminal
from k8s_core.configuration.locks import ForkLock
from k8s_core.errors import CredentialsError
from k8s_core.redaction import Sensitive, escape_control, reveal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from k8s_core.auth.base import ClientCertificate
    from k8s_core.configuration import Config, ExecConfig

__all__ = ["ExecCredentials", "clear_cache"]

_HELP: Final = (
    "This configuration logs in with a credential plugin that is not installed on this machine, or not on PATH. "
    "See https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins"
)
_HINTS_AN_HOUR: Final = 10
_REFRESH_PAUSE: Final = 1.0
"""Seconds after a refresh in which further 401s take its result instead of running the program again."""


@dataclass(eq=False)
class _Slot:
    """What one program printed last, for one cluster. All but ``credential`` is used under ``lock`` only."""

    lock: ForkLock = field(default_factory=ForkLock)
    credential: ExecCredential | None = None
    attempts: int = 0
    """Runs that ended, well or not."""
    failure: str = ""
    """Message of the latest attempt, if it failed."""
    refreshed_at: float = float("-inf")
    hints: list[float] = field(default_factory=list)


_slots: dict[Any, _Slot] = {}
_slots_lock = ForkLock()


def clear_cache() -> None:
    """Forget what login programs printed; the next request of every client runs its program again."""
    with _slots_lock:
        slots = list(_slots.values())
    for slot in slots:
        with slot.lock:
            slot.credential, slot.failure = None, ""


class ExecCredentials(CredentialsBase):
    """Runs the exec plugin of a configuration (A30-A41). Making one runs nothing and reads no file (I5).

    What the program prints is kept in this process, per program and cluster, until it expires or a server refuses
    it: several clients and threads share one run. While it runs, other threads that need it wait.

    Args:
        config: has an ``exec``.
        now: the time, for expiry; aware.
        clock: seconds, monotonic, for limiting how often things happen.
        terminal: whether the program could talk to a user.
    """

    def __init__(
        self,
        config: Config,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
        terminal: Callable[[], bool] = stdin_is_terminal,
    ) -> None:
        if config.exec is None:
            raise CredentialsError("the configuration has no exec plugin", source=config.source, option="exec")
        self._config = config
        self._program: ExecConfig = config.exec
        self._now = now
        self._clock = clock
        self._terminal = terminal
        self._found: _Slot | None = None

    def headers(self) -> Mapping[str, str]:
        """The bearer token; empty if the program gave a certificate alone."""
        return self._current().headers.reveal()

    def client_certificate(self) -> ClientCertificate | None:
        """The certificate that came with the latest :meth:`headers`; runs nothing itself (A26)."""
        credential = self._slot().credential
        return credential.certificate if credential else None

    def expires_at(self) -> datetime | None:
        credential = self._found.credential if self._found else None
        return credential.expires_at if credential else None

    def refresh(self, rejected: Mapping[str, str]) -> bool:
        """Run the program again, unless another thread already did since ``rejected`` was sent (A38)."""
        slot = self._slot()
        sent = {name.lower(): value for name, value in rejected.items()}.get("authorization")
        with slot.lock:
            before = slot.credential
            if before is not None and before.headers.reveal().get("Authorization") != sent:
                return True
            if self._clock() - slot.refreshed_at < _REFRESH_PAUSE:
                # The certificate of a request can't be told from `rejected`, so it may be an older one: try again.
                return before is not None and before.certificate is not None
            after = self._run(slot)
            slot.refreshed_at = self._clock()
            return before is None or (after.headers, after.certificate) != (before.headers, before.certificate)

    def _current(self) -> ExecCredential:
        slot = self._slot()
        credential = slot.credential
        if credential is not None and not credential.expired(self._now()):
            return credential
        seen = slot.attempts
        with slot.lock:
            credential = slot.credential
            if credential is not None and not credential.expired(self._now()):
                return credential
            if slot.failure and slot.attempts != seen:  # it failed while this thread waited: no use in 16 more tries
                raise CredentialsError(slot.failure, source=self._config.source, option="exec")
            return self._run(slot)

    def _slot(self) -> _Slot:
        if self._found is None:
            cluster = json.dumps(cluster_info(self._config), sort_keys=True)
            key = (self._program, Sensitive(cluster), self._config.exec_policy)
            with _slots_lock:
                self._found = _slots.setdefault(key, _Slot())
        return self._found

    def _run(self, slot: _Slot) -> ExecCredential:
        """One run, under the slot's lock."""
        try:
            slot.credential = self._ask()
        except CredentialsError as error:
            hint = self._hint(slot) if isinstance(error, ProgramMissing) else ""
            slot.failure = f"getting credentials: {error}{hint}"
            raise CredentialsError(slot.failure, source=self._config.source, option="exec") from error
        else:
            slot.failure = ""
            return slot.credential
        finally:
            slot.attempts += 1

    def _ask(self) -> ExecCredential:
        program = self._program
        check_policy(program.command, self._config.exec_policy)
        interactive = self._interactive()
        info = exec_info(program, cluster_info(self._config), interactive=interactive)
        environ = {**os.environ, **dict(reveal(program.env)), "KUBERNETES_EXEC_INFO": info}
        output = run_program(
            program.command,
            reveal(program.args),
            environ,
            interactive=interactive,
            timeout=program.timeout,
        )
        return parse_exec_credential(output, program.api_version)

    def _interactive(self) -> bool:
        mode = self._program.interactive_mode
        if mode == "Never":
            return False
        terminal = self._terminal()
        if mode == "Always" and not terminal:
            raise CredentialsError("exec plugin cannot support interactive mode: standard input is not a terminal")
        return terminal

    def _hint(self, slot: _Slot) -> str:
        """How to install the program; not more often than is useful to a person (A39)."""
        now = self._clock()
        slot.hints[:] = [at for at in slot.hints if now - at < 3600]
        if len(slot.hints) >= _HINTS_AN_HOUR:
            return ""
        slot.hints.append(now)
        hint = escape_control(self._program.install_hint)
        return f"\n\n{_HELP}" + (f"\n\n{hint}" if hint else "")
