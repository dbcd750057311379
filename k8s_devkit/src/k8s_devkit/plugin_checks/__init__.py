# SPDX-License-Identifier: Apache-2.0
"""What `check_plugin` looks at: a package of kinds or hooks as it is installed, and as it behaves."""
