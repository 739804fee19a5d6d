"""Learning from marks: it helps where something can be learned, and a slow loop gives the same loss."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from podoba.collection.collection import Collection, change_model, index_sources
from podoba.errors import TrainingError
from podoba.images.sources.open import open_source
from podoba.learn.feedback import train as feedback
from podoba.learn.feedback.marked_pairs import MarkedQuery, marked_queries
from podoba.learn.feedback.train import BACKGROUND, TEMPERATURE, NearIdentity, _Batch, ordered, train_from_feedback
from podoba.metrics.retrieval import retrieval_metrics
from podoba.models.card import CARD_KEY, Calibration, Card
from podoba.models.encoder import Encoder
from podoba.models.pipeline import encode_images

SIDE = 8
NUMBERS = SIDE * SIDE * 3


def pixel_model(path: Path) -> Path:
    """Grey-centred pixels as a descriptor."""
    nodes = [
        helper.make_node("Cast", ["images"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["real", "grey"], ["centred"]),
        helper.make_node("Flatten", ["centred"], ["flat"], axis=1),
        helper.make_node("LpNormalization", ["flat"], ["descriptors"], axis=1, p=2),
    ]
    graph = helper.make_graph(
        nodes,
        "pixels",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ("batch", SIDE, SIDE, 3))],
        [helper.make_tensor_value_info("descriptors", TensorProto.FLOAT, ("batch", NUMBERS))],
        [helper.make_tensor("grey", TensorProto.FLOAT, [], [30.0])],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    entry = made.metadata_props.add()
    card = Card(name="pixels", input_size=SIDE, dim=NUMBERS, backbone="none", calibration=Calibration(slope=12, intercept=-9))
    entry.key, entry.value = CARD_KEY, card.to_json()
    onnx.save(made, str(path))
    return path


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Digits by their pixels, sixty of them queries whose 12 nearest are marked by their labels."""
    folder = tmp_path_factory.mktemp("marked")
    encoder = Encoder(pixel_model(folder / "pixels.onnx"), threads=1)
    path = folder / "digits.podoba"
    with Collection.open(path, create=True) as collection:
        index_sources(collection, [open_source("digits:test")], encoder, model=str(encoder.path))
        for item in collection.items()[:60]:
            mark_by_label(collection, item.id, item.label, 12)
    return path


def mark_by_label(collection: Collection, id_: str, label: str | None, k: int) -> None:
    hits = collection.search(f"id:{id_}", k=k).hits
    right, wrong = ([hit.id for hit in hits if (hit.label == label) is same] for same in (True, False))
    collection.mark(f"id:{id_}", right=right, wrong=wrong)


def test_marks_make_a_model_that_finds_more_also_of_what_was_never_marked(
    marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "copy.podoba"
    with Collection.open(marked, read_only=True) as original:
        original.copy_to(path)
        encoder = Encoder(Path(original.store.database.fact("path") or ""), threads=1)
    with Collection.open(path) as collection:
        summary = train_from_feedback(collection, tmp_path / "run", encoder=encoder)
        assert summary.loss_after < summary.loss_before
        assert summary.ordered_after > summary.ordered_before
        train = open_source("digits:train").subset(range(0, 1400, 4))
        better = Encoder(tmp_path / "run" / "model.onnx", threads=1)
        labels = np.array(train.labels)
        before, after = (
            retrieval_metrics(np.concatenate([d for _, d in encode_images(train.records, one)]), labels).means()["map"]
            for one in (encoder, better)
        )
        assert before is not None
        assert after is not None
        assert after > before + 0.01
        card = better.card
        assert (card.name, card.loss, card.dim) == ("run", "feedback", NUMBERS)
        assert card.training_data[-1].name == "marks of copy.podoba"
        assert card.calibration is not None
        assert json.loads((tmp_path / "run" / "evaluation.json").read_text())["marks"] == summary.marks
        with pytest.raises(TrainingError, match="holds a model already"):
            train_from_feedback(collection, tmp_path / "run", encoder=encoder)
        change_model(collection, [open_source("digits:test")], better, model=str(tmp_path / "run"))
        first = collection.items()[0]
        again = collection.search(f"id:{first.id}", feedback="linear-probe")
        assert again.marks is not None
        assert again.marks >= 12  # the marks serve the new model as well
        assert len(marked_queries(collection)) == summary.queries
        monkeypatch.setattr(feedback, "STEPS", 3)
        assert train_from_feedback(collection, tmp_path / "second", encoder=better).queries == summary.queries
        assert Encoder(tmp_path / "second" / "model.onnx", threads=1).card.backbone == "none"


def test_the_file_computes_what_the_head_does(tmp_path: Path) -> None:
    from podoba.learn.export.added_head import add_head

    encoder = Encoder(pixel_model(tmp_path / "pixels.onnx"), threads=1)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (5, SIDE, SIDE, 3), dtype=np.uint8)
    weight = (np.eye(NUMBERS) + 0.1 * rng.standard_normal((NUMBERS, NUMBERS))).astype(np.float32)
    bias = (0.1 * rng.standard_normal(NUMBERS)).astype(np.float32)
    add_head(encoder.path, weight, bias, encoder.card, tmp_path / "model.onnx")
    expected = encoder.encode(images) @ weight.T + bias
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(Encoder(tmp_path / "model.onnx", threads=1).encode(images), expected, atol=1e-5)


def unit(rng: np.random.Generator, count: int) -> np.ndarray:
    values = rng.standard_normal((count, 6))
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def test_the_loss_is_that_of_a_slow_loop() -> None:
    rng = np.random.default_rng(1)
    queries = [MarkedQuery(unit(rng, 1)[0] if i % 2 else None, unit(rng, 3 + i), unit(rng, 2 + i)) for i in range(3)]
    sample = unit(rng, 5)
    head = NearIdentity(6)
    with torch.no_grad():
        head.change.copy_(torch.from_numpy(0.2 * rng.standard_normal((6, 6))))
        head.shift.copy_(torch.from_numpy(0.2 * rng.standard_normal(6)))
    change, shift = head.change.detach().numpy().astype(np.float64), head.shift.detach().numpy().astype(np.float64)

    def mapped(row: np.ndarray) -> np.ndarray:
        moved = row.astype(np.float64) + change @ row.astype(np.float64) + shift
        return moved / np.linalg.norm(moved)

    losses = []
    for one in queries:
        kind = ([] if one.query is None else [one.query]) + list(one.right)
        of_query = []
        for a, anchor in enumerate(kind):
            negatives = sum(np.exp(mapped(anchor) @ mapped(n) / TEMPERATURE) for n in one.wrong)
            negatives += np.mean([np.exp(mapped(anchor) @ mapped(n) / TEMPERATURE) for n in sample])
            for p, positive in enumerate(kind):
                if p != a:
                    good = np.exp(mapped(anchor) @ mapped(positive) / TEMPERATURE)
                    of_query.append(-np.log(good / (good + negatives)))
        losses.append(np.mean(of_query))
    assert _Batch(queries, sample).loss(head).item() == pytest.approx(np.mean(losses), rel=1e-4)


def test_order_is_the_share_of_pairs() -> None:
    query = np.array([1, 0], dtype=np.float32)
    rows = [np.array([np.cos(a), np.sin(a)], dtype=np.float32) for a in (0.1, 0.5, 0.3, 0.9, 0.5)]
    one = MarkedQuery(query, np.stack(rows[:2]), np.stack(rows[2:]))
    assert ordered([one]) == pytest.approx((3 + 1 + 0.5) / 6)
    alone = MarkedQuery(None, np.stack(rows[:1]), np.stack(rows[2:]))  # nothing to compare with
    assert ordered([one, alone]) == pytest.approx((3 + 1 + 0.5) / 6)
    assert ordered([alone]) == 0


def test_a_head_that_has_not_learned_changes_nothing() -> None:
    rows = torch.from_numpy(unit(np.random.default_rng(2), 4))
    torch.testing.assert_close(NearIdentity(6)(rows), rows)
    assert NearIdentity(6).distance().item() == 0


def test_too_few_marks_are_refused(marked: Path, tmp_path: Path) -> None:
    with Collection.open(marked, read_only=True) as original:
        original.copy_to(tmp_path / "few.podoba")
    with Collection.open(tmp_path / "few.podoba") as collection:
        collection.forget()
        with pytest.raises(TrainingError, match=r"too few marks.*0 of 0 queries.*podoba mark"):
            train_from_feedback(collection, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_marks_that_teach_nothing_write_nothing(marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "STEPS", 1)
    monkeypatch.setattr(feedback, "RATE", 10.0)  # one step that ruins every descriptor
    with Collection.open(marked, read_only=True) as collection, pytest.raises(TrainingError, match="held out"):
        train_from_feedback(collection, tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert BACKGROUND > 0
