"""What a benchmark ran on, and the separate environment that its peers are installed into."""

from __future__ import annotations

import hashlib
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def describe_machine() -> dict[str, str | int | float]:
    """Processor, cores this process may use, the system, and how busy the machine is now."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [row.partition(":")[2].strip() for row in cpuinfo.read_text().splitlines() if row.startswith("model name")]
        model = names[0] if names else model
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return {"processor": model, "cores": core_count(), "system": platform.platform(), "load": round(load, 2)}


def core_count() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak_memory() -> int:
    """Most bytes that this process had in memory; on Linux not what the one had that started it, as `getrusage` counts there."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def gemm_peak(size: int = 2048, repeats: int = 12) -> float:
    """The best GFLOP/s of a float32 matrix product by torch, with all cores."""
    import torch

    torch.set_num_threads(core_count())
    left, right = torch.randn(size, size), torch.randn(size, size)
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        torch.mm(left, right)
        seconds.append(time.perf_counter() - started)
    return 2 * size**3 / min(seconds) / 1e9


def peers_python(group: str = "") -> Path:
    """The interpreter of an environment of peers, which is made from its pinned file if it is missing or stale.

    Args:
        group: of `peers-GROUP-requirements.txt`; empty: those of training, `peers-requirements.txt`.
    """
    name = f"peers-{group}" if group else "peers"
    requirements, folder = Path(__file__).with_name(f"{name}-requirements.txt"), ROOT / f".venv-{name}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "requirements.sha256"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"installing the peers of {requirements.name} into {folder}", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(requirements)], check=True)
    stamp.write_text(wanted)
    return python
