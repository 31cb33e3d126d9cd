"""What the board is: its pins, converters and stages, and their calibration."""
