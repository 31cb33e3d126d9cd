"""The part of a plan that sets up Debian: packages, the user, its rights, the boot files."""

from deploy.provision.contents import (
    ANNOUNCEMENT,
    CONFIG_LINES,
    GROUPS,
    HOME,
    ISOLATION,
    LIMITS,
    PACKAGES,
    SERIAL_CONSOLES,
    UDEV,
    USB_NETWORK,
    USER,
)
from deploy.provision.steps import Step, file, finds_none, folder, require, run


def requirements() -> tuple[Step, ...]:
    """Return the conditions to check before anything is changed."""
    advice = "use Raspberry Pi OS Lite 64-bit, Bookworm or Trixie"
    codename = '. /etc/os-release; echo "$VERSION_CODENAME"'
    return (
        require(("uname", "-m"), ("aarch64",), advice),
        require(("getconf", "LONG_BIT"), ("64",), advice),
        require(("sh", "-c", codename), ("bookworm", "trixie"), advice),
    )


def system() -> tuple[Step, ...]:
    """Return the packages, the user, its rights and its keys."""
    return (
        _packages(),
        *_user(),
        folder("/etc/exnihilo", 0o755),
        {"do": "keys", "path": "/etc/exnihilo/authorized_keys"},
        file("/etc/security/limits.d/exnihilo.conf", LIMITS),
        file("/etc/avahi/services/exnihilo.service", ANNOUNCEMENT),
        file("/etc/udev/rules.d/60-exnihilo.rules", UDEV),
        # The kernel has the bus without it, and programs have not.
        file("/etc/modules-load.d/exnihilo.conf", "i2c-dev\n"),
        file(
            "/etc/NetworkManager/system-connections/exnihilo-usb.nmconnection",
            USB_NETWORK,
            mode=0o600,
        ),
    )


def _packages() -> Step:
    quietly, packages = "DEBIAN_FRONTEND=noninteractive", " ".join(PACKAGES)
    # A power cut may have left them half installed.
    status = f"dpkg-query -W -f '${{Status}}\n' {packages}"
    installed = f'test "$({status} | grep -c "^install ok installed$")" = {len(PACKAGES)}'
    apt = (
        f"{quietly} dpkg --configure -a && apt-get update -q && "
        f"{quietly} apt-get install -qy {packages}"
    )
    return run("install Debian's packages", ("sh", "-c", apt), unless=("sh", "-c", installed))


def _user() -> tuple[Step, ...]:
    """Return the steps that make the user, its groups and its home."""
    add = f"useradd --system --home-dir {HOME} --shell /bin/sh {USER}"
    # A power cut may have left its group alone.
    add = f"if getent group {USER} >/dev/null; then {add} -g {USER}; else {add}; fi"
    groups = ",".join(GROUPS)
    is_member = " && ".join(f"id -nG {USER} | grep -qw {group}" for group in GROUPS)
    made = "; ".join(
        f"getent group {group} >/dev/null || groupadd -r {group}" for group in GROUPS
    )
    return (
        run(f"add the user {USER}", ("sh", "-c", add), unless=("id", USER)),
        run(
            f"put {USER} into {groups}",
            ("sh", "-c", f"{made}; usermod -aG {groups} {USER}"),
            unless=("sh", "-c", is_member),
        ),
        folder(HOME, 0o750, owner=USER),
        run(
            f"give {HOME} to {USER}",
            ("sh", "-c", f"chown -R {USER}: {HOME} && chmod -R u+rwX {HOME}"),
            unless=finds_none(
                f"{HOME} ! -user {USER} -o -type d ! -perm -700 -o -type f ! -perm -600"
            ),
        ),
    )


def boot() -> tuple[Step, ...]:
    """Return the edits of the boot files; each keeps what was there before."""
    config, cmdline = "/boot/firmware/config.txt", "/boot/firmware/cmdline.txt"
    return (
        {"do": "block", "path": config, "lines": list(CONFIG_LINES), "keep": True},
        {
            "do": "words",
            "path": cmdline,
            "unwanted": [*SERIAL_CONSOLES, "isolcpus=", "irqaffinity="],
            "wanted": list(ISOLATION),
            "keep": True,
        },
    )
