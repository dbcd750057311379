# SPDX-License-Identifier: Apache-2.0
"""The built-in Kubernetes kinds, one module per API group and version."""
