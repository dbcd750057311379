# SPDX-License-Identifier: Apache-2.0
"""From an HTTP request to the handler that answers it."""
