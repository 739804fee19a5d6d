"""The recipe that pins the catalogue."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from hub_stand_in import HubStandIn
from podoba.models.published.catalogue import FILE, read_catalogue
from published_layouts import layouts, publish_all

RECIPE = Path(__file__).parents[2] / "recipes" / "catalogue" / "pin.py"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(RECIPE), *map(str, arguments)]
    return subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, timeout=120, check=False)


def test_what_is_not_pinned_is_pinned_and_then_checked(hub: HubStandIn, tmp_path: Path) -> None:
    publish_all(hub)
    path = tmp_path / "catalogue.json"
    facts = json.loads(FILE.read_text())
    for entry in facts.values():
        entry.pop("revision", None)
        entry.pop("sha256", None)
    path.write_text(json.dumps(facts))
    done = run(path)
    assert done.returncode == 0, done.stderr
    entries = read_catalogue(path)
    assert list(entries) == list(facts)
    for entry in entries.values():
        assert entry.revision == hub.repositories[entry.repository].names["main"]
        texts = [entry.text, f"{entry.text.partition('/')[0]}/tokenizer.json"] if entry.text and "textual" in entry.text else []
        texts = texts or ([entry.text, "tokenizer.json"] if entry.text else [])
        assert set(entry.sha256) == {entry.image, *texts}
    assert run(path, "--check").stdout == "".join(f"{name}: as pinned\n" for name in facts)
    before = path.read_bytes()
    clip = entries["clip-vit-b32"]
    assert clip.revision is not None
    hub.repositories[clip.repository].commits[clip.revision]["tokenizer.json"] += b" "
    hub.repositories.pop(entries["dinov2-small"].repository)
    done = run(path, "--check")
    assert done.returncode == 1
    assert "clip-vit-b32: changed: tokenizer.json\n" in done.stdout
    assert "dinov2-small: http://" in done.stdout
    assert "no such repository" in done.stdout
    assert path.read_bytes() == before
    new = hub.add(clip.repository, {**layouts()[clip.repository], "README.md": b"new"})
    assert run(path, "--anew", "clip-vit-b32").returncode == 0
    assert read_catalogue.__wrapped__(path)["clip-vit-b32"].revision == new
