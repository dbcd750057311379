# SPDX-License-Identifier: Apache-2.0
"""The query parameters of a request, read as kube-apiserver reads them. Pure."""

from __future__ import annotations

from urllib.parse import parse_qsl

from k8s_devkit.strategy.failures import bad_request

__all__ = ["Query"]


class Query:
    """The query parameters of a request; the first value of a repeated one counts unless asked for all."""

    def __init__(self, text: str) -> None:
        self.pairs: list[tuple[str, str]] = parse_qsl(text, keep_blank_values=True) if text else []

    def get(self, name: str, default: str = "") -> str:
        """The first value, or ``default``."""
        return next((value for key, value in self.pairs if key == name), default)

    def all(self, name: str) -> list[str]:
        """All values, in order."""
        return [value for key, value in self.pairs if key == name]

    def flag(self, name: str) -> bool:
        """A boolean as Go parses query parameters: present and neither ``false`` nor ``0``."""
        value = self.get(name, "false")
        return value.lower() not in ("false", "0")

    def integer(self, name: str) -> int | None:
        """A whole number, or None where absent. Raises the server's 400 for anything else."""
        value = self.get(name)
        if not value:
            return None
        try:
            return int(value)
        except ValueError:
            raise bad_request(f'strconv.ParseInt: parsing "{value}": invalid syntax') from None

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)
