# SPDX-License-Identifier: Apache-2.0
"""The four kinds of patches, and who owns which field."""
