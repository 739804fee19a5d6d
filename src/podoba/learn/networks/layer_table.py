"""The layer table of a network: what each layer gives out and how many numbers it has."""

from typing import Any

import torch
from torch import Tensor, nn

from podoba.learn.networks.network import DescriptorNetwork, count_parameters

Row = tuple[str, str, int, int]


def layer_table(network: DescriptorNetwork) -> list[Row]:
    """Rows (layer, output shape, parameters, of them trainable), as the paper's figures 1 and 2 print them."""
    rows: list[Row] = []
    handles: list[Any] = []
    head = network.head
    named: list[tuple[str, nn.Module]] = [(f"backbone {network.backbone.name}", network.backbone)]
    named += [(_kind(layer), layer) for layer in head.hidden]
    named += [(_kind(head.descriptor) + ": descriptor", head.descriptor)]
    named += [(_kind(layer), layer) for layer in (head.norm, head.activation) if not isinstance(layer, nn.Identity)]

    def watch(name: str) -> Any:
        def hook(module: nn.Module, _: object, output: Tensor) -> None:
            rows.append((name, _shape(output), *count_parameters(module)))

        return hook

    for name, module in named:
        handles.append(module.register_forward_hook(watch(name)))
    network.eval()
    size = network.backbone.input_size
    with torch.no_grad():
        descriptor = network(torch.zeros(1, 3, size, size))
        rows.append(("L2 normalisation", _shape(descriptor), 0, 0))
        if network.classifier is not None:
            rows.append(("dense: classes", _shape(network.classifier(descriptor)), *count_parameters(network.classifier)))
    for handle in handles:
        handle.remove()
    return rows


def _shape(output: Tensor) -> str:
    return "x".join(str(n) for n in output.shape[1:])


def _kind(layer: nn.Module) -> str:
    return {"Linear": "dense", "BatchNorm1d": "batch normalisation"}.get(type(layer).__name__, type(layer).__name__.lower())
