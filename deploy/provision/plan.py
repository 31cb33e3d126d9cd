"""What makes a fresh Raspberry Pi OS Lite a module: steps, as values, in their order.

Nothing here connects or writes; `apply.py` carries the steps out on the module.
"""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from firmware.board.constants import PINS

Step = dict[str, Any]

USER = "exnihilo"
HOME = "/var/lib/exnihilo"
ROOT = "/opt/exnihilo"
GROUPS = ("audio", "dialout", "gpio", "i2c", "spi", "systemd-journal")
PACKAGES = ("python3-venv", "python3-spidev")
"""python3-spidev comes from Debian: there is no wheel of it for the Pi."""

SERVICES = ("exnihilo.service", "exnihilo-gadget.service")

CONFIG_LINES = (
    "[all]",
    "dtparam=i2c_arm=on,i2c_arm_baudrate=400000",
    "dtparam=spi=on",
    "enable_uart=1",
    "dtoverlay=disable-bt",
    "# The UART at 38400 baud is MIDI's 31250.",
    "dtoverlay=midi-uart0",
    "# Otherwise I2C and SPI run at five eighths of their speed whenever the Pi idles.",
    "core_freq=250",
    "core_freq_min=250",
    f"dtoverlay=gpio-shutdown,gpio_pin={PINS.shutdown}",
    "# The USB port as a device: Ethernet and MIDI (exnihilo-gadget.service).",
    "dtoverlay=dwc2,dr_mode=peripheral",
    "boot_delay=0",
    "disable_splash=1",
    "# The Pi 5 has its first UART elsewhere; with this the header's is ttyAMA0 on every Pi.",
    "[pi5]",
    "dtparam=uart0=on",
    "[all]",
)

SERIAL_CONSOLES = ("console=serial0", "console=ttyAMA0", "console=ttyS0")

SSHD_PATH = "/etc/ssh/sshd_config.d/exnihilo.conf"
SSHD_LOADED = "/etc/exnihilo/sshd.loaded"
SSHD = f"""# The laptop's end of `deploy` may run the receiver and nothing else.
Match User {USER}
    AuthorizedKeysFile /etc/exnihilo/authorized_keys
    ForceCommand {ROOT}/current/bin/python -I -m deploy.receiver.receiver --home {HOME}
    AuthenticationMethods publickey
    DisableForwarding yes
    PermitTTY no
    PermitUserRC no
Match all
"""

LIMITS = f"""# For `firmware run` by hand; the service has its own.
{USER} - rtprio 70
{USER} - memlock unlimited
"""

UDEV = """# The board's buses and lines for their groups, as on Raspberry Pi OS.
SUBSYSTEM=="i2c-dev", GROUP="i2c", MODE="0660"
SUBSYSTEM=="spidev", GROUP="spi", MODE="0660"
SUBSYSTEM=="gpio", KERNEL=="gpiochip*", GROUP="gpio", MODE="0660"
"""

USB_NETWORK = """[connection]
id=exnihilo-usb
type=ethernet
interface-name=usb0

[ipv4]
method=link-local

[ipv6]
method=link-local
"""


@dataclass(frozen=True, slots=True)
class Release:
    """A firmware to install: the wheel's file name, a digest of it, and the pinned versions.

    `offline` takes every package from the wheels that were sent, none from the network.
    """

    wheel: str
    digest: str
    constraints: str
    offline: bool

    @property
    def name(self) -> str:
        """Its folder's name: version and digest, so that two builds never share one."""
        return f"{self.wheel.split('-')[1]}-{self.digest[:8]}"

    @property
    def folder(self) -> str:
        """Where it is installed, beside the others."""
        return f"{ROOT}/versions/{self.name}"


def provision(release: Release) -> tuple[Step, ...]:
    """Give all the steps; whoever logs in to make them may push with the same keys."""
    return (*requirements(), *system(), *boot(), *install(release), *services(release))


def upgrade(release: Release) -> tuple[Step, ...]:
    """Give the steps of a new firmware beside the old one, which stays if it is not healthy."""
    return (*requirements(), *install(release), switch(release))


def requirements() -> tuple[Step, ...]:
    """Give what must hold before anything is touched."""
    advice = "use Raspberry Pi OS Lite 64-bit, Bookworm or Trixie"
    codename = '. /etc/os-release; echo "$VERSION_CODENAME"'
    return (
        _require(("uname", "-m"), ("aarch64",), advice),
        _require(("getconf", "LONG_BIT"), ("64",), advice),
        _require(("sh", "-c", codename), ("bookworm", "trixie"), advice),
    )


def system() -> tuple[Step, ...]:
    """Give the packages, the user, its rights and its keys."""
    quietly = "DEBIAN_FRONTEND=noninteractive"
    installed = ("dpkg", "--status", *PACKAGES)
    apt = (
        "sh",
        "-c",
        f"apt-get update -q && {quietly} apt-get install -qy {' '.join(PACKAGES)}",
    )
    add = ("useradd", "--system", "--home-dir", HOME, "--shell", "/bin/sh", USER)
    groups = ",".join(GROUPS)
    is_member = " && ".join(f"id -nG {USER} | grep -qw {group}" for group in GROUPS)
    made = "; ".join(
        f"getent group {group} >/dev/null || groupadd -r {group}" for group in GROUPS
    )
    return (
        _run("install Debian's packages", apt, unless=installed),
        _run(f"add the user {USER}", add, unless=("id", USER)),
        _run(
            f"put {USER} into {groups}",
            ("sh", "-c", f"{made}; usermod -aG {groups} {USER}"),
            unless=("sh", "-c", is_member),
        ),
        _folder(HOME, 0o750, owner=USER),
        _folder(f"{ROOT}/versions", 0o755),
        {"do": "keys", "path": "/etc/exnihilo/authorized_keys"},
        _file(SSHD_PATH, SSHD),
        _file("/etc/security/limits.d/exnihilo.conf", LIMITS),
        _file("/etc/udev/rules.d/60-exnihilo.rules", UDEV),
        # The kernel has the bus without it, and programs have not.
        _file("/etc/modules-load.d/exnihilo.conf", "i2c-dev\n"),
        _file(
            "/etc/NetworkManager/system-connections/exnihilo-usb.nmconnection",
            USB_NETWORK,
            mode=0o600,
        ),
    )


def boot() -> tuple[Step, ...]:
    """Give the edits of the boot files; each keeps what was there before."""
    config, cmdline = "/boot/firmware/config.txt", "/boot/firmware/cmdline.txt"
    return (
        {"do": "block", "path": config, "lines": list(CONFIG_LINES), "keep": True},
        {"do": "words", "path": cmdline, "unwanted": list(SERIAL_CONSOLES), "keep": True},
    )


def install(release: Release) -> tuple[Step, ...]:
    """Give the virtual environment of a release; its stamp is written last."""
    folder, pip = release.folder, f"{release.folder}/bin/python -m pip"
    source = "--no-index --find-links {incoming}" if release.offline else ""
    options = "-q --no-input --disable-pip-version-check"
    pinned = f"{source} -c {{incoming}}/constraints.txt"
    script = " && ".join(
        (
            f"rm -rf {folder}",
            f"python3 -m venv --system-site-packages {folder}",
            f"{pip} install {options} {pinned} '{{incoming}}/{release.wheel}[pi]'",
            f"{folder}/bin/python -I -m firmware.bundle.verify </dev/null >/dev/null",
            f"touch {folder}/.complete",
        )
    )
    why = f"install {release.wheel}"
    return (_run(why, ("sh", "-c", script), unless=("test", "-e", f"{folder}/.complete")),)


def services(release: Release) -> tuple[Step, ...]:
    """Give the units, and have them start with the module; then the release itself."""
    units = [
        _file(f"/etc/systemd/system/{name}", _shipped(name), mode=0o644) for name in SERVICES
    ]
    gadget = _file("/usr/local/lib/exnihilo/gadget", _shipped("gadget"), mode=0o755)
    enable = f"systemctl enable -q {' '.join(SERVICES)}"
    calm = (
        "systemctl disable -q NetworkManager-wait-online.service serial-getty@ttyAMA0.service"
    )
    needs = f"systemctl show -p NeedDaemonReload --value {' '.join(SERVICES)}"
    return (
        *units,
        gadget,
        _run(
            "reload the units",
            ("systemctl", "daemon-reload"),
            unless=("sh", "-c", f"! {needs} | grep -q yes"),
        ),
        switch(release),
        _run(
            "start the services with the module",
            ("sh", "-c", f"{enable} && {{ {calm} || true; }}"),
            unless=("systemctl", "is-enabled", "-q", *SERVICES),
        ),
        _run(
            "let the key push",
            ("sh", "-c", f"sshd -t && systemctl reload ssh && cp {SSHD_PATH} {SSHD_LOADED}"),
            unless=("cmp", "-s", SSHD_PATH, SSHD_LOADED),
        ),
    )


def switch(release: Release) -> Step:
    """Give the step that makes a release the one that runs, or keeps the old one."""
    command = (f"{release.folder}/bin/python", "-I", "-m", "deploy.receiver.switch")
    options = ("--root", ROOT, "--home", HOME, release.name)
    is_current = f'test "$(readlink {ROOT}/current)" = versions/{release.name}'
    return _run(
        f"switch to {release.name}", (*command, *options), unless=("sh", "-c", is_current)
    )


def _shipped(name: str) -> str:
    return files("deploy").joinpath("units", name).read_text("utf-8")


def _require(command: tuple[str, ...], answers: tuple[str, ...], advice: str) -> Step:
    return {"do": "require", "command": command, "answers": answers, "advice": advice}


def _folder(path: str, mode: int, owner: str | None = None) -> Step:
    return {"do": "folder", "path": path, "mode": mode, "owner": owner}


def _file(path: str, content: str, mode: int = 0o644) -> Step:
    return {"do": "file", "path": path, "content": content, "mode": mode}


def _run(why: str, command: tuple[str, ...], *, unless: tuple[str, ...]) -> Step:
    return {"do": "run", "why": why, "command": command, "unless": unless}
