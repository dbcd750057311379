# SPDX-License-Identifier: Apache-2.0
"""exec, attach and port-forward: requests that leave HTTP and become streams (protocol section F, J30)."""
