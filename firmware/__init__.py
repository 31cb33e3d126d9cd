"""What runs on the module, and in its simulator."""

__version__ = "0.1.0"
