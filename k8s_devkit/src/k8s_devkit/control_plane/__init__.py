# SPDX-License-Identifier: Apache-2.0
"""A real etcd and kube-apiserver from ``KUBEBUILDER_ASSETS``: certificates, processes, readiness, a clean end."""
