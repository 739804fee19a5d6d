"""Names of models to files: a bundled one, a published one, a path."""

import re
import shutil
from pathlib import Path

from podoba.cache.location import cache_dir
from podoba.errors import ModelError, did_you_mean, near_paths
from podoba.files import replacing
from podoba.models.bundled import BUNDLED, bundled_folder
from podoba.models.encoder import Encoder
from podoba.models.hub.local_folder import import_local, is_published
from podoba.models.hub.pull import find_pulled, pull
from podoba.models.hub.store import all_pulled
from podoba.models.published.address import PREFIX, Address, is_plain
from podoba.models.published.catalogue import catalogue
from podoba.progress import OnProgress

FILE = "model.onnx"
OTHERWISE = (
    f"name {' or '.join(BUNDLED)}, a published model (`podoba models list` has some), hf:<owner>/<repo>, timm/<name>, an .onnx "
    "file or a folder"
)
WEIGHTS = "weights.safetensors"
FAMILIES = (  # how names of timm's networks begin
    "beit", "coat", "convit", "convmixer", "convnext", "cspresnet", "davit", "deit", "densenet", "dla", "dpn", "edgenext",
    "efficientnet", "efficientvit", "eva", "fastvit", "ghostnet", "hrnet", "inception", "levit", "maxvit", "mixer",
    "mobilenet", "mobileone", "mobilevit", "nfnet", "poolformer", "pvt", "regnet", "repvgg", "repvit", "res2net", "resmlp",
    "resnest", "resnet", "resnext", "rexnet", "samvit", "seresnet", "seresnext", "swin", "tf_", "tiny_vit", "tinynet", "vgg",
    "vit_", "wide_resnet", "xception", "xcit",
)  # fmt: skip
ON_HUB = re.compile(r"\w[\w.-]*/\w[\w.-]*(@[\w./-]+)?(:[\w./-]+\.onnx)?", re.ASCII)  # an address without `hf:`


def find_model(name: str, *, fetch: bool = True, progress: OnProgress | None = None) -> Path:
    """The `.onnx` file that a name stands for.

    Args:
        name: of a bundled model; a short name of the catalogue, or `hf:<owner>/<repo>[@<revision>][:<path>.onnx]`, fetched and
            imported when it is first asked for; `timm/<name>`, exported by `podoba models pull`; a path to `.onnx`, to a run
            folder, or to the folder of a published repository.
        fetch: False where the name comes from a file and not from a person: then nobody is asked for what is not here.
        progress: of the fetching.

    Raises:
        ModelError: nothing of that name; says what is near and what to do.
        DownloadError: a published model that cannot be fetched.
    """
    if name in BUNDLED:
        missing = f"{name}: the bundled model is missing from this installation: reinstall podoba, or name another model"
        return _existing(bundled_folder(name) / FILE, missing)
    address = published(name)
    if address is not None:
        path = find_pulled(address)
        if path is None and not fetch:
            raise ModelError(f"{name}: not in the cache: run `podoba models pull {name}`")
        return path or pull(address, progress=progress)
    if name.startswith("timm/"):
        path = timm_path(name)
        return _existing(
            path, f"{name}: not in the cache yet: run `podoba models pull {name}` (needs podoba[train] and a network)"
        )
    path = Path(name).expanduser()
    try:
        if path.is_dir():
            if is_published(path):
                return import_local(path)
            unfinished = f"{name}: no {FILE} in this folder: name a finished run, a published repository, or an .onnx file"
            return _existing(path / FILE, unfinished)
        if path.exists():
            return path
    except (OSError, ValueError) as error:
        raise ModelError(f"{name[:200]!r}: not a name that a file can have ({error}): see `podoba models list`") from error
    raise ModelError(f"{name}: no such model: {_hint(name, path)}")


def published(name: str) -> Address | None:
    """The address on the hub of a short name or an `hf:` one; None of any other. Raises `ModelError` for a wrong `hf:` one."""
    if name in catalogue():
        return catalogue()[name].address
    return Address.parse(name) if name.startswith(PREFIX) else None


def lasting_name(name: str) -> str:
    """The name of a model that `find_model` finds, as it is found from any folder: a path is written out, other names stay."""
    if name in BUNDLED or published(name) is not None or name.startswith("timm/"):
        return name  # also where a folder here is called so
    path = Path(name).expanduser()
    return str(path.absolute()) if path.exists() else name


def open_model(name: str, threads: int | None = None, device: str | None = None, *, fetch: bool = True) -> Encoder:
    """The encoder of a model name; `threads` and `device` as in `Encoder`, `fetch` as in `find_model`.

    Raises:
        ModelError, DownloadError: as `find_model`.
        DeviceError: as `Encoder`.
    """
    return Encoder(find_model(name, fetch=fetch), threads, device=device)


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
    short = {entry.address: name for name, entry in catalogue().items()}
    found |= {short.get(address, str(address)): path for address, path in all_pulled()}
    timm = cache_dir() / "models" / "timm"
    found |= {f"timm/{p.name.removesuffix('.onnx')}": p for p in sorted(timm.glob("*.onnx"))}
    return {name: path for name, path in found.items() if path.is_file()}


def timm_path(name: str) -> Path:
    """Where the export of `timm/<name>` is kept, or of `timm/<name>@<pixels>`.

    Raises:
        ModelError: a name that timm cannot have.
    """
    short = name.removeprefix("timm/")
    if not is_plain(re.sub(r"@[1-9]\d*$", "", short)):
        raise ModelError(f"{name}: not a name of timm's: write it as timm/<name>, such as timm/resnet50")
    return cache_dir() / "models" / "timm" / f"{short}.onnx"


def _hint(name: str, path: Path) -> str:
    """What may have been meant by a name that is none."""
    also = near_paths(path, lambda p: p.suffix == ".onnx" or (p / FILE).is_file(), cutoff=0.6)
    if not also and ON_HUB.fullmatch(name) and (":" in name or path.suffix != ".onnx"):
        also = [f"{PREFIX}{name}"]
    known = list(dict.fromkeys([*list_models(), *catalogue()]))
    if is_plain(name) and name.startswith(FAMILIES) and f"timm/{name}" not in known:
        also = [*also, f"timm/{name}"]
    repositories = {entry.repository.rpartition("/")[2].lower(): short for short, entry in catalogue().items()}
    if (short := repositories.get(name.rpartition("/")[2].lower())) is not None:
        known.remove(short)
        also = [short, *also]
    return did_you_mean(name, known, OTHERWISE, also=also)


def _existing(path: Path, otherwise: str) -> Path:
    if not path.is_file():
        raise ModelError(otherwise)
    return path
