# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The front panel: one geometry, written as a picture, as DXF, and as gerbers and drill."""
