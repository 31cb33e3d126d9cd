"""The module's end: receive, store, activate."""
