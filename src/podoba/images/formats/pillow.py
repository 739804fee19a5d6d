"""Pillow's own switches, which belong to the whole process, while images are decoded here."""

import ctypes
import threading
import warnings
from functools import cache
from types import TracebackType

from PIL import Image, ImageFile, _imaging

from podoba.images.limits import LIMITS


class PillowSettings:
    """While any thread is inside, Pillow is as this package needs it; afterwards it is as the program had it.

    Its warnings are off: what they warn of is handled here. What is cut off is an error, even where a program or a plugin made it
    none. Its own bound on pixels is that of `DecodeLimits`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._filters = warnings.catch_warnings()
        self._before: tuple[bool, int | None] = (False, None)

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.")
                self._before = ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS
                ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS = False, LIMITS.image // 2  # it refuses twice as many
            self._inside += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS = self._before
                self._filters.__exit__(kind, error, trace)


PILLOW = PillowSettings()


@cache
def silence_libtiff() -> bool:
    """Let libtiff write no lines to standard error: they name no file, and Pillow says by an error that a file is damaged.

    Returns:
        False where the library that Pillow uses cannot be reached, as where it is linked into Pillow.
    """
    try:
        # A symbol is looked up in what a library depends on too; so it is the libtiff of this Pillow, whichever that is.
        library = ctypes.CDLL(_imaging.__file__)
        for name in ("TIFFSetErrorHandler", "TIFFSetWarningHandler"):
            setter = library[name]
            setter.argtypes, setter.restype = [ctypes.c_void_p], ctypes.c_void_p
            setter(None)
    except (OSError, AttributeError):
        return False
    return True
