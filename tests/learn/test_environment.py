from __future__ import annotations

import platform

import torch

from podoba.learn.environment import PACKAGES, describe_environment


def test_versions_and_machine_are_named() -> None:
    environment = describe_environment("cuda:0")
    assert environment["python"] == platform.python_version()
    assert environment["device"] == "cuda:0"
    assert environment["threads"] == torch.get_num_threads()
    assert set(environment["packages"]) == set(PACKAGES)
    assert environment["packages"]["torch"].split("+")[0] == torch.__version__.split("+")[0]
