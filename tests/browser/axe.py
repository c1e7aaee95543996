"""What axe, the accessibility checker, has against a page.

It comes from npm, as the other outside tools do: the wheels that carry it bring a second browser driver along.
"""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

from .chromium import Chromium

AXE = "axe-core@4.14.1"


@cache
def _script() -> str:
    """axe's own JavaScript."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--prefer-offline", AXE]
        subprocess.run(command, cwd=folder, check=True, timeout=120, stdout=subprocess.DEVNULL)
        [package] = Path(folder).iterdir()
        with tarfile.open(package) as archive:
            member = archive.extractfile("package/axe.min.js")
            assert member
            return member.read().decode()


def serious(browser: Chromium) -> list[str]:
    """What axe finds serious or critical in the open page, contrast included: the rule and where it is broken."""
    browser.run(f"{_script()}; true")
    found = browser.run("axe.run({ resultTypes: ['violations'] }).then(result => result.violations)")
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]
