"""A small text tower: the mean of token embeddings through two layers, fitted to descriptors that a model gives to pictures."""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.normalizers import NFC, Lowercase
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer
from torch import Tensor, nn
from torch.nn import functional

from podoba.models.encoder import OUTPUT
from podoba.models.text import MASK, TOKENS, TextCard, plain_text, save_text_tower

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class TowerSettings:
    """How a tower is built and learns.

    Attributes:
        vocabulary: tokens at most, 256 bytes among them.
        width: numbers of a token's embedding.
        hidden: numbers of the layer behind it.
        length: tokens of a text at most.
        steps: of the optimiser.
        images: of a step.
        rate: of learning, falling along a cosine.
        decay: of weights.
        split: share of merges that are left out at random while learning, so that parts of words are learned too (Provilkov,
            Emelianenko, Voita, 2020).
        plain: share of the names that are learned alone; the others stand in a sentence of `templates`.
        templates: sentences in which names are learned.
        seed: of all draws.
    """

    vocabulary: int = 2500
    width: int = 64
    hidden: int = 256
    length: int = 32
    steps: int = 1500
    images: int = 512
    rate: float = 3e-3
    decay: float = 0.05
    split: float = 0.1
    plain: float = 0.6
    templates: tuple[str, ...] = ("a photo of a {}", "a picture of {}", "the {}", "фото: {}", "світлина, на якій {}")
    seed: int = 0


class Tower(nn.Module):
    """From tokens and their mask (N, L), int64, to descriptors (N, dim), unit length."""

    def __init__(self, tokens: int, dim: int, settings: TowerSettings) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tokens, settings.width)
        self.layers = nn.Sequential(nn.Linear(settings.width, settings.hidden), nn.GELU(), nn.Linear(settings.hidden, dim))

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Unit descriptors."""
        counted = mask.unsqueeze(-1).to(self.embedding.weight.dtype)
        mean = (self.embedding(tokens) * counted).sum(dim=1) / counted.sum(dim=1).clamp(min=1)
        return functional.normalize(self.layers(mean))


def learn_tokenizer(texts: Sequence[str], settings: TowerSettings) -> Tokenizer:
    """Byte pairs (Sennrich, Haddow, Birch, 2016) of small letters in UTF-8: no text is unknown."""
    tokenizer = Tokenizer(BPE())
    tokenizer.normalizer = Normalizers([NFC(), Lowercase()])
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=True)
    trainer = BpeTrainer(
        vocab_size=settings.vocabulary, show_progress=False, initial_alphabet=ByteLevel.alphabet(), min_frequency=1
    )
    tokenizer.train_from_iterator([plain_text(text) for text in texts], trainer)
    return tokenizer


def learn_tower(
    images: Floats, labels: Sequence[str], names: Mapping[str, Sequence[str]], settings: TowerSettings
) -> tuple[Tower, Tokenizer]:
    """Fit a tower to descriptors (N, dim) of images, whose labels have names in any languages.

    By the softmax of similarities, of each image over the classes and of each class over the images of a step (Radford et al.,
    2021), with a learned temperature.
    """
    torch.manual_seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    classes = sorted(set(labels))
    own = np.array([classes.index(label) for label in labels])
    tokenizer = learn_tokenizer([name for label in classes for name in names[label]] + list(settings.templates), settings)
    tokenizer.model.dropout = settings.split
    tower = Tower(tokenizer.get_vocab_size(), images.shape[1], settings)
    scale = nn.Parameter(torch.tensor(2.5))
    groups: list[dict[str, Any]] = [{"params": tower.parameters()}, {"params": [scale], "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, settings.rate, weight_decay=settings.decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.steps)
    shares = 1 / np.bincount(own)[own]
    shares /= shares.sum()  # all classes alike, however many images they have
    for _ in range(settings.steps):
        rows = rng.choice(len(images), settings.images, p=shares)
        said = [_said(names[label], settings, rng) for label in classes]
        texts = tower(*_tokens(tokenizer, said, settings))
        similarities = scale.exp() * torch.from_numpy(images[rows]) @ texts.T
        truth = torch.from_numpy(own[rows])
        to_texts = functional.cross_entropy(similarities, truth)
        right = functional.one_hot(truth, len(classes)).T.float()
        drawn = right.sum(dim=1) > 0
        target = right[drawn] / right[drawn].sum(dim=1, keepdim=True)
        to_images = functional.cross_entropy(similarities.T[drawn], target)
        optimiser.zero_grad()
        (to_texts + to_images).backward()
        optimiser.step()
        schedule.step()
    tokenizer.model.dropout = None
    return tower.eval(), tokenizer


def write_tower(tower: Tower, tokenizer: Tokenizer, model: str, fingerprint: str, path: Path, settings: TowerSettings) -> None:
    """Write a tower as the `.text.onnx` of the model of a name and a fingerprint."""
    example = torch.ones(2, 3, dtype=torch.int64)
    with tempfile.TemporaryDirectory(prefix="podoba-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter by tracing is marked deprecated, and is the lightest
        draft = str(Path(folder) / "traced.onnx")
        axes = {TOKENS: {0: "batch", 1: "length"}, MASK: {0: "batch", 1: "length"}, OUTPUT: {0: "batch"}}
        torch.onnx.export(
            tower, (example, example), draft, input_names=[TOKENS, MASK], output_names=[OUTPUT], dynamic_axes=axes,
            opset_version=17, dynamo=False,
        )  # fmt: skip
        graph = onnx.load(draft)
    dim = cast("Any", tower.layers[-1]).out_features
    card = TextCard(model=model, fingerprint=fingerprint, dim=dim, length=settings.length, licence="Apache-2.0")
    save_text_tower(graph, card, json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False), path)


def _said(names: Sequence[str], settings: TowerSettings, rng: np.random.Generator) -> str:
    """One of the names of a class, alone or in a sentence."""
    name = names[int(rng.integers(len(names)))]
    template = "{}" if rng.random() < settings.plain else settings.templates[int(rng.integers(len(settings.templates)))]
    return plain_text(template.format(name))


def _tokens(tokenizer: Tokenizer, texts: Sequence[str], settings: TowerSettings) -> tuple[Tensor, Tensor]:
    """Tokens and mask (N, L) of texts."""
    found = [encoding.ids[: settings.length] for encoding in tokenizer.encode_batch(list(texts))]
    longest = max(map(len, found))
    tokens, mask = (torch.zeros(len(found), longest, dtype=torch.int64) for _ in range(2))
    for row, ids in enumerate(found):
        tokens[row, : len(ids)], mask[row, : len(ids)] = torch.tensor(ids), 1
    return tokens, mask
