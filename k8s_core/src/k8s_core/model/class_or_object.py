# SPDX-License-Identifier: Apache-2.0
"""A verb that a class has and its objects have: ``Deployment.delete("nginx")`` and ``deployment.delete()``."""

from __future__ import annotations

from types import MethodType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from k8s_core.errors.calls import explained

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ClassOrObjectVerb"]

OnClass = ParamSpec("OnClass")
OnObject = ParamSpec("OnObject")
T = TypeVar("T")


class ClassOrObjectVerb(Generic[OnClass, OnObject, T]):
    """A method with one signature on the class and another one on its objects.

    Args:
        on_class: gets the class first.
        on_object: gets the object first.
    """

    def __init__(
        self, on_class: Callable[Concatenate[Any, OnClass], T], on_object: Callable[Concatenate[Any, OnObject], T]
    ) -> None:
        self._on_class = on_class
        self._on_object = on_object
        self.__doc__ = on_class.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        for function in (self._on_class, self._on_object):
            function.__name__ = name
            function.__qualname__ = f"{owner.__qualname__}.{name}"
        # Now that they have the names that an error gives.
        self._on_class, self._on_object = explained(self._on_class), explained(self._on_object)

    @overload
    def __get__(self, obj: None, owner: type) -> Callable[OnClass, T]: ...
    @overload
    def __get__(self, obj: object, owner: type | None = None) -> Callable[OnObject, T]: ...
    def __get__(self, obj: object, owner: type | None = None) -> Callable[..., T]:
        return MethodType(self._on_class, owner) if obj is None else MethodType(self._on_object, obj)
