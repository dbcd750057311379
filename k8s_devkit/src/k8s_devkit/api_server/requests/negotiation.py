# SPDX-License-Identifier: Apache-2.0
"""Which form of an answer a client accepts (protocol G1, J26, J27, J29). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_devkit.strategy.failures import not_acceptable

__all__ = ["MEDIA_TYPES", "WATCH_MEDIA_TYPES", "Accepted", "negotiate"]

MEDIA_TYPES = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")
WATCH_MEDIA_TYPES = ("application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch")
_SERVED = {"application/json": "json", "application/yaml": "yaml", "*/*": "json", "application/*": "json"}
_TRANSFORMS = ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")


@dataclass(frozen=True, slots=True)
class Accepted:
    """The chosen form: ``format`` is ``json`` or ``yaml``; ``kind`` what ``as=`` asked for, empty for the object."""

    format: str = "json"
    kind: str = ""
    group: str = ""
    version: str = ""


_JSON = Accepted()


def negotiate(
    header: str,
    *,
    transforms: tuple[str, ...] = _TRANSFORMS,
    groups: tuple[str, ...] = ("meta.k8s.io",),
    versions: tuple[str, ...] = ("v1", "v1beta1"),
) -> Accepted:
    """Choose the first acceptable clause of an Accept header, in the order given by the client's q values.

    Args:
        transforms: the values of ``as=`` that can be served here.
        groups: the groups that those belong to.
        versions: the versions of those.

    Raises:
        Failure: 406 if nothing in the header can be served.
    """
    if not header or header == "application/json":
        return _JSON
    clauses = []
    for clause in header.split(","):
        media_type, *rest = (part.strip() for part in clause.split(";"))
        parameters = dict(part.split("=", 1) for part in rest if "=" in part)
        try:
            quality = float(parameters.pop("q", "1"))
        except ValueError:
            quality = 1.0
        clauses.append((media_type.lower(), parameters, quality))
    for media_type, parameters, _ in sorted(clauses, key=lambda item: -item[2]):
        format_ = _SERVED.get(media_type)
        if format_ is None:
            continue  # a quality of 0 is none the less taken: the real server reads no meaning into it
        kind = parameters.get("as", "")
        if not kind:
            return Accepted(format_)
        version, group = parameters.get("v", ""), parameters.get("g", "")
        if kind in transforms and group in groups and version in versions:
            return Accepted(format_, kind, group, version)
    raise not_acceptable(MEDIA_TYPES)
