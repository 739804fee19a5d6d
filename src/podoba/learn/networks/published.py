"""Published weights of timm's networks: where they lie on this machine, and whether their host can be asked."""

import logging
from pathlib import Path
from urllib.parse import urlsplit

import timm
import torch
from huggingface_hub import constants, try_to_load_from_cache

from podoba.cache.reach import ensure_reachable

log = logging.getLogger(__name__)

FILES = ("model.safetensors", "pytorch_model.bin")  # under which timm publishes


def published_weights(name: str, alternative: str) -> Path | None:
    """The file of the published weights of a timm network, where they were fetched before; nobody is asked then.

    Args:
        alternative: what to do instead where they cannot be fetched, after `or`.

    Returns:
        None where timm is to fetch them, and their host answers: it would try a host that does not for a minute.

    Raises:
        DownloadError: they are not here, and their host does not answer.
    """
    facts = timm.get_pretrained_cfg(name)
    if facts is None or not (facts.hf_hub_id or facts.url):
        return None  # nothing is published, which timm says itself
    if facts.hf_hub_id:
        url = f"{constants.ENDPOINT}/{facts.hf_hub_id}"
        files = [facts.hf_hub_filename] if facts.hf_hub_filename else FILES
        found = [try_to_load_from_cache(facts.hf_hub_id, file) for file in files]
        here = [Path(path) for path in found if isinstance(path, str)]
    else:
        url = facts.url
        path = Path(torch.hub.get_dir()) / "checkpoints" / urlsplit(url).path.rpartition("/")[2]
        here = [path] if path.is_file() else []
    if here:
        return here[0]
    ensure_reachable(url, alternative)
    log.info("%s: its published weights are fetched once, then kept", name)
    return None
