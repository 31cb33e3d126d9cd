"""Commands for developers; not installed."""
