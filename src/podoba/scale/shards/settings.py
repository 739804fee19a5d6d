"""How large shards are."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ShardSettings:
    """Where a listing is cut into shards, and row groups and members of archives are joined to some.

    Attributes:
        images: about so many of a shard, on average; each name ends its shard with this chance, by its hash.
        longest: times `images`, after which a shard ends wherever it is.
        bytes: after so many bytes, where they are known, it ends as well.
    """

    images: int = 2000
    longest: int = 4
    bytes: int = 8 << 30


DEFAULT = ShardSettings()
