# SPDX-License-Identifier: Apache-2.0
"""The imports of fiaas/k8s over k8s-core: what says ``from k8s.models.deployment import Deployment`` runs as it is.

``k8s.switches`` has what fiaas/k8s does and this package does not do unless it is told to. Every old spelling warns
(DeprecationWarning) and names the new one.
"""

from __future__ import annotations
