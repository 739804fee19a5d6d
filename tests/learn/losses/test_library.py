from __future__ import annotations

import sys

import pytest
from pydantic import TypeAdapter

from podoba.errors import MissingExtra
from podoba.learn.losses.registry import build_loss
from podoba.runs.loss_settings import Circle, LossSettings


def test_options_reach_the_library() -> None:
    build = TypeAdapter(LossSettings).validate_python
    given = {
        "contrastive": {"pos_margin": 0.25, "neg_margin": 0.75},
        "multi-similarity": {"alpha": 3.0, "beta": 40.0, "base": 0.25},
        "cosface": {"margin": 0.25, "scale": 32.0},
        "proxy-anchor": {"margin": 0.25, "alpha": 16.0},
        "supcon": {"temperature": 0.25},
        "circle": {"m": 0.25, "gamma": 64.0},
        "nt-xent": {"temperature": 0.25},
    }
    named = {"proxy-anchor": {"alpha": "alpha", "margin": "margin"}, "circle": {"m": "m", "gamma": "gamma"}}
    for name, chosen in given.items():
        loss = build_loss(build({"name": name, **chosen}), dim=4, class_names=["a", "b"], class_counts=[1, 1])
        inner = loss.inner
        owner = getattr(inner, "proxy_loss", inner) if name in named else inner
        for option, value in chosen.items():
            assert getattr(owner, option) == value, (name, option)


def test_without_the_library_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pytorch_metric_learning", None)
    monkeypatch.setitem(sys.modules, "pytorch_metric_learning.losses", None)
    with pytest.raises(MissingExtra, match=r"podoba\[train\]"):
        build_loss(Circle(), dim=4, class_names=["a", "b"], class_counts=[1, 1])
