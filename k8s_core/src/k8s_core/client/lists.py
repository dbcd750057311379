# SPDX-License-Identifier: Apache-2.0
"""Lists: the result type, and fetching a collection page by page (protocol C7-C13)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, cast

from k8s_core.errors import DecodeError, Expired, Gone, RequestTimeout
from k8s_core.errors.habits import LIST, has_habits, without_habits
from k8s_core.meta import ListMeta
from k8s_core.model import Resource
from k8s_core.model.codec import over_document, split_list
from k8s_core.requests.read import next_page_request
from k8s_core.seam import display

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from k8s_core.model.codec import RawList
    from k8s_core.model.tables import Rows
    from k8s_core.requests import Request

__all__ = ["DEFAULT_LIMIT", "OnExpired", "ResourceList", "each_page", "whole_list"]

T = TypeVar("T")

_WRITTEN, _ONE_LINE, _NAMED = 3, 200, 10
"""How many objects a list may have, and how long its ``repr`` may be, to be written out; and how many it names else."""

DEFAULT_LIMIT = 500
"""Items for each request of a list."""

OnExpired: TypeAlias = Literal["relist", "inconsistent", "raise"]
"""What to do when the server forgets where a list was before its last page (410, protocol C9): ``"relist"`` fetches
everything again in one request; ``"inconsistent"`` goes on with the token that the server offers, so that pages show
different moments; ``"raise"`` raises Expired."""


@has_habits(LIST)
class ResourceList(list[T]):
    """The objects of a list, in the server's order, and the list's own metadata.

    ``metadata.resourceVersion`` is where a watch can begin. An ordinary list in every other way.
    """

    __slots__ = ("api_version", "kind", "metadata")

    def __init__(self, items: Iterable[T], metadata: ListMeta, api_version: str = "", kind: str = "") -> None:
        super().__init__(items)
        self.metadata = metadata
        self.api_version = api_version
        self.kind = kind

    @property
    def resource_version(self) -> str:
        """``metadata.resourceVersion``; empty text if the server gave none."""
        return self.metadata.resourceVersion or ""

    def __repr__(self) -> str:
        if len(self) <= _WRITTEN:
            written = super().__repr__()
            if len(written) <= _ONE_LINE:
                return written
        names = [str(getattr(getattr(item, "metadata", None), "name", None) or "…") for item in self[:_NAMED]]
        more = ", …" if len(self) > _NAMED else ""
        return f"<ResourceList of {len(self)}{f' {self.kind}' if self.kind else ''}: {', '.join(names)}{more}>"

    def __rich__(self) -> Any:
        return display.tables.rich_table(self._rows())

    def _repr_html_(self) -> str:
        return display.tables.html_table(self._rows())

    def _rows(self) -> Rows:
        objects: list[Any] = [item for item in self if isinstance(item, Resource)]
        return display.tables.rows_of(objects)

    def __dir__(self) -> list[str]:
        return without_habits(type(self), super().__dir__())


def each_page(
    send: Callable[[Request], bytes],
    request: Request,
    on_expired: Literal["inconsistent", "raise"],
    patience: float,
    now: Callable[[], float] = time.monotonic,
) -> Iterator[RawList]:
    """Fetch page after page while the consumer takes them; a page may be short or empty and is not the last (C7).

    Args:
        send: sends a request and returns the body of the answer.
        request: for the first page.
        on_expired: what to do when a continue token is too old.
        patience: seconds for which pages may come that have nothing in them.
        now: a clock that only grows.

    Raises:
        Expired: a continue token is too old, and ``on_expired`` or the server's answer leave no way on.
        RequestTimeout: page after page was empty.
        ApiError, TransportError, DecodeError: of any page.
    """
    may_go_on = False
    last_token = None
    empty_since: float | None = None
    while True:
        began = now()
        try:
            page = split_list(send(request), request.resource)
        except (Expired, Gone) as error:
            token = _fresh_token(error)
            if not may_go_on or on_expired == "raise" or not token:
                raise
            may_go_on = False
        else:
            yield page
            if page.items:
                empty_since = None
            elif empty_since is None:
                empty_since = began
            elif now() - empty_since > patience:
                raise RequestTimeout(f"GET {request.path}: only empty pages for {patience:g} s, and no end of them")
            token = page.metadata.get("continue")
            if not token:
                return
            if not isinstance(token, str) or token == last_token:
                raise DecodeError(f"GET {request.path}: the server's continue token leads nowhere: {token!r:.100}")
            last_token = token
            may_go_on = True
        request = next_page_request(request, token)


def whole_list(
    send: Callable[[Request], bytes],
    request: Request,
    on_expired: OnExpired,
    patience: float,
    now: Callable[[], float] = time.monotonic,
) -> tuple[RawList, list[Any]]:
    """Fetch all the pages of a list; arguments as for :func:`each_page`. A timeout of the request is for all of them.

    Returns:
        The last page, whose metadata stands for the whole, and the raw items of all pages.

    Raises:
        RequestTimeout: not in time.
        Expired, ApiError, TransportError, DecodeError: as :func:`each_page`.
    """
    if request.timeout is not None:
        send = _within(send, request.timeout, now)
    items: list[Any] = []
    last: RawList | None = None
    try:
        for last in each_page(
            send, request, "inconsistent" if on_expired == "inconsistent" else "raise", patience, now
        ):
            items.extend(last.items)
    except (Expired, Gone):
        if on_expired != "relist" or last is None:
            raise
        query = tuple(pair for pair in request.query if pair[0] not in ("limit", "continue"))
        from dataclasses import replace  # noqa: PLC0415  # only a list that begins anew needs it

        last = split_list(send(replace(request, query=query)), request.resource)
        items = last.items
    return cast("RawList", last), items


def _within(send: Callable[[Request], bytes], seconds: float, now: Callable[[], float]) -> Callable[[Request], bytes]:
    """Have all requests together take no more than some seconds."""
    from dataclasses import replace  # noqa: PLC0415  # only a list with a timeout of its own needs it

    end = now() + seconds

    def send_in_time(request: Request) -> bytes:
        left = end - now()
        if left <= 0:
            raise RequestTimeout(f"GET {request.path}: the list did not come to its end within {seconds:g} s")
        return send(replace(request, timeout=left))

    return send_in_time


def list_meta(page: RawList) -> ListMeta:
    """The metadata of a page as a model."""
    return over_document(ListMeta, page.metadata)


def _fresh_token(error: Expired | Gone) -> str | None:
    metadata = error.status.get("metadata")
    token = metadata.get("continue") if isinstance(metadata, dict) else None
    return token if isinstance(token, str) else None
