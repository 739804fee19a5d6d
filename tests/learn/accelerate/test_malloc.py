"""The memory setting is taken by the C library, and large blocks still come and go."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

CODE = """
import resource
from podoba.learn.accelerate.malloc import keep_freed_memory
assert keep_freed_memory() is True
for _ in range(3):
    block = bytearray(2**26); del block
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(8):
    block = bytearray(b"1") * 2**25; del block
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
def test_freed_blocks_are_used_again_without_page_faults() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1000  # eight times 32 MiB in pages of 4 KiB would be 65,536
