# SPDX-License-Identifier: Apache-2.0
"""What clients ask before they begin: discovery and OpenAPI documents."""
