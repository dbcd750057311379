# SPDX-License-Identifier: Apache-2.0
"""A bearer token that a function of the program gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.auth.base import CredentialsBase
from k8s_core.auth.static import bearer
from k8s_core.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["CallableToken"]


class CallableToken(CredentialsBase):
    """The token that a function gives, asked for before each request and again after a 401.

    Args:
        token: takes nothing and gives the token; called from any thread, by several at once.
        source: names it in messages.
    """

    def __init__(self, token: Callable[[], str], *, source: str = "token source") -> None:
        self._token = token
        self._source = source

    def headers(self) -> Mapping[str, str]:
        try:
            token = self._token()
        except Exception as error:
            raise CredentialsError(f"{self._source} failed: {type(error).__name__}", source=self._source) from error
        if not isinstance(token, str):
            raise CredentialsError(f"{self._source} gave {type(token).__name__}, not a string", source=self._source)
        return bearer(token, source=self._source)

    def refresh(self, rejected: Mapping[str, str]) -> bool:
        return self.headers().get("Authorization") != rejected.get("Authorization")
