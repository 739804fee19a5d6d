"""PyTorch loaded, which takes seconds: that is said first."""

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
    if "torch" not in sys.modules:
        say("loading PyTorch")
    require("torch", "train")
