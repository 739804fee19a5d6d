"""Where a run was made: versions, machine, threads."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

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


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
