"""What stands in for scikit-learn's base classes does what those do."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.base
import sklearn.exceptions

from podoba.models import plain_estimator


def doubler(bases: Any) -> type:
    class Doubler(bases.TransformerMixin, bases.BaseEstimator):  # type: ignore[misc]
        def __init__(self, by: int = 2, *, name: str = "a") -> None:
            self.by, self.name = by, name

        def fit(self, X: Any, y: object = None) -> Any:  # noqa: N803
            return self

        def transform(self, X: Any) -> Any:  # noqa: N803
            return np.asarray(X) * self.by

        def get_feature_names_out(self, input_features: object = None) -> Any:
            return np.array(["one", "two"], dtype=object)

    return Doubler


@pytest.mark.parametrize("bases", [sklearn.base, plain_estimator], ids=["scikit-learn", "plain"])
def test_parameters_representation_and_output(bases: Any) -> None:
    kind = doubler(bases)
    made = kind(3, name="b")
    assert made.get_params() == {"by": 3, "name": "b"}
    assert repr(made) == "Doubler(by=3, name='b')"
    assert repr(kind()) == "Doubler()"
    assert made.set_params(by=5) is made
    assert made.by == 5
    with pytest.raises(ValueError, match="Invalid parameter 'bye'"):
        made.set_params(bye=1)
    assert made.fit_transform([[1, 2]]).tolist() == [[5, 10]]
    assert made.__getstate__() == {"by": 5, "name": "b"}
    frame = made.set_output(transform="pandas").transform(pd.DataFrame({"x": [1], "y": [2]}, index=["row"]))
    assert (list(frame.columns), list(frame.index), frame.to_numpy().tolist()) == (["one", "two"], ["row"], [[5, 10]])
    assert list(made.transform([[1, 2]]).index) == [0]


def test_an_output_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="default and pandas, not 'tables'"):
        doubler(plain_estimator)().set_output(transform="tables")


def test_its_error_before_fit_is_caught_like_scikit_learns() -> None:
    assert plain_estimator.NotFittedError.__mro__[1:3] == sklearn.exceptions.NotFittedError.__mro__[1:3]
    assert isinstance(pickle.loads(pickle.dumps(plain_estimator.NotFittedError("no"))), ValueError)
