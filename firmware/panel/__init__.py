"""The panel process: inputs, display, OSC, bundles and presets."""
