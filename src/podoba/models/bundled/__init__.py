"""The models inside the package. Nothing is imported here but where they lie, so that a help text may name them."""

from pathlib import Path

BUNDLED = ("photo", "small")
DEFAULT_MODEL = BUNDLED[0]  # wherever a model is wanted and none was named


def bundled_folder(name: str = DEFAULT_MODEL) -> Path:
    """The folder of a bundled model: `model.onnx` and `weights.safetensors`."""
    return Path(__file__).parent / name
