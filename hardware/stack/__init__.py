# SPDX-License-Identifier: CERN-OHL-P-2.0
"""What stands behind the panel, in three dimensions."""
