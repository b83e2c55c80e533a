"""How much the base install puts on a disk: `locks/base.txt` in an environment of its own."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LARGEST = 5


def _bytes(path: Path) -> int:
    """Disk use in bytes, as `du` counts it."""
    return sum(one.lstat().st_blocks * 512 for one in path.rglob("*"))


def run() -> dict[str, Any]:
    """Megabytes (of 1024 x 1024 bytes) as installed and with Python's bytecode, which the first runs add."""
    uv = Path(sys.executable).with_name("uv")
    with tempfile.TemporaryDirectory(prefix="mutu-bench-") as folder:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", f"{folder}/venv"], check=True)
        environment = os.environ | {"UV_LINK_MODE": "copy"}
        python = f"{folder}/venv/bin/python"
        install = [uv, "pip", "install", "--quiet", "--python", python, "--require-hashes"]
        subprocess.run([*install, "-r", str(ROOT / "locks" / "base.txt")], check=True, env=environment)
        site = next(Path(folder).glob("venv/lib/python*/site-packages"))
        installed = _bytes(Path(folder))
        sizes = {one.name: _bytes(one) for one in site.iterdir() if one.is_dir()}
        subprocess.run([python, "-m", "compileall", "-q", str(site)], check=False, capture_output=True)
        compiled = _bytes(Path(folder))
    top = sorted(sizes, key=lambda name: -sizes[name])[:LARGEST]
    return {
        "mb": round(installed / 2**20),
        "mb_dengan_bytecode": round(compiled / 2**20),
        "terbesar_mb": {name: round(sizes[name] / 2**20) for name in top},
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
