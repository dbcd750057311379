# SPDX-License-Identifier: Apache-2.0
"""The kinds of fiaas/k8s, one module each."""
