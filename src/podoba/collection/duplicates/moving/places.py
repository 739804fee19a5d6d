"""The folders in which images of a collection lie, so that nothing is moved into them by any path."""

import os
from collections.abc import Iterable
from pathlib import Path

from podoba.collection.duplicates.same_file import Identity, identity_of
from podoba.collection.storage.items import Item
from podoba.collection.update.diff import PART
from podoba.images.locate import container_of


def source_of(item: Item) -> Path:
    """The folder, archive or table in which an item was found."""
    return Path(item.source.partition(PART)[0])


class IndexedFolders:
    """Folders by device and inode: the sources of items, the folders of their files, and those between."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._folders: dict[Identity, str] = {}
        for source, name in {(source_of(item), os.path.dirname(item.uri)) for item in items if container_of(item.uri) is None}:
            folder = Path(name)
            between = [place for place in folder.parents if place.is_relative_to(source)]
            for place in (source, folder, *between):
                file = identity_of(place)
                if file is not None:
                    self._folders.setdefault(file, str(place))

    def around(self, folder: Path) -> str | None:
        """The indexed folder in which a folder lies, or would lie; None where there is none."""
        real = Path(os.path.realpath(folder))
        for place in (real, *real.parents):
            file = identity_of(place)
            if file in self._folders:
                return self._folders[file]
        return None
