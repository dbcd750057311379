# SPDX-License-Identifier: Apache-2.0
"""Subresources with rules of their own, and kinds that are not stored."""
