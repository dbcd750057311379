# SPDX-License-Identifier: Apache-2.0
"""The names of ``k8s.base`` in one place."""

from __future__ import annotations

from k8s._errors import APIServerError, NotFound
from k8s._events import ListMeta, ModelList, SyntheticAddedWatchEvent, WatchBaseEvent, WatchBookmark, WatchEvent
from k8s._fields import Field, SelfModel
from k8s._model import MetaModel, Model
from k8s._verbs import Verbs
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
