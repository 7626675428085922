"""Sees to it that there is a Chromium for the browser journey: Debian's, by apt, where that is possible."""

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """The Chromium of this machine; `TIEOUT_CHROMIUM` names another."""
    return os.environ.get("TIEOUT_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def main() -> None:
    if find_browser():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SystemExit(
            "The browser journey needs Chromium. Install it, or name one with TIEOUT_CHROMIUM=/path/to/it."
        )
    print("Installing Chromium …", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    quietly = ["apt-get", "--quiet=2", "--yes"]
    subprocess.run([*quietly, "update"], check=True, env=environment)
    subprocess.run([*quietly, "install", "--no-install-recommends", "chromium"], check=True, env=environment)


if __name__ == "__main__":
    main()
