"""Where published models lie in the cache, and what is remembered of each: which commit it is of, and its files' checksums."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from podoba.cache.location import cache_dir
from podoba.errors import ModelError
from podoba.files import read_bounded, write_json
from podoba.models.published.address import Address

RECORD = "pulled.json"
LARGEST = 1 << 24  # bytes of a record


class Pulled(BaseModel):
    """What a published model was made of.

    Attributes:
        commit: of the repository; all files are of this one.
        graph: path of the graph of pictures within it.
        licence: of the weights, where one is named.
        sha256: of each file that was fetched, by its path: what is fetched again must have the same.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    commit: str
    graph: str
    licence: str | None = None
    sha256: dict[str, str] = {}


def hub_folder() -> Path:
    """The folder of all published models."""
    return cache_dir() / "models" / "hf"


def lock_path(repository: str) -> Path:
    """The lock of whoever fetches from a repository."""
    return hub_folder() / f"{repository}.lock"


def work_folder(repository: str, commit: str) -> Path:
    """Where files lie between their fetching and the model that is made of them."""
    return cache_dir() / "downloads" / f"hf--{repository.replace('/', '--')}--{commit}"


def model_path(repository: str, pulled: Pulled) -> Path:
    """The model's file; its path tells owner, repository, commit and graph."""
    return hub_folder() / repository / pulled.commit / pulled.graph


def recall(address: Address) -> Pulled | None:
    """What is remembered of an address. Raises `ModelError` for a damaged record."""
    return _read(hub_folder() / address.repository / RECORD).get(_key(address))


def remember(address: Address, pulled: Pulled) -> None:
    """Keep it. The lock of the repository must be held. Raises `OSError`, `ModelError`."""
    path = hub_folder() / address.repository / RECORD
    known = _read(path) | {_key(address): pulled}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {key: known[key].model_dump() for key in sorted(known)})


def all_pulled() -> Iterator[tuple[Address, Path]]:
    """The addresses of all models that are here, and their files; a damaged record is passed over."""
    for path in sorted(hub_folder().glob(f"*/*/{RECORD}")):
        repository = "/".join(path.parts[-3:-1])
        try:
            known = _read(path)
        except ModelError:
            continue
        for key, pulled in known.items():
            revision, _, graph = key.partition(":")
            model = model_path(repository, pulled)
            if model.is_file():
                yield Address(repository, revision, graph or None), model


def pulled_as(model: Path) -> tuple[Address, Pulled] | None:
    """The address under which a model's file was fetched, and what is remembered of it; None of any other file."""
    for address, path in all_pulled():
        if path == model.absolute() and (pulled := recall(address)) is not None:
            return address, pulled
    return None


def _key(address: Address) -> str:
    return f"{address.revision}:{address.file or ''}"


def _read(path: Path) -> dict[str, Pulled]:
    try:
        facts = json.loads(read_bounded(path, LARGEST))
        return {key: Pulled.model_validate(value) for key, value in facts.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, ValidationError) as error:
        raise ModelError(f"{path}: damaged: remove it, and run `podoba models pull` again") from error
