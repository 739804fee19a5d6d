"""What a transformer takes from scikit-learn's base classes, for installations without scikit-learn."""

import inspect
from functools import wraps
from typing import Any, Self

from podoba.errors import require

OUTPUTS = ("default", "pandas")


class NotFittedError(ValueError, AttributeError):
    """A transformer that is used before `fit`."""


class BaseEstimator:
    """Parameters by name: those of `__init__`, kept in attributes of the same names."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments it was made with."""
        return {name: getattr(self, name) for name in self._defaults()}

    def set_params(self, **params: Any) -> Self:
        """Change arguments. Raises `ValueError` for an unknown one."""
        known = list(self._defaults())
        for name, value in params.items():
            if name not in known:
                raise ValueError(f"Invalid parameter {name!r} for {type(self).__name__}: it has {', '.join(known)}")
            setattr(self, name, value)
        return self

    def __getstate__(self) -> dict[str, Any]:
        return dict(vars(self))

    def __repr__(self) -> str:
        usual = self._defaults()
        changed = [f"{name}={value!r}" for name, value in self.get_params().items() if value != usual[name]]
        return f"{type(self).__name__}({', '.join(changed)})"

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        return {name: parameter.default for name, parameter in inspect.signature(cls).parameters.items()}


class TransformerMixin:
    """`fit_transform`, and what `transform` gives: an array or a data frame."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        transform = cls.transform  # type: ignore[attr-defined]

        @wraps(transform)
        def shaped(self: Any, X: Any) -> Any:  # noqa: N803
            descriptors = transform(self, X)
            if getattr(self, "_sklearn_output_config", {}).get("transform", "default") == "default":
                return descriptors
            index = getattr(X, "index", None)
            return require("pandas", "notebook").DataFrame(
                descriptors, columns=self.get_feature_names_out(), index=None if callable(index) else index
            )

        cls.transform = shaped  # type: ignore[attr-defined]

    def fit_transform(self, X: Any, y: object = None, **fit_params: Any) -> Any:  # noqa: N803
        """`fit`, then `transform`."""
        return self.fit(X, y, **fit_params).transform(X)  # type: ignore[attr-defined]

    def set_output(self, *, transform: str | None = None) -> Self:
        """What `transform` gives: `default` (an array) or `pandas` (a data frame); None leaves it. Raises `ValueError`."""
        if transform is not None:
            if transform not in OUTPUTS:
                raise ValueError(f"set_output knows {' and '.join(OUTPUTS)}, not {transform!r}")
            self._sklearn_output_config = {"transform": transform}  # scikit-learn's name: it is in the pickle of either
        return self
