"""A published repository that lies in a folder here, such as a clone of it, as a model file in the cache."""

import hashlib
import json
from pathlib import Path

from podoba.cache.location import cache_dir
from podoba.files import write_json
from podoba.models.published.layout import IMAGE_GRAPHS, NETWORK, OWN

RECORD = "folder.json"  # beside a model: which folder it was made of


def is_published(folder: Path) -> bool:
    """Whether a folder is laid out as a published repository, and not as the folder of a finished run."""
    below = any((folder / graph).is_file() for graph in IMAGE_GRAPHS if graph != OWN)
    return below or ((folder / OWN).is_file() and (folder / NETWORK).is_file())


def import_local(folder: Path) -> Path:
    """The model file of a published repository's folder; imported again where one of its files has changed since.

    Raises:
        ModelError: as `podoba.models.foreign.importing.import_folder`.
    """
    path = _place(folder)
    if not path.is_file():
        from podoba.models.foreign.importing import import_folder  # imports onnx: a second that most commands need not spend

        path.parent.mkdir(parents=True, exist_ok=True)
        import_folder(folder, path, name=folder.absolute().name)
        write_json(path.parent / RECORD, {"folder": str(folder.absolute())})
        for other in path.parent.glob("*.onnx"):  # of the files as they were before
            if other.name.partition(".")[0] != path.stem:
                other.unlink()
    return path


def folder_of(model: Path) -> Path | None:
    """The repository's folder that a model file in the cache was made of; None of any other file, or where it is gone."""
    record = model.absolute().parent / RECORD
    if model.absolute().parents[1] != _root() or not record.is_file():
        return None
    folder = Path(json.loads(record.read_text(encoding="utf-8"))["folder"])
    return folder if folder.is_dir() else None


def _root() -> Path:
    return cache_dir().absolute() / "models" / "folders"


def _place(folder: Path) -> Path:
    """Where the model of a folder is kept: by the folder's path, and by the sizes and times of what it can be made of."""
    whole = folder.absolute()
    state = hashlib.sha256()
    for file in sorted([*whole.glob("*"), *whole.glob("*/*")]):
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(whole).parts):
            facts = file.stat()
            state.update(f"{file.relative_to(whole).as_posix()} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    name = f"{hashlib.sha256(str(whole).encode()).hexdigest()[:12]}-{whole.name}"
    return _root() / name / f"{state.hexdigest()[:16]}.onnx"
