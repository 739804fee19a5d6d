"""Small labelled pictures, a model trained on them, a collection of them; and commands run without a new process."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from podoba.cli.main import run

TINY = (
    "backbone.name=small-digits", "backbone.transfer=scratch", "input_size=16",
    "head.hidden=null", "head.dim=8", "head.dropout=0",
    "batch_size=12", "sampler.per_class=4", "validation=0.25", "epochs=2", "device=cpu",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """All of stdout as JSON: nothing else may stand there."""
        return json.loads(self.out)


Command = Callable[..., Outcome]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the program within this process."""

    def call(*arguments: str | Path) -> Outcome:
        monkeypatch.setenv("PODOBA_DEBUG", "")
        monkeypatch.setattr(sys, "argv", ["podoba", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            run()
        printed = capsys.readouterr()
        code = end.value.code
        return Outcome(code if isinstance(code, int) else 0, printed.out, printed.err)

    return call


def settings(*more: str) -> list[str]:
    """Options of a training that takes a second."""
    return [word for setting in (*TINY, *more) for word in ("--set", setting)]


@pytest.fixture(scope="session")
def tiny_settings() -> Callable[..., list[str]]:
    return settings


@pytest.fixture(scope="session")
def trained(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run on `pictures`."""
    from podoba.learn.run import train
    from podoba.runs.settings_file import load_settings

    out = tmp_path_factory.mktemp("runs") / "tiny"
    train(load_settings(None, TINY, train=str(pictures / "train"), test=str(pictures / "test")), out)
    return out


@pytest.fixture
def collection(pictures: Path, trained: Path, tmp_path: Path) -> Path:
    """A collection of the training pictures."""
    from podoba.collection.collection import Collection
    from podoba.images.sources.open import open_source
    from podoba.models.names import open_model

    path = tmp_path / "pictures.podoba"
    with Collection.open(path, create=True) as opened:
        opened.index_sources([open_source(pictures / "train")], open_model(str(trained)), model=str(trained))
    return path


@pytest.fixture
def photos(pictures: Path, tmp_path: Path) -> Path:
    """A copy of the test pictures that may be changed."""
    return Path(shutil.copytree(pictures / "test", tmp_path / "photos"))
