# SPDX-License-Identifier: Apache-2.0
"""Defaults that the API server fills into built-in kinds (protocol E16: the server's work, never the client's)."""
