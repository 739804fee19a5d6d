"""How the threads of torch wait for each other. Imported before torch, whose OpenMP reads this once, when it is loaded."""

import os


def wait_passively() -> None:
    """Let threads that wait sleep instead of spin; what the person has set stays as it is.

    A thread that spins keeps its core from the thread it waits for as soon as another program wants that core too: an epoch of a
    head then takes ten times as long. GNU's OpenMP, which torch from PyPI brings, reads `OMP_WAIT_POLICY`; Intel's, of some
    builds, takes it for `KMP_BLOCKTIME=0`. Not for networks of very small maps that learn from scratch: there the threads meet so
    often that to wake them costs more than to let them spin.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
