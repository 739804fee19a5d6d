"""PyTorch loaded, which takes seconds: that is said first."""

import os
import sys

from podoba.cli.console import say
from podoba.errors import require
from podoba.learn.accelerate.threads import wait_passively


def load_torch(*, from_scratch: bool = False) -> None:
    """Load PyTorch. Raises `MissingExtra`.

    Args:
        from_scratch: whether a whole network is to learn, see `wait_passively`.
    """
    if not from_scratch:
        wait_passively()
    if "torch" not in sys.modules and speaks_for_all():
        say("loading PyTorch")
    require("torch", "train")


def speaks_for_all() -> bool:
    """Whether this is the first of the processes of a training, or the only one: torchrun sets `RANK`, Fabric `LOCAL_RANK`."""
    rank = "RANK" if "TORCHELASTIC_RUN_ID" in os.environ else "LOCAL_RANK"
    return os.environ.get(rank, "0") == "0"
