"""The training loop: optimiser, schedule, checkpoints, loggers."""
