"""``make check`` and ``make audit``: known vulnerabilities of everything that is pinned, by pip-audit.

The list is a public service (PyPI's, or an OSV server by ``--osv-url``). A package with a known vulnerability always
fails. What the list cannot tell, because it is out of reach or does not know a package, is always said;
``--strict`` (``make audit``) fails for it, ``make check`` does not: it has to work without a network.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, TypedDict, cast

ROOT = Path(__file__).resolve().parent.parent
# pip-audit does not follow an inclusion. The file of the S3 server is left out: one hash in it would want one for all.
REQUIREMENTS = [
    ROOT / "requirements.txt",
    ROOT / "requirements-otel.txt",
    ROOT / "tests/requirements.txt",
    ROOT / "tests/requirements-loaders.txt",
]
TIMEOUT_S = 5


class Package(TypedDict, total=False):
    """One entry of pip-audit's report; ``skip_reason`` stands in for ``version`` and ``vulns``."""

    name: str
    version: str
    vulns: list[dict[str, Any]]
    skip_reason: str


def ask(files: list[Path], osv_url: str) -> list[Package]:
    """What the list says of each pinned package. Raises OSError with pip-audit's last words where it does not."""
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner", "off"]
    command += ["--format", "json", "--desc", "off", "--timeout", str(TIMEOUT_S)]
    command += ["--vulnerability-service", "osv", "--osv-url", osv_url] if osv_url else []
    for file in files:
        command += ["--requirement", str(file)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        return cast(list[Package], json.loads(result.stdout)["dependencies"])
    except (ValueError, KeyError):
        raise OSError((result.stderr.strip().splitlines() or ["no answer"])[-1]) from None


def main() -> int:
    """Exit status 0: nothing is known; 1: something is, or with ``--strict`` something could not be asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.audit", description=__doc__.split("\n\n")[0])
    parser.add_argument("files", nargs="*", type=Path, default=REQUIREMENTS, help="requirements files (default: all)")
    parser.add_argument("--strict", action="store_true", help="fail also for what the list cannot tell")
    parser.add_argument("--osv-url", default="", help="ask this OSV server instead of PyPI")
    options = parser.parse_args()
    try:
        packages = ask(options.files, options.osv_url)
    except OSError as error:
        print(f"NOT AUDITED, pip-audit got no answer: {str(error)[:300]}")
        return int(options.strict)
    found = [package for package in packages if package.get("vulns")]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    for package in found:
        for entry in package["vulns"]:
            fixed = ", ".join(entry["fix_versions"]) or "no version yet"
            print(f"{package['name']} {package['version']}: {entry['id']}, mended in {fixed}")
    print(f"{len(packages) - len(unknown)} of {len(packages)} pinned packages audited, {len(found)} vulnerable.")
    if unknown:
        whole = len(unknown) == len(packages)
        print(f"NOT AUDITED, the list does not know {'any of them' if whole else ', '.join(sorted(unknown))}.")
    return int(bool(found or (options.strict and unknown)))


if __name__ == "__main__":
    sys.exit(main())
