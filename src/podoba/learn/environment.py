"""Where a run was made: versions, machine, threads."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies import DDPStrategy
from torch import distributed

PACKAGES = (
    "podoba", "torch", "torchvision", "timm", "pytorch-metric-learning", "lightning-fabric", "numpy", "pillow",
    "onnx", "onnxruntime", "scikit-learn",
)  # fmt: skip


def describe_environment(device: str) -> dict[str, Any]:
    """What `environment.json` holds."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "device": device,
        "packages": {name: _version(name) for name in PACKAGES},
    }


def describe_processes(fabric: Fabric) -> dict[str, Any]:
    """What `environment.json` holds of the processes that shared a training; `backend`, of their exchange, is None for one."""
    several = fabric.world_size > 1
    nodes = fabric.strategy.num_nodes if isinstance(fabric.strategy, DDPStrategy) else 1
    return {"processes": fabric.world_size, "nodes": nodes, "backend": distributed.get_backend() if several else None}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
