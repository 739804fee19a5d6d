"""The catalogue of published models that have a short name: where their files are, what is in them, and their licence."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from podoba.errors import ModelError
from podoba.models.published.address import MAIN, Address

FILE = Path(__file__).with_name("catalogue.json")


class Entry(BaseModel):
    """A published model with a short name.

    Attributes:
        repository: on the hub.
        revision: commit whose files are meant; None: not pinned yet, and the first pull keeps the one it met.
        image, text: paths of the graphs; None: it knows no words.
        sha256: of files by their paths, as far as they are pinned.
        licence, terms: of the weights, and where they are written.
        accept: whether the licence must be accepted before the files are fetched.
        good_for: what it finds well.
        megabytes, text_megabytes: of what is fetched for pictures, and once more for words; None where not known.
        dim: numbers of a descriptor.
        languages: of the words it knows.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    repository: str
    revision: str | None = Field(default=None, pattern="^[0-9a-f]{40}$")
    image: str
    text: str | None = None
    sha256: dict[str, str] = Field(default_factory=dict)
    licence: str
    terms: str
    accept: bool = False
    good_for: str
    megabytes: int | None = None
    text_megabytes: int | None = None
    dim: int
    languages: str | None = None

    @property
    def address(self) -> Address:
        """Where its graph of pictures is."""
        return Address(self.repository, self.revision or MAIN, self.image)

    def sha256_of(self, path: str, commit: str) -> str | None:
        """The pinned checksum of a file at a commit; None where it is not pinned, or the commit is another one."""
        return self.sha256.get(path) if commit == self.revision else None


def catalogue() -> dict[str, Entry]:
    """The entries by their short names, from the file that `PODOBA_CATALOGUE` names, else from ours. Raises `ModelError`."""
    return read_catalogue(Path(os.environ.get("PODOBA_CATALOGUE") or FILE).expanduser())


@cache
def read_catalogue(path: Path) -> dict[str, Entry]:
    """The entries of a catalogue's file. Raises `ModelError` for one that cannot be read or is written wrong."""
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return {name: Entry.model_validate(entry) for name, entry in facts.items()}
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise ModelError(f"{path}: {where}: {error.errors()[0]['msg']}: no entry of a catalogue: mend the file") from error
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: no catalogue of models ({error}): mend the file, or unset PODOBA_CATALOGUE") from error


def entry_of(repository: str) -> Entry | None:
    """The entry whose files are in a repository, under whatever name it was asked for."""
    return next((entry for entry in catalogue().values() if entry.repository == repository), None)
