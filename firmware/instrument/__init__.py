"""The instrument as values: parameters, presets, controls, modulation."""
