# SPDX-License-Identifier: Apache-2.0
"""Whole documents through Schemas: reading and sending objects of hooked classes, validating, and loading strictly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from marshmallow import ValidationError as MarshmallowError

from k8s_core.errors import DecodeError, FieldTypeError, KubernetesError, ValidationError
from k8s_core.model.base import Model
from k8s_core.model.resource import Resource
from k8s_core.model.schemas.base import ModelSchema
from k8s_core.model.schemas.derive import dump_foreign, load_foreign, schema_for
from k8s_core.model.schemas.fields import Mode, mode, normalized
from k8s_core.model.types import python_type_name
from k8s_core.model.wire import TOO_DEEP, copy_json, decode_document

if TYPE_CHECKING:
    from marshmallow import Schema

    R = TypeVar("R", bound=Resource)

__all__ = ["dump_document", "load_document", "load_strictly", "validate_document"]

M = TypeVar("M", bound=Model)


def load_document(cls: type[R], raw: bytes) -> R:
    """An object of a hooked class from what a server sent, through the hooks of its Schemas.

    The server's data is not refused for missing fields, or for values that fields do not take, which are kept. What
    hooks raise is raised.

    Raises:
        ValidationError: a hook refuses the object; it says which one, where, and through which Schema it was read.
        DecodeError: not a JSON object.
    """
    document = decode_document(raw)
    if not isinstance(document, dict):
        raise DecodeError(f"expected a JSON object, got {python_type_name(document)}")
    with _through(cls, Mode.READ, f"{_identity(cls, document)}, read through {_name(cls)},"):
        return _load(cls, document)


def load_strictly(cls: type[M], document: dict[str, Any]) -> M:
    """An object from a document that has to be what the class declares, and may have no other fields.

    Raises:
        ValidationError: all findings by path.
    """
    subject = _identity(cls, document)
    wrong_kind = _wrong_kind(cls, document)
    if wrong_kind:
        raise ValidationError(wrong_kind | _findings(cls, document, Mode.STRICT), subject=subject)
    with _through(cls, Mode.STRICT, subject):
        return _load(cls, document)


def validate_document(cls: type[Model], document: dict[str, Any]) -> dict[str, list[str]]:
    """Findings of a class's Schema on a wire document, by path string."""
    return _wrong_kind(cls, document) | _findings(cls, document, Mode.LOAD)


def dump_document(obj: Model) -> dict[str, Any]:
    """The wire document of an object of a hooked class, through the hooks of its Schemas.

    Raises:
        ValidationError: a hook refuses to dump it.
        FieldTypeError: hooks made something of it that is not a JSON object.
    """
    cls = type(obj)
    with _through(cls, Mode.LOAD, f"{_identity(cls, obj.to_dict())}, dumped through {_name(cls)},"):
        schema = schema_for(cls)
        document = schema.dump(obj) if isinstance(schema, ModelSchema) else dump_foreign(schema, obj)
        if not isinstance(document, Mapping):
            raise FieldTypeError({"": [f"{_name(cls)}.dump gave {type(document).__name__}, not a dict"]})
        return copy_json(document)  # type: ignore[no-any-return]  # a dict for a mapping


def _load(cls: type[M], document: dict[str, Any]) -> M:
    schema = schema_for(cls)
    if isinstance(schema, ModelSchema):
        made: M = schema.load(document)
    else:
        made = load_foreign(cls, schema, cls._typed(document) if issubclass(cls, Resource) else document)
    return made


def _findings(cls: type[Model], document: dict[str, Any], chosen: Mode) -> dict[str, list[str]]:
    token = mode.set(chosen)
    try:
        return by_path(schema_for(cls).validate(document))
    except RecursionError:
        return {"": [TOO_DEEP]}
    finally:
        mode.reset(token)


@contextmanager
def _through(cls: type[Model], chosen: Mode, subject: str) -> Iterator[None]:
    """Errors of marshmallow become ours; whatever else a hook raises says where it happened."""
    token = mode.set(chosen)
    try:
        yield
    except MarshmallowError as error:
        raise ValidationError(by_path(normalized(error)), subject=subject) from error
    except RecursionError:
        raise ValidationError({"": [TOO_DEEP]}, subject=subject) from None
    except KubernetesError:
        raise
    except Exception as error:
        error.add_note(f"raised for {subject.removesuffix(',')}")
        raise
    finally:
        mode.reset(token)


def _wrong_kind(cls: type[Model], document: Mapping[str, Any]) -> dict[str, list[str]]:
    resource = getattr(cls, "api_resource", None)
    if resource is None:
        return {}
    return {
        key: [f"expected {expected!r}, got {document[key]!r:.80}"]
        for key, expected in (("apiVersion", resource.api_version), ("kind", resource.kind))
        if document.get(key, expected) != expected
    }


def _identity(cls: type[Model], document: Mapping[str, Any]) -> str:
    """``Gadget default/a``."""
    metadata = document.get("metadata")
    parts = (metadata.get("namespace"), metadata.get("name")) if isinstance(metadata, Mapping) else ()
    name = "/".join(part for part in parts if isinstance(part, str))
    return f"{cls.__name__} {name}".rstrip()


def _name(cls: type[Model]) -> str:
    schema: Schema = schema_for(cls)
    return type(schema).__name__


def by_path(errors: Any) -> dict[str, list[str]]:
    """Marshmallow's nested errors, by path string."""
    findings: dict[str, list[str]] = {}
    for path, message in _flatten(errors, ()):
        findings.setdefault(path_text(path), []).append(message)
    return findings


def _flatten(errors: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(errors, Mapping):
        for key, inner in errors.items():
            yield from _flatten(inner, path if key == "_schema" else (*path, key))
    elif isinstance(errors, (list, tuple)):
        for message in errors:
            yield from _flatten(message, path)
    else:
        yield path, str(errors)


def path_text(path: tuple[Any, ...]) -> str:
    """``spec.containers[0].image``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif isinstance(step, str) and not step.replace("_", "a").replace("-", "a").replace("$", "a").isalnum():
            text += f"[{step!r}]"
        else:
            text += f".{step}" if text else str(step)
    return text
