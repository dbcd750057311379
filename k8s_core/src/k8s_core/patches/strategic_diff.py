# SPDX-License-Identifier: Apache-2.0
"""The difference of two objects as a strategic merge patch, with the merge keys that the classes declare. Pure.

See https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.errors import PatchError
from k8s_core.model.fields import model_fields
from k8s_core.model.types import ListType, MapType, ModelType
from k8s_core.patches.documents import same

if TYPE_CHECKING:
    from k8s_core.model import Model
    from k8s_core.model.fields import FieldSpec
    from k8s_core.model.types import FieldType

__all__ = ["strategic_diff"]


def strategic_diff(before: dict[str, Any], after: dict[str, Any], model: type[Model]) -> dict[str, Any]:
    """The document that turns ``before`` into ``after`` for a server that knows the same merge keys as ``model``.

    Null in ``after`` counts as gone. ``{}`` if there is no difference. A list where a merge key repeats or is missing
    cannot be merged: the object or list item that holds it is replaced as a whole.

    Raises:
        PatchError: the class does not know how the server merges a list, or such a list is at the top of the document.
    """
    try:
        return _diff_objects(before, after, ModelType(model))
    except _NotMergeable as error:
        raise PatchError(
            f"a strategic merge patch cannot make {error} what it should be, because a merge key repeats in it or is "
            "missing: use JsonPatch.diff or MergePatch.diff"
        ) from None


class _NotMergeable(Exception):
    """The list at this path can't be merged, so what holds it has to be replaced. Never leaves this module."""


def _diff_objects(
    before: dict[str, Any], after: dict[str, Any], shape: FieldType | None, path: str = ""
) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    for key, old in before.items():
        new = after.get(key)
        if new is None:
            if old is not None:
                patch[key] = None
            continue
        if same(old, new):
            continue
        place = f"{path}.{key}" if path else key
        spec, inner = _field(shape, key)
        if isinstance(old, dict) and isinstance(new, dict):
            patch[key] = _diff_nested(old, new, spec, inner, place)
        elif isinstance(old, list) and isinstance(new, list):
            patch.update(_diff_lists(key, old, new, spec, inner, place))
        else:
            patch[key] = new
    patch.update((key, new) for key, new in after.items() if key not in before and new is not None)
    return patch


def _field(shape: FieldType | None, key: str) -> tuple[FieldSpec | None, FieldType | None]:
    """The declaration of one key below a shape, and the shape of its value; both None where the class knows nothing."""
    if isinstance(shape, ModelType):
        spec = model_fields(shape.model).get(key)
        return spec, spec.type if spec is not None else None
    if isinstance(shape, MapType):
        return None, shape.value
    # Opaque JSON stays opaque below; the server has no merge keys for it either.
    return None, shape


def _strategies(spec: FieldSpec | None) -> tuple[str, ...]:
    return tuple((spec.patch_strategy or "").split(",")) if spec is not None else ()


def _diff_nested(
    old: dict[str, Any], new: dict[str, Any], spec: FieldSpec | None, inner: FieldType | None, path: str
) -> dict[str, Any]:
    strategies = _strategies(spec)
    if "replace" in strategies:
        return new
    try:
        patch = _diff_objects(old, new, inner, path)
    except _NotMergeable:
        return {**new, "$patch": "replace"}
    return _retaining(patch, new) if "retainKeys" in strategies else patch


def _retaining(patch: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """In a union such as a volume, naming the keys that stay drops the others; a null beside that is an error."""
    kept = {key: value for key, value in patch.items() if value is not None}
    return {**kept, "$retainKeys": sorted(key for key, value in new.items() if value is not None)}


def _diff_lists(
    key: str, old: list[Any], new: list[Any], spec: FieldSpec | None, inner: FieldType | None, path: str
) -> dict[str, Any]:
    if inner is None:
        raise PatchError(
            f"the class does not declare {path}, so whether and how the server merges this list is unknown; "
            "use JsonPatch.diff or MergePatch.diff"
        )
    strategies = _strategies(spec)
    if spec is None or "merge" not in strategies:
        return {key: new}
    merge_key = spec.patch_merge_key
    if merge_key is None:
        return _diff_primitives(key, old, new)
    old_keys, new_keys = _keys(old, merge_key), _keys(new, merge_key)
    if new_keys is None:
        # Servers merge the items of a patch with each other as well, those of a list that replaces another included.
        raise _NotMergeable(path)
    if old_keys is None:
        # Which of two is meant can't be said; replacing says what is meant.
        return {key: [*new, {"$patch": "replace"}]}
    item = inner.item if isinstance(inner, ListType) else None
    changes = _diff_items(old, new, merge_key, item, path, retain="retainKeys" in strategies)
    patch: dict[str, Any] = {}
    if changes:
        patch[key] = changes
    if new:
        patch[f"$setElementOrder/{key}"] = [{merge_key: name} for name in new_keys]
    return patch


def _keys(items: list[Any], merge_key: str) -> list[Any] | None:
    """The merge keys of all items, None if one has none or two have the same."""
    keys = [item.get(merge_key) if isinstance(item, dict) else None for item in items]
    if any(key is None or isinstance(key, (dict, list)) for key in keys) or len(set(keys)) != len(keys):
        return None
    return keys


def _diff_items(
    old: list[dict[str, Any]],
    new: list[dict[str, Any]],
    merge_key: str,
    item: FieldType | None,
    path: str,
    *,
    retain: bool,
) -> list[dict[str, Any]]:
    by_key = {entry[merge_key]: entry for entry in old}
    changes: list[dict[str, Any]] = []
    for entry in new:
        name = entry[merge_key]
        before = by_key.pop(name, None)
        if before is None:
            changes.append(entry)
        elif not same(before, entry):
            try:
                change = _diff_objects(before, entry, item, f"{path}[{name}]")
            except _NotMergeable:
                changes += [{"$patch": "delete", merge_key: name}, entry]
                continue
            changes.append({**(_retaining(change, entry) if retain else change), merge_key: name})
    changes.extend({"$patch": "delete", merge_key: name} for name in by_key)
    return changes


def _diff_primitives(key: str, old: list[Any], new: list[Any]) -> dict[str, Any]:
    """A set of texts such as ``finalizers``."""
    patch: dict[str, Any] = {}
    if added := [value for value in new if value not in old]:
        patch[key] = added
    if removed := [value for value in old if value not in new]:
        patch[f"$deleteFromPrimitiveList/{key}"] = removed
    if new:
        patch[f"$setElementOrder/{key}"] = new
    return patch
