"""Pictures known by their first bytes, for files whose name has no ending."""

HEAD = 32  # bytes that are looked at
STARTS = (
    b"\xff\xd8\xff",  # JPEG
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"II*\0",  # TIFF, and raw photographs made of it
    b"MM\0*",
    b"\0\0\0\x0cjP  \r\n\x87\n",  # JPEG 2000
)
FORMATS_OF_BOXES = (b"ftypavif", b"ftypavis", b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1")


def starts_like_picture(head: bytes) -> bool:
    """Whether a file that begins with these bytes (`HEAD` are enough) is a picture of a common format."""
    if head.startswith(STARTS):
        return True
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    if head.startswith(b"BM"):
        return head[6:10] == b"\0\0\0\0" and len(head) > 18  # reserved in the header of a bitmap
    return head[4:12] in FORMATS_OF_BOXES
