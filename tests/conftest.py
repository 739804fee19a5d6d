"""For all tests: a cache of their own, the program as a person would call it, a browser, and which tests are slow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hub_stand_in import HubStandIn, hub_stand_in

Podoba = Callable[..., "subprocess.CompletedProcess[str]"]
SLOW_FIXTURES = {  # a process or a browser of its own, a training, a study
    "browser", "make_study", "podoba", "small", "trained",
}  # fmt: skip
SLOW_FILES = (  # below tests/; a test that is slow by itself has the mark in its own file
    "cli/commands/learning/*.py",
    "cli/test_main.py",
    "cli/test_program.py",
    "collection/**/test_descriptor_index.py",
    "collection/**/test_durability.py",
    "collection/**/test_nothing_lost.py",
    "collection/**/test_refresh.py",
    "collection/**/test_kill.py",
    "collection/**/test_lock.py",
    "collection/**/test_watch.py",
    "collection/**/test_bring_up_to_date.py",
    "images/test_limits.py",
    "learn/data/test_feature_extractor.py",
    "learn/export/*.py",
    "learn/feedback/*.py",
    "learn/fit/*.py",
    "learn/networks/*.py",
    "models/hub/test_pull.py",
    "models/test_transformer.py",
    "recipes/*.py",
    "report/figures/*.py",
    "study/test_cells.py",
    "study/test_estimate.py",
    "study/test_folder.py",
    "study/test_plans.py",
    "study/test_results.py",
    "study/test_run.py",
    "study/test_tuning.py",
    "test_damaged_pictures.py",
    "test_extend.py",
    "test_notebooks.py",
    "test_site.py",
    "test_telemetry.py",
)
FIRST = ("test_docs.py", "test_telemetry.py")  # minutes each: at the end they would keep one process waiting for the other
BROWSER = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give the mark `slow` to what starts processes, browsers or trainings: `make test-fast` leaves it out. The longest begin."""
    for mark in ("thorough", "scale"):
        if not os.environ.get("PODOBA_FULL") and mark not in config.option.markexpr:
            marked = [item for item in items if item.get_closest_marker(mark)]
            items[:] = [item for item in items if item not in set(marked)]
            config.hook.pytest_deselected(items=marked)
    items.sort(key=lambda item: item.path.name not in FIRST)
    folder = Path(__file__).parent
    files = {pattern: set(folder.glob(pattern)) for pattern in SLOW_FILES}
    if missing := [pattern for pattern, found in files.items() if not found]:
        raise pytest.UsageError(
            f"tests/conftest.py: SLOW_FILES names {', '.join(missing)}, which is not there: rename it there too"
        )
    slow = set().union(*files.values())
    for item in items:
        if item.path in slow or SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("slow")


@pytest.fixture(scope="session", autouse=True)
def _no_shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PODOBA_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def traced() -> Iterator[dict[str, str]]:
    """The variables with which a new process is measured by `make coverage`: without them it is not, and trains twice as fast."""
    name = "COVERAGE_PROCESS_CONFIG"
    with pytest.MonkeyPatch.context() as patch:
        variables = {name: os.environ[name]} if name in os.environ else {}
        patch.delenv(name, raising=False)
        yield variables


@pytest.fixture(scope="session")
def podoba(traced: dict[str, str]) -> Podoba:
    """Runs the program in a process of its own: arguments, then cwd, further variables and the input as keywords."""

    def run(
        *arguments: str | Path, cwd: Path | None = None, timeout: float = 300, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "podoba", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, **traced, "COLUMNS": "100", **variables},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium under Playwright; without one the test is skipped, in CI it fails."""
    path = next((path for name in BROWSER if (path := shutil.which(name))), None)
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no chromium is installed, and pages must be tested: apt-get install chromium")
        pytest.skip("no chromium is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def picture() -> Callable[..., Path]:
    """Writes a picture of noise, different for every seed."""

    def write(path: Path, seed: int, size: tuple[int, int] = (12, 10), **options: Any) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path, **options)
        return path

    return write


@pytest.fixture(scope="session")
def write_tower() -> Callable[..., Path]:
    """Writes a text tower beside a model's file: every word has a direction (dim,), a text is their mean.

    A word that it does not know has the direction of "?". Further arguments are fields of its card.
    """
    from onnx import TensorProto, helper, numpy_helper
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    from podoba.models.encoder import OUTPUT, Encoder
    from podoba.models.text import MASK, TOKENS, TextCard, save_text_tower, text_path

    def write(model: Path, words: Mapping[str, Any], **facts: Any) -> Path:
        table = np.stack([np.asarray(words[word], dtype=np.float32) for word in words])
        tokenizer = Tokenizer(WordLevel({word: row for row, word in enumerate(words)}, unk_token="?"))
        tokenizer.pre_tokenizer = WhitespaceSplit()
        nodes = [
            helper.make_node("Gather", ["table", TOKENS], ["found"]),
            helper.make_node("Cast", [MASK], ["real"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["real", "last"], ["counted"]),
            helper.make_node("Mul", ["found", "counted"], ["said"]),
            helper.make_node("ReduceMean", ["said"], ["mean"], axes=[1], keepdims=0),
            helper.make_node("LpNormalization", ["mean"], [OUTPUT], axis=1, p=2),
        ]
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ("batch", "length")) for name in (TOKENS, MASK)]
        output = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ("batch", table.shape[1]))
        constants = [numpy_helper.from_array(table, "table"), numpy_helper.from_array(np.array([-1]), "last")]
        graph = helper.make_graph(nodes, "words", inputs, [output], constants)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        fields = {"model": "tiny", "fingerprint": Encoder(model, 1).fingerprint, "dim": table.shape[1], "length": 8} | facts
        path = text_path(model)
        save_text_tower(made, TextCard(**fields), tokenizer.to_str(), path)
        return path

    return write


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`train` (12 a class) and `test` (3 a class) of 3 classes: red, green and blue on noise, 16 pixels."""
    root = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for channel, name in enumerate(("red", "green", "blue")):
        for i in range(15):
            folder = root / ("train" if i < 12 else "test") / name
            folder.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 120, (16, 16, 3))
            pixels[..., channel] += 100
            Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{i:02}.png")
    return root


@pytest.fixture
def install_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Makes a distribution as an installer leaves it: a module, and metadata with its entry points (of losses, if not told)."""
    site = tmp_path / "site"
    monkeypatch.syspath_prepend(str(site))
    modules = []

    def install(name: str, module: str, code: str, *points: str, group: str = "podoba.losses") -> None:
        folder = site / f"{name}-1.0.dist-info"
        folder.mkdir(parents=True)
        (site / f"{module}.py").write_text(code)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text("\n".join([f"[{group}]", *points]))
        modules.append(module)

    yield install
    for module in modules:
        sys.modules.pop(module, None)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubStandIn]:
    """A hub of models on this machine, in the place of the real one; its repositories are the test's."""
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with hub_stand_in() as made:
        monkeypatch.setenv("HF_ENDPOINT", made.endpoint)
        yield made
