"""The modules of a command: an argument, a group of the settings file, or the default."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from firmware.errors import UsageError, UserError

DEFAULT_HOST = "exnihilo.local"
_HOST = re.compile(r"(?:[A-Za-z0-9_.-]+@)?[A-Za-z0-9_\[][A-Za-z0-9_.:%\]-]*")


def is_host(text: str) -> bool:
    """Return whether a text is a host to ssh, and no option or anything else."""
    return _HOST.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Hosts:
    """The settings of `deploy`: the default host or group, and groups of hosts by name."""

    host: str = DEFAULT_HOST
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def resolve(self, name: str | None) -> tuple[str, ...]:
        """Return the hosts that an argument means. Raises `UsageError` for an invalid name."""
        wanted = name or self.host
        hosts = self.groups.get(wanted, (wanted,))
        for host in hosts:
            if not is_host(host):
                raise UsageError(f"{host[:80]!r}: not a host; write HOST, USER@HOST or a group")
        return hosts


def settings_path() -> Path:
    """Return the path of the settings file of `deploy` on this computer."""
    return platformdirs.user_config_path("exnihilo") / "deploy.toml"


def read_hosts(path: Path) -> Hosts:
    """Read the settings file; without one, the defaults. Raises `UserError` with its fault."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Hosts()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not TOML ({error})") from None
    return _hosts(document, path)


def _hosts(document: dict[str, Any], path: Path) -> Hosts:
    unknown = sorted(document.keys() - {"host", "groups"})
    if unknown:
        raise UserError(f"{path}: unknown setting `{unknown[0]}`; known: `host`, `groups`")
    host, groups = document.get("host", DEFAULT_HOST), document.get("groups", {})
    if not isinstance(host, str) or not isinstance(groups, dict):
        raise UserError(f'{path}: write host = "NAME" and a table [groups]')
    for name, hosts in groups.items():
        if (
            not isinstance(hosts, list)
            or not hosts
            or not all(isinstance(h, str) for h in hosts)
        ):
            raise UserError(f'{path}: write {name} = ["HOST", "HOST"] under [groups]')
    return Hosts(host, {name: tuple(hosts) for name, hosts in groups.items()})
