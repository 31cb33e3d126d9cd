"""Which firmware the module starts: a program outside of all versions."""
