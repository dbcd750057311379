# SPDX-License-Identifier: Apache-2.0
"""What is served: kinds, their shapes and their traits, from the registry and from CRDs."""
