# SPDX-License-Identifier: Apache-2.0
"""Incremental, bounded gunzip (protocol B18, I7)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from k8s_core.transport.wire import MalformedResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Gunzip"]

_PIECE = 1 << 20  # of output at a time: a bomb is met before it fills the memory
_GZIP = 16 + zlib.MAX_WBITS


class Gunzip:
    """Decompresses a gzip stream as it arrives; several members in a row are one stream."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give what ``data`` decompresses to, in pieces of at most 1 MiB; to be exhausted before the next call.

        Raises:
            MalformedResponse: the data is not gzip.
        """
        full = False
        if not self._begun:
            data = data.lstrip(b"\0")  # padding between members is legal
        while data or full:
            self._begun = True
            try:
                piece = self._member.decompress(data, _PIECE)
            except zlib.error as error:
                raise MalformedResponse(f"the body is not the gzip that its header says: {error}") from error
            if piece:
                yield piece
            if self._member.eof:
                data = self._member.unused_data.lstrip(b"\0")
                self._member = zlib.decompressobj(_GZIP)
                self._begun = full = False
            else:
                data = self._member.unconsumed_tail
                full = len(piece) == _PIECE  # then zlib may hold more output, even without more input

    @property
    def complete(self) -> bool:
        """Whether the data so far ends where a member ends."""
        return not self._begun
