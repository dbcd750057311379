# SPDX-License-Identifier: Apache-2.0
"""The classes behind ``k8s.models``, derived from the kinds of ``k8s_plugins_builtin`` where it has them."""
