# SPDX-License-Identifier: Apache-2.0
"""The sub-commands that the devkit adds to ``k8s-core``: ``serve``, ``generate``, ``plugin`` and ``crd``."""
