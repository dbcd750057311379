# SPDX-License-Identifier: Apache-2.0
"""The user that a request comes from, and the groups that users are in without being put there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ANONYMOUS", "AUTHENTICATED", "PRIVILEGED", "User", "account_of", "with_default_groups"]

AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
PRIVILEGED = "system:masters"
"""Who is in this group may do everything, whatever an authorizer says."""

_ACCOUNT = "system:serviceaccount:"


@dataclass(frozen=True, slots=True)
class User:
    """A user as the API server sees one."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    impersonated_by: str = ""


ANONYMOUS = User("system:anonymous", groups=(UNAUTHENTICATED,))


def account_of(name: str) -> tuple[str, str] | None:
    """Namespace and name of the ServiceAccount that a user name stands for; None for the name of another user."""
    namespace, separator, account = name.removeprefix(_ACCOUNT).partition(":")
    return (namespace, account) if name.startswith(_ACCOUNT) and separator else None


def with_default_groups(user: User) -> User:
    """The user with the groups that nobody is asked about.

    A ServiceAccount without groups gets those of its namespace. Everyone but the anonymous user is authenticated,
    unless the groups say whether or not.
    """
    groups, account = user.groups, account_of(user.name)
    if account and not groups:
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{account[0]}")
    if user.name == ANONYMOUS.name:
        if UNAUTHENTICATED not in groups:
            groups = (*groups, UNAUTHENTICATED)
    elif AUTHENTICATED not in groups and UNAUTHENTICATED not in groups:
        groups = (*groups, AUTHENTICATED)
    return replace(user, groups=groups)
