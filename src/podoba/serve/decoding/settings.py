"""How much the decoding of pictures may take."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class DecodingSettings:
    """What is tuned of decoding.

    Attributes:
        workers: processes at most; each is started when the others are busy for the first time.
        usual: pixels in memory of a picture that is decoded beside others: 4 bytes each, up to 17 where they are converted (TIFF
            of float32), so that all workers together stay below what one may have.
        largest: of one that is decoded while no other is.
        memory: bytes that a worker may have, where the system limits them; about 60 million are its program.
        indexed_memory: likewise for the file of an item, which nobody sent, and which was decoded already when it was indexed.
        seconds: that one picture may take.
        watch: seconds between two looks at how long the workers have been busy.
        quality: of the JPEG of a preview.
    """

    workers: int = min(4, os.cpu_count() or 1)
    usual: int = 4_000_000
    largest: int = 50_000_000
    memory: int = 270 << 20
    indexed_memory: int = 1200 << 20
    seconds: float = 10.0
    watch: float = 0.5
    quality: int = 85


DEFAULT = DecodingSettings()
