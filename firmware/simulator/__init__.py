"""The module without the module: buses with chips that decode bytes as the datasheets say.

The drivers, the calibration, the player, the panel and the command line run over them
unchanged, in virtual or in real time, and what they did to the jacks is recorded as traces.
"""
