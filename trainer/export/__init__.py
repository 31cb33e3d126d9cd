"""From trained weights to verified TFLite files."""
