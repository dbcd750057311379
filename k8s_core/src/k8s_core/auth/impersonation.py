# SPDX-License-Identifier: Apache-2.0
"""The ``Impersonate-*`` headers. Pure."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s_core.configuration import Impersonation

__all__ = ["impersonation_headers"]

_LEGAL_IN_NAMES = frozenset((string.ascii_letters + string.digits + "!#$&'*+-.^_`|~").encode())


def impersonation_headers(impersonate: Impersonation | None) -> tuple[tuple[str, str], ...]:
    """Header lines that ask the server to act as someone else (A28): one line per group and per extra value.

    They are pairs and not a mapping because names repeat, and the server reads a comma-joined line as one group. Put
    none of them on a request that already has ``Impersonate-User``. Values go out as UTF-8.
    """
    if impersonate is None or not impersonate.user:
        return ()
    lines = [("Impersonate-User", impersonate.user)]
    if impersonate.uid:
        lines.append(("Impersonate-Uid", impersonate.uid))
    lines += [("Impersonate-Group", group) for group in impersonate.groups]
    lines += [(f"Impersonate-Extra-{_escape_key(key)}", value) for key, values in impersonate.extra for value in values]
    # http.client writes text as Latin-1, so text that spells the UTF-8 bytes in Latin-1 arrives as UTF-8.
    return tuple((name, value.encode().decode("latin-1")) for name, value in lines)


def _escape_key(key: str) -> str:
    """Percent-encode every byte that a header name can't hold, and ``%`` itself (A29)."""
    return "".join(chr(byte) if byte in _LEGAL_IN_NAMES else f"%{byte:02X}" for byte in key.encode())
