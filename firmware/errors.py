"""The one exception that is meant for a person rather than a programmer."""


class UserError(Exception):
    """What went wrong, where, and what to do, in one line; the command exits with 1."""


class UsageError(UserError):
    """The command was called wrongly; it exits with 2."""
