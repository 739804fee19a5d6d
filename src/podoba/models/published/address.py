"""Addresses of published models: `hf:<owner>/<repo>[@<revision>][:<path>.onnx]`."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Self

from podoba.errors import ModelError

PREFIX = "hf:"
MAIN = "main"
FORM = "hf:<owner>/<repo>, with @<revision> and :<path>.onnx behind it where wanted"


@dataclass(frozen=True)
class Address:
    """Where a published model is.

    Attributes:
        repository: `owner/repo`.
        revision: a branch, a tag or a commit; of a private repository too.
        file: path of the model within it; None: found by the repository's layout.
    """

    repository: str
    revision: str = MAIN
    file: str | None = None

    @classmethod
    def parse(cls, name: str) -> Self:
        """The address in a model's name. Raises `ModelError` where it is written in another way."""
        place, _, file = name.removeprefix(PREFIX).partition(":")
        repository, at, revision = place.partition("@")
        parts = repository.split("/")
        fits = len(parts) == 2 and all(is_plain(part) for part in parts)
        if not fits or (at and not _is_revision(revision)) or (":" in name.removeprefix(PREFIX) and not is_inside(file)):
            raise ModelError(f"{name}: write it as {FORM}")
        if file and not file.endswith(".onnx"):
            raise ModelError(f"{name}: the file must be an .onnx file: write it as {FORM}")
        return cls(repository, revision or MAIN, file or None)

    def __str__(self) -> str:
        revision = "" if self.revision == MAIN else f"@{self.revision}"
        return f"{PREFIX}{self.repository}{revision}" + (f":{self.file}" if self.file else "")


def is_plain(part: str) -> bool:
    """Whether a part of a name is safe as a file name and in an address."""
    return re.fullmatch(r"\w[\w.-]*", part, re.ASCII) is not None


def is_inside(path: str) -> bool:
    """Whether the path of a file that a host names stays in the folder it is put into, on any system."""
    parts = path.split("/")
    return (
        all(parts) and not PurePosixPath(path).is_absolute() and not {".", ".."}.intersection(parts)
        and re.search(r"[\\:\x00-\x1f\x7f]", path) is None and len(path) < 500
    )  # fmt: skip


def _is_revision(revision: str) -> bool:
    return is_inside(revision) and re.fullmatch(r"[\w.+/-]+", revision, re.ASCII) is not None
