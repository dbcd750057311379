# SPDX-License-Identifier: Apache-2.0
"""The keywords that verbs pass on to requests, for type checkers: ``**options: Unpack[WriteOptions]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Required, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_core.model import Model
    from k8s_core.requests.options import DryRun, FieldValidation, PropagationPolicy, ResourceVersionMatch
    from k8s_core.selectors import Fields, Labels

__all__ = [
    "ApplyOptions",
    "DeletionOptions",
    "GetOptions",
    "ListOptions",
    "ObjectDeletionOptions",
    "PageOptions",
    "PatchOptions",
    "ReplaceOptions",
    "ScaleOptions",
    "TableOptions",
    "WholeListOptions",
    "WriteOptions",
]


class GetOptions(TypedDict, total=False):
    """What a request for one object takes besides its name; see ``Client.get``."""

    resource_version: str | None
    timeout: float | None


class ListOptions(TypedDict, total=False):
    """What a request for a list takes; see ``Client.list``."""

    labels: Labels | None
    fields: Fields | None
    limit: int | None
    resource_version: str | None
    resource_version_match: ResourceVersionMatch | None
    timeout: float | None


class WholeListOptions(ListOptions, total=False):
    """The same for a list that is read whole, page by page."""

    on_expired: Literal["relist", "inconsistent", "raise"]


class PageOptions(ListOptions, total=False):
    """The same for pages; see ``Client.pages``."""

    continue_token: str | None
    on_expired: Literal["inconsistent", "raise"]


class TableOptions(TypedDict, total=False):
    """What a request for a table takes; see ``Client.table``."""

    labels: Labels | None
    fields: Fields | None
    limit: int | None
    timeout: float | None


class WriteOptions(TypedDict, total=False):
    """What every write takes; see ``Client.create``."""

    dry_run: DryRun
    field_manager: str | None
    field_validation: FieldValidation | None
    timeout: float | None


class ReplaceOptions(WriteOptions, total=False):
    """The same for a replacement; see ``Client.replace``."""

    subresource: str | None


class PatchOptions(ReplaceOptions, total=False):
    """The same for a patch; see ``Client.patch``."""

    force: bool | None


class ApplyOptions(TypedDict, total=False):
    """What an apply takes; see ``Client.apply``."""

    field_manager: Required[str]
    force: bool
    subresource: str | None
    dry_run: DryRun
    field_validation: FieldValidation | None
    timeout: float | None


class ScaleOptions(TypedDict, total=False):
    """What scaling takes besides the number; see ``Client.scale``."""

    dry_run: DryRun
    field_manager: str | None
    timeout: float | None


class DeletionOptions(TypedDict, total=False):
    """How to delete; see ``Client.delete``."""

    body: Mapping[str, Any] | Model | None
    propagation_policy: PropagationPolicy | None
    grace_period_seconds: int | None
    dry_run: DryRun


class ObjectDeletionOptions(DeletionOptions, total=False):
    """The same for one object."""

    uid: str | None
    resource_version: str | None
    timeout: float | None
