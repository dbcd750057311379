# SPDX-License-Identifier: Apache-2.0
"""Which checks a kind has, and in which order: the table that leads from a kind to its rules.

The order of an update is a word of letters, since errors are reported in the order in which they are found, and some
of the API server's kinds go over an object more than once: ``U`` is the comparison of the metadata with what it was,
``C`` the check of the metadata itself, ``I`` what the kind does not let change, ``V`` the check of all the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from k8s_devkit.strategy.field_errors import FieldError, Problems
from k8s_devkit.strategy.immutability import forbid, freeze
from k8s_plugins_builtin._server_tables import immutability
from k8s_plugins_builtin.core.server import objects as core
from k8s_plugins_builtin.core.server import quotas, services, storage

__all__ = ["RULES", "Rules"]

Json = dict[str, Any]
Check = Callable[[Json, Json | None], list[FieldError]]
Update = Callable[[Json, Json], list[FieldError]]


def _nothing(_: Json, __: Json | None = None) -> list[FieldError]:
    return Problems()


@dataclass(frozen=True, slots=True)
class Rules:
    """The checks of one kind.

    Attributes:
        check: of a whole object; gets what it was before, None for a new one.
        update: what an update may not change.
        order: of an update, see above.
        plain_metadata: finalizers without a domain are not looked up among Kubernetes' own.
    """

    check: Check = _nothing
    update: Update = _nothing
    order: str = "UV"
    plain_metadata: bool = False


_STORAGE = "storage.k8s.io"

RULES: dict[tuple[str, str], Rules] = {
    ("", "configmaps"): Rules(core.check_config_map, immutability.check_frozen_data, "UICV"),
    ("", "endpoints"): Rules(services.check_endpoints, order="UCV"),
    ("", "events"): Rules(core.check_event, order="V", plain_metadata=True),
    ("", "limitranges"): Rules(quotas.check_limit_range, order="CV"),
    ("", "nodes"): Rules(core.check_node, core.check_node_update, "CVUI"),
    ("", "persistentvolumeclaims"): Rules(storage.check_claim, immutability.check_claim_update, "CVUCVI"),
    ("", "persistentvolumes"): Rules(storage.check_volume, immutability.check_volume_update, "CVCVI"),
    ("", "resourcequotas"): Rules(quotas.check_quota, quotas.check_quota_update, "CVUVI"),
    ("", "secrets"): Rules(core.check_secret, immutability.check_secret_update, "UICV"),
    ("", "serviceaccounts"): Rules(order="UC"),
    ("", "services"): Rules(services.check_service, services.check_service_update, "UICV"),
    ("discovery.k8s.io", "endpointslices"): Rules(services.check_endpoint_slice, freeze("addressType"), "CVI"),
    (_STORAGE, "csidrivers"): Rules(storage.check_csi_driver, freeze("spec.attachRequired"), "UVI"),
    (_STORAGE, "csinodes"): Rules(storage.check_csi_node, order="CV"),
    (_STORAGE, "csistoragecapacities"): Rules(
        storage.check_storage_capacity, freeze("nodeTopology", "storageClassName"), "UI"
    ),
    (_STORAGE, "storageclasses"): Rules(storage.check_storage_class, immutability.check_storage_class_update, "CVUI"),
    (_STORAGE, "volumeattachments"): Rules(storage.check_volume_attachment, freeze("spec"), "CVI"),
    (_STORAGE, "volumeattributesclasses"): Rules(
        storage.check_volume_attributes_class, forbid("driverName", "parameters"), "UICV"
    ),
}
"""The rules by the key under which a kind is stored."""
