# SPDX-License-Identifier: Apache-2.0
"""What the API server refuses of an object, and with which words (protocol J4, J24), by families of kinds.

``rules`` leads from a kind to its checks; a kind that is not there is checked by its model: required fields and enums.
Every check is a pure function of the object (with its defaults) and of what it was before, and returns the errors in
the order in which the API server finds them. What these rules refuse, a kube-apiserver refuses; they know less than it
does of the kinds that controllers write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.field_errors import FieldError, Problems
from k8s_devkit.strategy.metadata import check_metadata_common, check_metadata_update

if TYPE_CHECKING:
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.strategy.context import ServerContext
    from k8s_devkit.strategy.document import Document

__all__ = ["check_created", "check_updated"]


def check_created(kind: Kind, document: Document, ctx: ServerContext) -> list[FieldError]:
    """The errors of a new object, with its metadata."""
    stored = kind.stored(document)
    # Only an object without a fault of its own is checked by the rules for all.
    errors = Problems(kind.strategy.validate(stored, ctx)) or check_metadata_common(document)
    if not errors:
        for warning in kind.strategy.warnings(stored, None):
            ctx.warn(warning)
    return errors


def check_updated(
    kind: Kind, document: Document, live: Document, ctx: ServerContext, subresource: str = ""
) -> list[FieldError]:
    """The errors of the next state of an object."""
    errors = Problems(check_metadata_common(document))
    errors += check_metadata_update(document, live)
    strategy = kind.strategy
    if subresource:
        return errors + Problems(strategy.validate_subresource_update(subresource, document, live, ctx))
    stored, before = kind.stored(document), kind.stored(live)
    errors += strategy.validate_update(stored, before, ctx)
    if not errors:
        for warning in strategy.warnings(stored, before):
            ctx.warn(warning)
    return errors
