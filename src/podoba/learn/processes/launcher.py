"""How many processes train, on how many machines: as torchrun started them, else as the settings say."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from podoba.errors import SettingsError
from podoba.runs.settings import Settings


@dataclass(frozen=True)
class Launch:
    """Processes of a training.

    Attributes:
        devices: on each machine, one a device.
        nodes: machines.
        external: started by torchrun; else the first process starts the others, on its machine.
    """

    devices: int
    nodes: int
    external: bool

    @property
    def processes(self) -> int:
        """On all machines together."""
        return self.devices * self.nodes


def launch_of(settings: Settings, environment: Mapping[str, str] = os.environ) -> Launch:
    """The processes of this training; where torchrun started this one, the settings may leave their number open or agree.

    Args:
        environment: variables of this process; torchrun sets `TORCHELASTIC_RUN_ID`, `WORLD_SIZE` and `LOCAL_WORLD_SIZE`
            (https://docs.pytorch.org/docs/stable/elastic/run.html#environment-variables).

    Raises:
        SettingsError: settings that contradict torchrun, machines with unequal numbers of processes, or several machines
            without a launcher.
    """
    if "TORCHELASTIC_RUN_ID" not in environment:
        if settings.nodes > 1:
            raise SettingsError(
                f"nodes={settings.nodes}: several machines need a launcher: on each of them run torchrun --nnodes "
                f"{settings.nodes} --nproc-per-node {settings.devices} ... -m podoba train (how-to: train on many GPUs)"
            )
        return Launch(settings.devices, 1, external=False)
    world, here = int(environment["WORLD_SIZE"]), int(environment["LOCAL_WORLD_SIZE"])
    if world % here:
        raise SettingsError(f"torchrun started {world} processes, {here} of them here: give each machine as many")
    launch = Launch(here, world // here, external=True)
    for name, asked, there in (("devices", settings.devices, launch.devices), ("nodes", settings.nodes, launch.nodes)):
        if asked not in (1, there):
            option = {"devices": "--nproc-per-node", "nodes": "--nnodes"}[name]
            raise SettingsError(f"{name}={asked}, but torchrun was given {option} {there}: leave {name} out")
    return launch
