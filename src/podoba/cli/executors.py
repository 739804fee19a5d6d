"""The executor of a command's `--on` and `--workers`, before anything heavy is loaded."""

from podoba.errors import SettingsError
from podoba.executor import Executor, ProcessExecutor


def open_study_executor(on: str | None, workers: int | None, *, is_search: bool) -> Executor | None:
    """What trains several cells at a time; None for one after another, here.

    Raises:
        SettingsError: of a search, whose trainings each learn from those before.
        ClusterError, MissingExtra: as `podoba.scale.ray_executor.open_executor`.
    """
    if on is None and (workers is None or workers == 1):
        return None
    if is_search:
        raise SettingsError(
            "a search trains one after another, as each training learns from those before: leave out --on and --workers"
        )
    if on is None:
        return ProcessExecutor(workers)
    from podoba.scale.ray_executor import open_executor

    return open_executor(on, workers, gpu_if_any=True)
