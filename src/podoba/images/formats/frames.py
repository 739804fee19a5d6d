"""Pictures that move: which of their frames stands for them."""

from PIL import Image

from podoba.images.formats.color import to_rgb
from podoba.images.formats.samples import extrema

MOVING = ("GIF", "PNG", "WEBP", "AVIF")  # formats whose frames are moments; those of others are pages, or other views
FRAMES = 30  # that are looked at: most animations that begin with an empty frame show something within a second


def showing(picture: Image.Image) -> Image.Image:
    """A decoded picture at a frame that shows something.

    That is its first, or where it moves and begins with one of a single colour, such as an empty canvas, the first that has more
    within `FRAMES`.

    Raises:
        Exception: whatever a decoder throws at a damaged frame.
    """
    if picture.format not in MOVING or not getattr(picture, "is_animated", False) or not _is_empty(picture):
        return picture
    size = picture.size
    for frame in range(1, FRAMES):
        try:
            picture.seek(frame)
        except EOFError:
            break
        if picture.size != size:  # a frame larger than the canvas, for which there may be no room
            break
        picture.load()
        if not _is_empty(picture):
            return picture
    picture.seek(0)
    picture.load()
    return picture


def _is_empty(picture: Image.Image) -> bool:
    return all(least == most for least, most in map(extrema, to_rgb(picture).split()))
