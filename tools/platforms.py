"""Whether every locked runtime package has a wheel for the systems that a practice runs, asked of the package index."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLATFORMS = {
    "Linux x86-64": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "Linux arm64": ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
    "macOS arm64": ("macosx_14_0_arm64", "macosx_11_0_arm64"),
    "Windows x86-64": ("win_amd64",),
}
PYTHONS = ("3.11", "3.13")


def wanted(platform: str) -> list[str]:
    """The locked lines, with their hashes, that this platform needs."""
    system = {"Linux": "linux", "macOS": "darwin", "Windows": "win32"}[platform.split()[0]]
    found = []
    for line in re.split(r"\n(?=\S)", (ROOT / "requirements/runtime.txt").read_text()):
        if "==" not in line or line.startswith("#"):
            continue
        marker = re.search(r";([^\\]*)\\", line)
        systems = re.findall(r"sys_platform == '(\w+)'", marker[1]) if marker else []
        if not systems or system in systems:
            found.append(re.sub(r" ;[^\\]*\\", " \\\\", line))
    return found


def main() -> int:
    bad = 0
    for platform, tags in PLATFORMS.items():
        for python in PYTHONS:
            with tempfile.TemporaryDirectory() as folder:
                lines = [
                    w
                    for w in wanted(platform)
                    if not (python > "3.11" and w.startswith(("backports", "importlib-m", "zipp")))
                ]
                lock = Path(folder) / "lock.txt"
                lock.write_text("\n".join(lines) + "\n")
                command = [
                    sys.executable,
                    "-m",
                    "pip",
                    "download",
                    "-q",
                    "--disable-pip-version-check",
                    "--no-deps",
                ]
                command += ["--only-binary", ":all:", "--require-hashes", "-r", str(lock), "-d", folder]
                command += ["--python-version", python, "--implementation", "cp"]
                for tag in tags:
                    command += ["--platform", tag]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            here = sys.platform.startswith("linux") and platform == "Linux x86-64" and python == "3.11"
            word = "runs here" if here else "resolves, untested"
            if done.returncode:
                bad += 1
                word = "DOES NOT RESOLVE: " + done.stderr.strip().splitlines()[-1]
            print(f"{platform:<16} Python {python}: {word}", flush=True)
    print("macOS x86-64: not supported: `cryptography` publishes no wheel for it any more")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
