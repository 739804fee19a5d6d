"""The exponential moving average of the weights over the steps of a training."""

from copy import deepcopy

import torch

from podoba.learn.fit.objective import Objective
from podoba.runs.settings import AveragingSettings


class WeightAverage:
    """Averages the weights and batch statistics of an objective (Polyak and Juditsky, 1992; EMA as in Mean Teacher, 2017).

    Attributes:
        objective: a copy that holds the averages.
    """

    def __init__(self, objective: Objective, settings: AveragingSettings) -> None:
        self.objective = deepcopy(objective)
        self.decay = settings.decay

    @torch.no_grad()
    def update(self, current: Objective, step: int) -> None:
        """Move towards the weights after so many steps; at the start faster: at most (1 + step) / (10 + step) is kept."""
        keep = min(self.decay, (1 + step) / (10 + step))
        averages, weights = self.objective.state_dict(), current.state_dict()
        smooth = [key for key, value in averages.items() if value.is_floating_point()]
        torch._foreach_lerp_([averages[key] for key in smooth], [weights[key] for key in smooth], 1 - keep)
        for key in averages.keys() - set(smooth):
            averages[key].copy_(weights[key])
