# SPDX-License-Identifier: Apache-2.0
"""Columns of a RuntimeClass."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_plugins_builtin._columns import AGE, NAME, column

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns


class RuntimeClassBehaviour:
    """Columns of a RuntimeClass."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (NAME, column("Handler", lambda obj: obj.handler or ""), AGE)
