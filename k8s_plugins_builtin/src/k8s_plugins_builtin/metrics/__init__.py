# SPDX-License-Identifier: Apache-2.0
"""The kinds of the API group ``metrics.k8s.io``; one module for each version."""
