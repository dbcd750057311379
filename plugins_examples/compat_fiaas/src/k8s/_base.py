# SPDX-License-Identifier: Apache-2.0
"""The names of ``k8s.base`` in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s._errors import APIServerError, NotFound
from k8s._events import ListMeta, ModelList, SyntheticAddedWatchEvent, WatchBaseEvent, WatchBookmark, WatchEvent
from k8s._fields import Field, SelfModel
from k8s._model import MetaModel
from k8s._verbs import Verbs

if TYPE_CHECKING:
    Model: Any  # its subclasses have what `Field` declares, which type checkers can't know
else:
    from k8s._model import Model
from k8s_core.selectors import Equality, Exists, In, Inequality, NotIn, Operator

__all__ = [
    "APIServerError",
    "ApiMixIn",
    "Equality",
    "Exists",
    "Field",
    "In",
    "Inequality",
    "LabelSelector",
    "LabelSetSelector",
    "ListMeta",
    "MetaModel",
    "Model",
    "ModelList",
    "NotFound",
    "NotIn",
    "SelfModel",
    "SyntheticAddedWatchEvent",
    "WatchBaseEvent",
    "WatchBookmark",
    "WatchEvent",
]

ApiMixIn = Verbs
LabelSelector = Operator
LabelSetSelector = (In, NotIn)
