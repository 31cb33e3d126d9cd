"""Make a fresh Pi a module."""
