"""Different pictures that look alike: documents of one template, screenshots in one frame, products on white and their like.

Drawn by code, each from a number: of two numbers of one kind no picture is a copy of the other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Draw = Callable[[np.random.Generator], Image.Image]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
SYLLABLES = ("ba", "co", "de", "fi", "gu", "ha", "jo", "ka", "le", "mi", "no", "pa", "ro", "sa", "te", "vu", "wi", "xe", "an")
INK = (25, 25, 35)


def lookalike(kind: str, number: int) -> Image.Image:
    """A picture of a kind in `KINDS`, the same for the same number."""
    return KINDS[kind](np.random.default_rng([sorted(KINDS).index(kind), number]))


def document(rng: np.random.Generator) -> Image.Image:
    """An invoice: one letterhead and one table, other names, numbers and sums."""
    page, draw = _page((620, 877))
    draw.rectangle((40, 40, 180, 90), fill=(30, 70, 140))
    draw.text((200, 50), "NORTHWIND TRADING", font=_font(28), fill=INK)
    draw.text((40, 130), f"Invoice {rng.integers(10_000, 99_999)}", font=_font(22), fill=INK)
    for row in range(4):
        draw.text((40, 170 + 20 * row), _words(rng, 3), font=_font(14), fill=INK)
    draw.rectangle((40, 280, 580, 305), fill=(220, 225, 235))
    for place, head in ((50, "Item"), (330, "Number"), (480, "Price")):
        draw.text((place, 285), head, font=_font(14), fill=INK)
    for row in range(12):
        top = 315 + 30 * row
        draw.line((40, top + 24, 580, top + 24), fill=(200, 200, 200))
        if row < rng.integers(4, 13):
            draw.text((50, top), _words(rng, 3), font=_font(14), fill=INK)
            draw.text((330, top), str(rng.integers(1, 90)), font=_font(14), fill=INK)
            draw.text((480, top), f"{rng.integers(100, 99_999) / 100:.2f}", font=_font(14), fill=INK)
    draw.text((380, 700), f"Total {rng.integers(1_000, 999_999) / 100:.2f}", font=_font(20), fill=INK)
    draw.text((40, 820), "Bank 12 3456 7890 - Harbour Street 1 - pay within 14 days", font=_font(13), fill=INK)
    return page


def text_page(rng: np.random.Generator) -> Image.Image:
    """A page of a book: lines of other words at the same places."""
    page, draw = _page((560, 800))
    for row in range(34):
        draw.text((50, 50 + 20 * row), _line(rng, 62), font=_font(14), fill=INK)
    draw.text((270, 760), str(rng.integers(1, 400)), font=_font(14), fill=INK)
    return page


def bank_screenshot(rng: np.random.Generator) -> Image.Image:
    """A list of payments on a telephone."""
    page, draw = _page((400, 800), (245, 246, 250))
    draw.rectangle((0, 0, 400, 120), fill=(20, 110, 90))
    draw.text((20, 20), "My account", font=_font(20), fill="white")
    draw.text((20, 60), f"{rng.integers(100, 9_999_999) / 100:.2f}", font=_font(36), fill="white")
    for row in range(9):
        top = 140 + 70 * row
        draw.rounded_rectangle((12, top, 388, top + 60), 10, fill="white")
        draw.ellipse((24, top + 12, 60, top + 48), fill=(120, 170, 200))
        draw.text((76, top + 10), _words(rng, 2), font=_font(18), fill=INK)
        draw.text((76, top + 34), f"{rng.integers(1, 29)}.{rng.integers(1, 13)}.", font=_font(13), fill=(130, 130, 130))
        draw.text((290, top + 18), f"-{rng.integers(100, 99_999) / 100:.2f}", font=_font(18), fill=INK)
    return page


def identity_card(rng: np.random.Generator) -> Image.Image:
    """A card with another name, number and portrait."""
    page, draw = _page((640, 400), (214, 228, 240))
    for row in range(0, 400, 8):
        draw.line((0, row, 640, row + 60), fill=(200, 216, 232))
    draw.rectangle((0, 0, 640, 60), fill=(60, 90, 150))
    draw.text((20, 14), "REPUBLIC OF EXAMPLE - IDENTITY CARD", font=_font(24), fill="white")
    skin = tuple(int(v) for v in np.array([225, 180, 150]) * rng.uniform(0.6, 1.05))
    hair = tuple(int(v) for v in rng.integers(10, 140, 3))
    draw.rectangle((30, 90, 220, 340), fill=(235, 235, 235))
    wide = int(rng.integers(42, 60))
    draw.ellipse((125 - wide - 8, 110, 125 + wide + 8, 250), fill=hair)
    draw.ellipse((125 - wide, 135, 125 + wide, 270), fill=skin)
    draw.rectangle((60, 285, 190, 340), fill=tuple(int(v) for v in rng.integers(20, 220, 3)))
    for eye in (-20, 20):
        draw.ellipse((125 + eye - 6, 185, 125 + eye + 6, 195), fill=INK)
    for row, head in enumerate(("Name", "First name", "Born", "Number")):
        draw.text((250, 90 + 62 * row), head, font=_font(14), fill=(90, 90, 110))
        value = _words(rng, 1) if row < 2 else f"{rng.integers(1, 29)}.{rng.integers(1, 13)}.{rng.integers(1940, 2005)}"
        draw.text((250, 108 + 62 * row), value if row < 3 else str(rng.integers(10**8, 10**9)), font=_font(24), fill=INK)
    draw.text(
        (30, 360), f"IDEXA<<{_words(rng, 2).upper().replace(' ', '<')}<<<{rng.integers(10**6, 10**7)}", font=_font(22), fill=INK
    )
    return page


def form(rng: np.random.Generator) -> Image.Image:
    """A printed form filled in by another hand: most of the ink is the form's."""
    page, draw = _page((620, 877), (252, 250, 244))
    draw.text((40, 30), "APPLICATION FOR A PARKING PERMIT", font=_font(26), fill=INK)
    for row in range(18):
        top = 90 + 42 * row
        draw.rectangle((40, top, 580, top + 32), outline=(110, 110, 110), width=2)
        draw.text((48, top + 8), f"{row + 1}. {_words(np.random.default_rng(row), 2)}", font=_font(13), fill=INK)
        if rng.random() < 0.8:
            draw.text((260, top + 6), _words(rng, 2), font=_font(18), fill=(30, 40, 160))
    return page


def music_sheet(rng: np.random.Generator) -> Image.Image:
    """Staves with other notes."""
    page, draw = _page((620, 877))
    for stave in range(9):
        top = 60 + 88 * stave
        for line in range(5):
            draw.line((40, top + 8 * line, 580, top + 8 * line), fill=INK)
        for bar in range(5):
            draw.line((40 + 135 * bar, top, 40 + 135 * bar, top + 32), fill=INK, width=2)
        for place in range(24):
            if rng.random() < 0.85:
                x, y = 56 + 22 * place, top + 4 * int(rng.integers(-2, 10))
                draw.ellipse((x - 5, y - 4, x + 5, y + 4), fill=INK if rng.random() < 0.7 else None, outline=INK)
                draw.line((x + 5, y, x + 5, y - 26), fill=INK)
    return page


def shirt(rng: np.random.Generator) -> Image.Image:
    """One shirt on white with another small print on the chest."""
    page, draw = _page((500, 500))
    outline = [(150, 70), (210, 60), (250, 85), (290, 60), (350, 70), (440, 150), (395, 200), (350, 165), (350, 450), (150, 450),
               (150, 165), (105, 200), (60, 150)]  # fmt: skip
    draw.polygon(outline, fill=(40, 44, 60))
    draw.line([(150, 165), (160, 260)], fill=(60, 64, 80), width=3)
    draw.line([(350, 165), (340, 260)], fill=(60, 64, 80), width=3)
    page = page.filter(ImageFilter.GaussianBlur(1))
    draw = ImageDraw.Draw(page)
    side = int(rng.integers(22, 34))
    left, top = 250 - side, 190
    colour = tuple(int(v) for v in rng.integers(90, 256, 3))
    shape = int(rng.integers(0, 4))
    if shape == 0:
        draw.ellipse((left, top, left + 2 * side, top + 2 * side), fill=colour)
    elif shape == 1:
        draw.text((left, top), _words(rng, 1)[:6], font=_font(26), fill=colour)
    elif shape == 2:
        draw.regular_polygon((250, top + side, side), int(rng.integers(3, 8)), int(rng.integers(0, 90)), fill=colour)
    else:
        for row in range(5):
            draw.line((left, top + 12 * row, left + int(rng.integers(10, 2 * side)), top + 12 * row), fill=colour, width=5)
    return page


def framed_screenshot(rng: np.random.Generator) -> Image.Image:
    """One program's window with another picture in it."""
    page, draw = _page((800, 600), (236, 236, 238))
    draw.rectangle((0, 0, 800, 40), fill=(60, 62, 70))
    for place, name in enumerate(("File", "Edit", "View", "Picture", "Help")):
        draw.text((16 + 80 * place, 10), name, font=_font(16), fill="white")
    for row in range(12):
        draw.rounded_rectangle((10, 60 + 44 * row, 120, 94 + 44 * row), 6, fill=(210, 214, 224))
        draw.text((18, 68 + 44 * row), _words(np.random.default_rng(100 + row), 1), font=_font(15), fill=INK)
    draw.rectangle((0, 575, 800, 600), fill=(200, 202, 210))
    page.paste(scene(rng, (520, 390)), (200, 110))
    return page


def phone_screenshot(rng: np.random.Generator) -> Image.Image:
    """A picture between black bars, as a telephone shows it."""
    page, draw = _page((360, 780), (0, 0, 0))
    draw.text((16, 8), "12:30", font=_font(16), fill="white")
    draw.rectangle((310, 12, 340, 24), outline="white")
    page.paste(scene(rng, (360, 270)), (0, 255))
    return page


def product(rng: np.random.Generator) -> Image.Image:
    """A thing on white: another shape of another colour at the same place."""
    page, _ = _page((400, 400))
    body = Image.new("L", (400, 400), 0)
    draw = ImageDraw.Draw(body)
    wide, high = (int(v) for v in rng.integers(60, 130, 2))
    box = (200 - wide, 200 - high, 200 + wide, 200 + high)
    shape = int(rng.integers(0, 4))
    if shape == 0:
        draw.ellipse(box, fill=255)
    elif shape == 1:
        draw.rounded_rectangle(box, int(rng.integers(5, 50)), fill=255)
    elif shape == 2:
        draw.polygon([(200, 200 - high), (200 + wide, 200 + high), (200 - wide, 200 + high)], fill=255)
    else:
        draw.ellipse(box, fill=255)
        draw.rectangle((190, 200 - high - 40, 205, 200 - high + 10), fill=255)
    across = np.linspace(1.25, 0.6, 400)[None, :, None] * np.linspace(1.1, 0.8, 400)[:, None, None]
    shaded = (across * rng.integers(30, 230, 3)).clip(0, 255).astype(np.uint8)
    page.paste(Image.fromarray(shaded), mask=body.filter(ImageFilter.GaussianBlur(1.5)))
    return page


def landscape(rng: np.random.Generator) -> Image.Image:
    """Sky above, ground below, a horizon of other hills between them."""
    width, height = 480, 320
    rows = np.linspace(0, 1, height)[:, None, None]
    sky = np.array([110, 160, 225]) * (1 - rows) + np.array([215, 225, 235]) * rows
    ground = np.array([95, 120, 60]) * rng.uniform(0.8, 1.15, 3) + 14 * _noise(rng, (width, height), 40)[..., None]
    line = height * (0.5 + 0.08 * _noise(rng, (width, 1), 6)[0])
    below = np.arange(height)[:, None] > line
    picture = np.where(below[..., None], ground, sky) + rng.normal(0, 2, (height, width, 1))
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def night_sky(rng: np.random.Generator) -> Image.Image:
    """Other stars on nearly black."""
    width, height = 480, 360
    picture = np.full((height, width), 12.0) + rng.normal(0, 2, (height, width)) + np.linspace(10, 0, height)[:, None]
    star = np.array([[0.3, 0.6, 0.3], [0.6, 1, 0.6], [0.3, 0.6, 0.3]])
    for _ in range(150):
        x, y = int(rng.integers(1, width - 1)), int(rng.integers(1, height - 1))
        picture[y - 1 : y + 2, x - 1 : x + 2] += rng.uniform(60, 240) * star
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8)).convert("RGB")


def texture(rng: np.random.Generator) -> Image.Image:
    """Other grain of one material."""
    picture = 140 + 22 * _noise(rng, (400, 400), 80) + 12 * _noise(rng, (400, 400), 200)
    return Image.fromarray((picture[..., None] * np.array([1.0, 0.85, 0.65])).clip(0, 255).astype(np.uint8))


def line_art(rng: np.random.Generator) -> Image.Image:
    """Other thin strokes on white."""
    page, draw = _page((500, 500))
    for _ in range(14):
        centre, radius, turn = rng.uniform(120, 380, 2), rng.uniform(20, 130), rng.uniform(0, 360)
        box = (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)
        draw.arc(box, turn, turn + rng.uniform(90, 300), fill=INK, width=2)
    return page


def burst(rng: np.random.Generator) -> Image.Image:
    """One scene in which somebody walks, held in the hand."""
    page = scene(np.random.default_rng(7), (500, 380)).convert("RGB")
    draw = ImageDraw.Draw(page)
    x, y = int(rng.integers(60, 400)), int(rng.integers(150, 200))
    draw.ellipse((x - 16, y - 16, x + 16, y + 16), fill=(230, 190, 160))
    draw.rectangle((x - 20, y + 16, x + 20, y + 90), fill=(160, 40, 40))
    draw.line((x - 10, y + 90, x - 10 - int(rng.integers(0, 20)), y + 150), fill=(30, 30, 60), width=12)
    draw.line((x + 10, y + 90, x + 10 + int(rng.integers(0, 20)), y + 150), fill=(30, 30, 60), width=12)
    left, top = (int(v) for v in rng.integers(0, 10, 2))
    return page.crop((left, top, left + 480, top + 360))


def scene(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Something like a photograph: soft coloured noise of several sizes, a few things with edges."""
    layers = np.stack([sum(w * _noise(rng, size, n) for n, w in ((3, 45), (8, 25), (40, 9))) for _ in range(3)], axis=2)
    picture = Image.fromarray((layers + rng.integers(70, 180, 3)).clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(5):
        x, y, r = rng.integers(0, size[0]), rng.integers(0, size[1]), rng.integers(size[1] // 20, size[1] // 5)
        draw.ellipse((int(x - r), int(y - r), int(x + r), int(y + r)), fill=tuple(int(v) for v in rng.integers(0, 256, 3)))
    return picture


def _page(size: tuple[int, int], colour: tuple[int, int, int] = (255, 255, 255)) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("RGB", size, colour)
    return page, ImageDraw.Draw(page)


@cache
def _font(size: int) -> Font:
    return ImageFont.load_default(size)


def _words(rng: np.random.Generator, count: int) -> str:
    return " ".join("".join(rng.choice(SYLLABLES, int(rng.integers(2, 5)))).capitalize() for _ in range(count))


def _line(rng: np.random.Generator, letters: int) -> str:
    return _words(rng, 14).lower()[:letters]


def _noise(rng: np.random.Generator, size: tuple[int, int], cells: int) -> NDArray[np.float64]:
    """Soft noise (height, width) of mean 0 and spread 1, `cells` across."""
    down = max(1, round(cells * size[1] / size[0]))
    coarse = Image.fromarray(rng.normal(size=(down, cells)).astype(np.float32))
    soft = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), dtype=np.float64)
    unit: NDArray[np.float64] = (soft - soft.mean()) / max(float(soft.std()), 1e-6)
    return unit


KINDS: dict[str, Draw] = {
    "documents of one template": document,
    "pages of text": text_page,
    "bank screenshots": bank_screenshot,
    "identity cards": identity_card,
    "forms": form,
    "sheets of music": music_sheet,
    "shirts with small prints": shirt,
    "screenshots in one frame": framed_screenshot,
    "phone screenshots with black bars": phone_screenshot,
    "products on white": product,
    "landscapes with a horizon": landscape,
    "night sky": night_sky,
    "textures": texture,
    "line art": line_art,
    "bursts": burst,
}
