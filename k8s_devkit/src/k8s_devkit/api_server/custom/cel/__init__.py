# SPDX-License-Identifier: Apache-2.0
"""CEL rules of custom resources: compiled once, evaluated with Kubernetes' libraries (extra ``[cel]``)."""
