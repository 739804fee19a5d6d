"""Names of models to files: the bundled one, a path, a published one."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from podoba.errors import ModelError
from podoba.images.cache import cache_dir
from podoba.images.download import download
from podoba.models.encoder import Encoder

HUB = "https://huggingface.co"


def bundled_folder() -> Path:
    """The folder of the bundled starter model: `model.onnx` and `weights.safetensors`."""
    return Path(__file__).parent / "starter"


def find_model(name: str) -> Path:
    """The `.onnx` file that a name stands for.

    Args:
        name: `starter`, a path to `.onnx` or to a run folder, `hf:<owner>/<repo>` (fetched once), `timm/<name>` (exported once
            by `podoba models pull`).

    Raises:
        ModelError: nothing of that name; says what is near and what to do.
        DownloadError: a published model that cannot be fetched.
    """
    if name == "starter":
        return _existing(bundled_folder() / "model.onnx", "the bundled model is missing from this installation: reinstall podoba")
    if name.startswith("hf:"):
        return _hub(name.removeprefix("hf:"))
    if name.startswith("timm/"):
        path = timm_path(name)
        return _existing(
            path, f"{name} is not in the cache yet: run `podoba models pull {name}` (needs podoba[train] and a network)"
        )
    path = Path(name).expanduser()
    if path.is_dir():
        return _existing(path / "model.onnx", f"{name}: no model.onnx in this folder: name a finished run, or an .onnx file")
    if path.exists():
        return path
    near = difflib.get_close_matches(name, [*list_models()], 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else "name starter, an .onnx file, a run folder, timm/<name> or hf:<owner>/<repo>"
    raise ModelError(f"{name}: no such model: {hint}")


def open_model(name: str, threads: int | None = None) -> Encoder:
    """The encoder of a model name. Raises `ModelError` as `find_model` and `Encoder` do."""
    return Encoder(find_model(name), threads)


def list_models() -> dict[str, Path]:
    """Names of the models that are here, bundled or cached, and their files."""
    found = {"starter": bundled_folder() / "model.onnx"}
    root = cache_dir() / "models"
    found |= {f"timm/{p.stem}": p for p in sorted((root / "timm").glob("*.onnx"))}
    found |= {f"hf:{p.parent.parent.name}/{p.parent.name}": p for p in sorted((root / "hf").glob("*/*/model.onnx"))}
    return {name: path for name, path in found.items() if path.exists()}


def timm_path(name: str) -> Path:
    """Where the export of `timm/<name>` is kept."""
    return cache_dir() / "models" / "timm" / f"{name.removeprefix('timm/')}.onnx"


def _hub(repository: str) -> Path:
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository) or ".." in repository:
        raise ModelError(f"hf:{repository}: write it as hf:<owner>/<repo>")
    path = cache_dir() / "models" / "hf" / repository / "model.onnx"
    if not path.exists():
        download(f"{HUB}/{repository}/resolve/main/model.onnx", path)
    return path


def _existing(path: Path, otherwise: str) -> Path:
    if not path.exists():
        raise ModelError(otherwise)
    return path
