# SPDX-License-Identifier: Apache-2.0
"""When a certificate ends. Pure; reads just enough of the DER encoding, since Python's own reader wants a file."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import Final

__all__ = ["certificate_end"]

_PEM: Final = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_INTEGER, _SEQUENCE, _UTC_TIME, _GENERALIZED_TIME, _VERSION = 0x02, 0x30, 0x17, 0x18, 0xA0


def certificate_end(pem: bytes) -> datetime | None:
    """The ``notAfter`` of the first certificate in ``pem`` (UTC), or None if there is none that can be read."""
    found = _PEM.search(pem)
    if found is None:
        return None
    try:
        certificate, _ = _value(base64.b64decode(found[1]), _SEQUENCE)
        fields, _ = _value(certificate, _SEQUENCE)
        if fields[:1] == bytes([_VERSION]):
            _, fields = _value(fields, _VERSION)
        for tag in (_INTEGER, _SEQUENCE, _SEQUENCE):  # serial number, algorithm, issuer
            _, fields = _value(fields, tag)
        validity, _ = _value(fields, _SEQUENCE)
        _, end = _value(validity, validity[0])
        text = _value(end, end[0])[0].decode("ascii")
        if end[0] == _UTC_TIME:  # two digits of the year: 1950 to 2049
            text = ("19" if text >= "5" else "20") + text
        elif end[0] != _GENERALIZED_TIME:
            return None
        return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except (binascii.Error, IndexError, ValueError):
        return None


def _value(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the first element of ``data`` and what follows it; ValueError unless it has this tag."""
    if data[0] != tag:
        raise ValueError("another element was expected")
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    if start + length > len(data):
        raise ValueError("the element is cut short")
    return data[start : start + length], data[start + length :]
