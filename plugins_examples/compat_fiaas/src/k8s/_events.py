# SPDX-License-Identifier: Apache-2.0
"""What watches and lists give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from k8s._fields import Field
from k8s_core.model import Model as CoreModel

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ListMeta", "ModelList", "SyntheticAddedWatchEvent", "WatchBaseEvent", "WatchBookmark", "WatchEvent"]


class WatchBaseEvent:
    """An event of a watch.

    Attributes:
        resource_version: where a watch goes on behind it.
    """

    resource_version: str | None = None

    def has_object(self) -> bool:
        """Whether the event has an object of the kind that is watched."""
        raise NotImplementedError


class WatchEvent(WatchBaseEvent):
    """One change of one object.

    Args:
        event_json: ``{"type": …, "object": …}`` of the API, for an object of class ``cls``; or else:
        _type, _object: the two themselves.

    Raises:
        ValueError: neither of the two.
    """

    ADDED: ClassVar[str] = "ADDED"
    MODIFIED: ClassVar[str] = "MODIFIED"
    DELETED: ClassVar[str] = "DELETED"

    def __init__(
        self,
        event_json: Mapping[str, Any] | None = None,
        cls: Any = None,
        _type: str | None = None,
        _object: Any = None,
    ) -> None:
        if (event_json is None or cls is None) and (_type is None or _object is None):
            raise ValueError("WatchEvent takes event_json= with cls=, or _type= with _object=")
        self.type = _type if event_json is None else event_json["type"]
        self.object = _object if event_json is None else cls.from_dict(event_json["object"])
        self.resource_version = self.object.metadata.resourceVersion

    def has_object(self) -> bool:
        """True."""
        return True

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WatchEvent):
            return NotImplemented
        return bool((self.type, self.object) == (other.type, other.object))

    __hash__ = None  # type: ignore[assignment]  # objects are equal by content

    def __repr__(self) -> str:
        return f"{type(self).__name__}(type={self.type}, object={self.object!r})"


class SyntheticAddedWatchEvent(WatchEvent):
    """ADDED for an object that was there before the watch began."""

    def __init__(self, obj: Any) -> None:
        super().__init__(_type=self.ADDED, _object=obj)


class WatchBookmark(WatchBaseEvent):
    """No change, but the resourceVersion that the watch has reached."""

    def __init__(self, event_json: Mapping[str, Any]) -> None:
        self.resource_version = event_json["object"]["metadata"]["resourceVersion"]

    @classmethod
    def match(cls, event_json: Mapping[str, Any]) -> bool:
        """Whether an event of the API is a bookmark."""
        return event_json.get("type") == "BOOKMARK"

    def has_object(self) -> bool:
        """False."""
        return False


class ListMeta(CoreModel):
    """The metadata of a list."""

    _continue: Any = Field(str)
    remainingItemCount: Any = Field(int)
    resourceVersion: Any = Field(str)


class ModelList:
    """A list of objects with its metadata: ``metadata`` and ``items``."""

    def __init__(self, metadata: ListMeta, items: list[Any]) -> None:
        self.metadata = metadata
        self.items = items

    @classmethod
    def from_dict(cls, model_cls: Any, list_response_data: Mapping[str, Any]) -> ModelList:
        """From the list of the API, with items of a class."""
        items = [model_cls.from_dict(item) for item in list_response_data["items"] or ()]
        return cls(ListMeta.from_dict(list_response_data.get("metadata") or {}), items)
