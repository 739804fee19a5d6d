"""Names of what is in an archive: their encoding where it is not stated, and as paths below the archive."""

import re
import unicodedata
import zipfile
from collections.abc import Sequence

CODE_PAGES = ("cp437", "cp866", "cp1251", "cp932")  # as the format says; DOS and Windows, Cyrillic; Windows, Japanese
UTF8_FLAG = 0x800
FREQUENT = frozenset("оеаинтсрвлкі")  # letters that most of Ukrainian and Russian text consists of
RARE = frozenset("ђѓћќџјљњѕў")  # of other languages, where code pages have them for what is a first byte in Japanese
DRIVE = re.compile(r"[A-Za-z]:")


def zip_names(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The names of a zip archive's members, where it does not state their encoding by UTF-8 or by the likeliest code page.

    All names are of one code page: that of the system that made the archive.
    """
    raw = [b"" if _is_stated(member) else member.orig_filename.encode("cp437") for member in members]
    unknown = [name for name in raw if not name.isascii()]
    encoding = likeliest_encoding(unknown) if unknown else "cp437"
    return [
        name.decode(encoding, "replace") if not name.isascii() else member.filename
        for name, member in zip(raw, members, strict=True)
    ]


def likeliest_encoding(names: Sequence[bytes]) -> str:
    """UTF-8 where all names are that; else the code page by which they read most like words."""
    text = b"\n".join(names)
    best, score = "cp437", float("-inf")
    for encoding in ("utf-8", *CODE_PAGES):
        try:
            decoded = text.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8":
            if all(unicodedata.category(letter) != "Cn" for letter in decoded):  # assigned; else it is that by accident
                return encoding
            continue
        likeness = _likeness_to_words(decoded)
        if likeness > score:
            best, score = encoding, likeness
    return best


def inner_path(name: str) -> str:
    r"""A member's name as a path below the archive: with `/` between, without `.`, `..`, a drive or an empty part.

    `a\b.jpg`, `./a/b.jpg`, `../a/b.jpg` and `C:\a\b.jpg` are all `a/b.jpg`: what is read in place can lie nowhere else.
    """
    parts = name.replace("\\", "/").split("/")
    if DRIVE.fullmatch(parts[0]):
        parts = parts[1:]
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def _is_stated(member: zipfile.ZipInfo) -> bool:
    """Whether the archive says the name in Unicode: by a flag, or in a field of its own that took the place of the name."""
    return bool(member.flag_bits & UTF8_FLAG) or member.filename != member.orig_filename.partition("\0")[0]


def _likeness_to_words(text: str) -> float:
    """How much a text reads like words, by the letters in it that are not ASCII: a sum over these letters."""
    score, before = 0.0, ""
    for letter in text:
        if not letter.isascii():
            score += _likeness(letter)
            if before.isalpha() and letter.isalpha():
                mixed = _script(before) != _script(letter)
                score -= 3.0 * mixed + 2.0 * (before.islower() and letter.isupper())
        elif letter.isalpha() and before.isalpha() and not before.isascii():
            score -= 3.0 * (_script(before) != _script(letter))
        before = letter
    return score


def _likeness(letter: str) -> float:
    match _script(letter):
        case "CYRILLIC":
            return 2.0 if letter.lower() in FREQUENT else -1.0 if letter.lower() in RARE else 1.0
        case "LATIN":
            return 1.0
        case "HIRAGANA" | "KATAKANA":
            return 3.0  # of two bytes
        case "CJK":
            return 2.0
    return -2.0


def _script(letter: str) -> str:
    """The first word of a letter's name in Unicode, which is its script."""
    return re.split("[ -]", unicodedata.name(letter, ""), maxsplit=1)[0]
