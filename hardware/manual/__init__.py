# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The player's manual for print, made from the tables that the code itself uses."""
