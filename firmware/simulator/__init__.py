"""A simulated module: buses with chips that decode bytes as in the data sheets.

The drivers, the calibration, the player, the panel and the command line run on them unchanged,
in virtual or in real time; the voltages of the jacks are recorded as traces.
"""
