"""OpenSSH as a subprocess: its keys, agent, prompts, `known_hosts` and configuration."""

import re
from collections.abc import Sequence

USER = "exnihilo"
"""The user that may push on a module: its key can run the receiver and nothing else."""

RECEIVER = "exnihilo-receive"
"""The command requested; the module's `authorized_keys` replaces it by the real one."""

NETWORK_S = 10
_OPTIONS = (
    *("-o", f"ConnectTimeout={NETWORK_S}"),
    # A cut network is noticed after twelve seconds rather than hours.
    *("-o", "ServerAliveInterval=4"),
    *("-o", "ServerAliveCountMax=3"),
)

_FAILURES = (
    (
        r"REMOTE HOST IDENTIFICATION HAS CHANGED",
        "its host key has changed; if you set it up again, run `ssh-keygen -R {name}`",
    ),
    (
        r"Host key verification failed|authenticity of host",
        "its host key is unknown; connect once with `ssh {login}` and compare the fingerprint",
    ),
    (
        r"Permission denied|Too many authentication failures",
        "accepts no key of yours for {login}; add one with `ssh-add`, or provision the module",
    ),
    (r"Could not resolve hostname", "no such host; is the module on, and on this network?"),
    (
        r"No route to host|Network is unreachable|timed out",
        "does not respond; is the module on, and on this network?",
    ),
    (r"Connection refused", "refuses connections; is ssh enabled on the module?"),
    (r"Bad owner or permissions|Bad configuration option|no argument after", "{last}"),
)


def command(host: str, remote: str, user: str | None = USER) -> list[str]:
    """Return the ssh command for a host; a user written with the host goes before `user`."""
    login = ["-l", user] if user and "@" not in host else []
    return ["ssh", "-T", *_OPTIONS, *login, "--", host, remote]


def explain(host: str, code: int, said: str, user: str | None = USER) -> str:
    """Return one line: why a connection or its command failed, and what to do.

    `code` is ssh's exit code and `said` its standard error: 255 is ssh's own failure, 126 and
    127 are the remote shell's.
    """
    login = host if "@" in host or not user else f"{user}@{host}"
    last = _last_line(said)
    names = {"login": login, "name": host.rpartition("@")[2], "last": last}
    if code == 127 or "No module named" in said:
        return (
            f"{host}: Ex Nihilo is not installed there; run `deploy provision {names['name']}`"
        )
    if code == 126:
        return f"{host}: its Python cannot run there ({last}); provision the module again"
    for pattern, advice in _FAILURES if code == 255 else ():
        if re.search(pattern, said):
            return f"{host}: {advice.format(**names)}"
    if code == 255:
        return f"{host}: the connection was lost ({last or 'ssh gives no reason'}); try again"
    return f"{host}: the receiver ended ({last or f'exit code {code}'})"


def _last_line(said: str) -> str:
    lines: Sequence[str] = [text for text in map(str.strip, said.splitlines()) if text]
    return lines[-1][:200] if lines else ""
