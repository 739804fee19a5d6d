"""The settings of a map."""

from podoba.collection.map.settings import MapSettings


def test_the_settings_fit_each_other() -> None:
    settings = MapSettings()
    assert settings.placed_by % 2 == 1  # a median that goes with the larger group
    assert settings.exact_to <= settings.fitted <= settings.landmarks_from
