"""The settings of the maps that are served."""

import numpy as np

from podoba.serve.maps.settings import SETTINGS


def test_codes_fit_into_16_bits() -> None:
    assert SETTINGS.values + 1 <= np.iinfo(np.uint16).max
    assert SETTINGS.bins <= SETTINGS.values
