"""Names of models to files: the bundled one, a path, a published one."""

import re
import shutil
from pathlib import Path

from podoba.cache.download import Terms, download
from podoba.cache.location import cache_dir
from podoba.errors import ModelError, did_you_mean, near_paths
from podoba.files import replacing
from podoba.models.encoder import Encoder

HUB = "https://huggingface.co"
FILE = "model.onnx"
BUNDLED = ("photo", "small")  # models inside the package
DEFAULT_MODEL = BUNDLED[0]  # wherever a model is wanted and none was named
OTHERWISE = f"name {' or '.join(BUNDLED)}, an .onnx file, a run folder, timm/<name> or hf:<owner>/<repo>"
WEIGHTS = "weights.safetensors"


def bundled_folder(name: str = DEFAULT_MODEL) -> Path:
    """The folder of a bundled model: `model.onnx` and `weights.safetensors`."""
    return Path(__file__).parent / "bundled" / name


def find_model(name: str, hub: str = HUB) -> Path:
    """The `.onnx` file that a name stands for.

    Args:
        name: of a bundled model, a path to `.onnx` or to a run folder, `hf:<owner>/<repo>` (its `model.onnx`, fetched once),
            `timm/<name>` (exported once by `podoba models pull`).
        hub: address of the site that `hf:` models are fetched from.

    Raises:
        ModelError: nothing of that name; says what is near and what to do.
        DownloadError: a published model that cannot be fetched.
    """
    if name in BUNDLED:
        missing = f"{name}: the bundled model is missing from this installation: reinstall podoba, or name another model"
        return _existing(bundled_folder(name) / FILE, missing)
    if name.startswith("hf:"):
        return _hub(name.removeprefix("hf:"), hub)
    if name.startswith("timm/"):
        path = timm_path(name)
        return _existing(
            path, f"{name}: not in the cache yet: run `podoba models pull {name}` (needs podoba[train] and a network)"
        )
    path = Path(name).expanduser()
    try:
        if path.is_dir():
            unfinished = f"{name}: no {FILE} in this folder: name a finished run, or an .onnx file"
            return _existing(path / FILE, unfinished)
        if path.exists():
            return path
    except (OSError, ValueError) as error:
        raise ModelError(f"{name[:200]!r}: not a name that a file can have ({error}): see `podoba models list`") from error
    hint = did_you_mean(
        name, list_models(), OTHERWISE, also=near_paths(path, lambda p: p.suffix == ".onnx" or (p / FILE).is_file(), cutoff=0.6)
    )
    raise ModelError(f"{name}: no such model: {hint}")


def open_model(name: str, threads: int | None = None, device: str | None = None) -> Encoder:
    """The encoder of a model name; `threads` and `device` as in `Encoder`.

    Raises:
        ModelError, DownloadError: as `find_model`.
        DeviceError: as `Encoder`.
    """
    return Encoder(find_model(name), threads, device=device)


def copy_model(path: Path, out: Path) -> None:
    """Copy a model's file, whole or not at all. Raises `ModelError` where it cannot be written, or is the same file."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.exists() and out.samefile(path):
            raise ModelError(f"{out}: is the model itself: choose another place")
        with replacing(out) as draft:
            shutil.copyfile(path, draft)
    except OSError as error:
        raise ModelError(f"{out}: cannot be written ({error}): choose another place") from error


def list_models() -> dict[str, Path]:
    """Names of the models that are here, bundled or cached, and their files."""
    found = {name: bundled_folder(name) / FILE for name in BUNDLED}
    root = cache_dir() / "models"
    found |= {f"timm/{p.name.removesuffix('.onnx')}": p for p in sorted((root / "timm").glob("*.onnx"))}
    found |= {f"hf:{p.parent.parent.name}/{p.parent.name}": p for p in sorted((root / "hf").glob(f"*/*/{FILE}"))}
    return {name: path for name, path in found.items() if path.is_file()}


def timm_path(name: str) -> Path:
    """Where the export of `timm/<name>` is kept. Raises `ModelError` for a name that timm cannot have."""
    short = name.removeprefix("timm/")
    if not _plain(short):
        raise ModelError(f"{name}: not a name of timm's: write it as timm/<name>, such as timm/resnet50")
    return cache_dir() / "models" / "timm" / f"{short}.onnx"


def _hub(repository: str, hub: str) -> Path:
    parts = repository.split("/")
    if len(parts) != 2 or not all(_plain(part) for part in parts):
        raise ModelError(f"hf:{repository}: write it as hf:<owner>/<repo>")
    path = cache_dir() / "models" / "hf" / parts[0] / parts[1] / FILE
    if not path.is_file():
        url = f"{hub}/{repository}/resolve/main/{FILE}"
        download(url, path, terms=Terms(alternative=f"put the file at {path}, or name a model file that is here by its path"))
    return path


def _plain(part: str) -> bool:
    """Whether a part of a name is safe as a file name and in an address."""
    return re.fullmatch(r"\w[\w.-]*", part, re.ASCII) is not None


def _existing(path: Path, otherwise: str) -> Path:
    if not path.is_file():
        raise ModelError(otherwise)
    return path
