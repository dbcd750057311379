# SPDX-License-Identifier: Apache-2.0
"""``Model`` and what goes with it: selectors, events, lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s._deprecation import forward

if TYPE_CHECKING:
    from k8s._base import *  # noqa: F403  # for type checkers: each name as it is

__getattr__, __dir__, __all__ = forward(
    __name__,
    "k8s._base",
    {
        "APIServerError": "k8s_core.errors.ApiError, which watches raise",
        "ApiMixIn": "k8s_core.Resource",
        "Equality": "k8s_core.selectors.Equality",
        "Exists": "k8s_core.selectors.Exists",
        "Field": "an annotation in a class of k8s_core",
        "In": "k8s_core.selectors.In",
        "Inequality": "k8s_core.selectors.Inequality",
        "LabelSelector": "k8s_core.selectors.Operator",
        "LabelSetSelector": "k8s_core.selectors.In or NotIn",
        "ListMeta": "k8s_core.meta.ListMeta",
        "MetaModel": "k8s_core.Model",
        "Model": "k8s_core.Model, and k8s_core.Resource for a kind",
        "ModelList": "k8s_core.client.ResourceList, which list() returns",
        "NotFound": "k8s_core.errors.NotFound",
        "NotIn": "k8s_core.selectors.NotIn",
        "SelfModel": "typing.Self as an annotation",
        "SyntheticAddedWatchEvent": "k8s_core.WatchEvent, whose `initial` is True",
        "WatchBaseEvent": "k8s_core.WatchEvent",
        "WatchBookmark": "k8s_core.Watcher, which keeps the place",
        "WatchEvent": "k8s_core.WatchEvent",
    },
)
