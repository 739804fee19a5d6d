"""What other distributions add to podoba: entry points, imported only when one is used."""

from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import Any

from podoba.errors import PodobaError


def plugins(group: str) -> Mapping[str, Any]:
    """What installed distributions add to a group, by name; looking a name up imports it, listing the names imports nothing.

    Looking a name up raises `KeyError` where nobody adds it, and `PodobaError` where it cannot be loaded.

    Args:
        group: such as `podoba.losses`; a distribution adds to it by `[project.entry-points."podoba.losses"]`.
    """
    return _Plugins(group)


class _Plugins(Mapping[str, Any]):
    def __init__(self, group: str) -> None:
        self.group = group
        self._points: dict[str, list[metadata.EntryPoint]] = {}
        for point in metadata.entry_points(group=group):
            self._points.setdefault(point.name, []).append(point)

    def __getitem__(self, name: str) -> Any:
        points = self._points[name]
        if len({point.value for point in points}) > 1:
            owners = " and ".join(_owner(point) for point in points)
            raise PodobaError(f"{self.group}: {owners} both add the name {name!r}: uninstall one of them")
        try:
            return points[0].load()
        except Exception as error:  # whatever another's module does when it is imported
            what = " ".join(f"{type(error).__name__}: {error}".split())
            raise PodobaError(
                f"{self.group}: {name!r} of {_owner(points[0])} cannot be loaded ({what}): update or uninstall that package"
            ) from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)


def _owner(point: metadata.EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value
