# SPDX-License-Identifier: Apache-2.0
"""Paths of files within containers, and their modes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8s_devkit.strategy.field_errors import Problems

__all__ = ["check_descending_path", "check_mode", "check_no_backsteps", "check_volume_path"]


def check_no_backsteps(problems: Problems, value: str, path: str) -> None:
    """A path that does not climb."""
    if ".." in value.split("/"):
        problems.invalid(path, value, "must not contain '..'")


def check_descending_path(problems: Problems, value: str, path: str) -> None:
    """A relative path that does not climb."""
    if value.startswith("/"):
        problems.invalid(path, value, "must be a relative path")
    check_no_backsteps(problems, value, path)


def check_volume_path(problems: Problems, value: str, path: str) -> None:
    """The path of a file in a volume: names that start with two dots belong to the kubelet."""
    check_descending_path(problems, value, path)
    if value.startswith("..") and not value.startswith("../"):
        problems.invalid(path, value, "must not start with '..'")


def check_mode(problems: Problems, value: Any, path: str) -> None:
    """The permissions of a file; None for none given."""
    if isinstance(value, int) and not 0 <= value <= 0o777:
        problems.invalid(path, value, "must be a number between 0 and 0777 (octal), both inclusive")
