"""An ONNX graph as it is edited: its values described, cut down to what one tensor needs, names made free."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, shape_inference

SMALL = 1024  # numbers of a constant that can be a shape; larger ones are weights
Shape = list[int | None]  # None: a side left open


def real_inputs(model: ModelProto) -> list[ValueInfoProto]:
    """Inputs that a caller must give: initialisers may stand among the inputs too."""
    stored = {tensor.name for tensor in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in stored]


def shape_of(value: ValueInfoProto) -> Shape | None:
    """Sides of a value; None where not even their number is said."""
    kind = value.type.tensor_type
    if not kind.HasField("shape"):
        return None
    return [side.dim_value if side.HasField("dim_value") and side.dim_value > 0 else None for side in kind.shape.dim]


def described(values: Any) -> str:
    """Values in words, such as `pixel_values: float (any, 3, 224, 224)`."""
    words = []
    for value in values:
        kind = TensorProto.DataType.Name(value.type.tensor_type.elem_type).lower()
        shape = shape_of(value)
        sides = "of any shape" if shape is None else f"({', '.join('any' if side is None else str(side) for side in shape)})"
        words.append(f"{value.name}: {kind} {sides}")
    return ", ".join(words)


def find_value(model: ModelProto, name: str) -> ValueInfoProto | None:
    """Type and shape of a tensor of the graph, worked out where they are not written; None where there is no such tensor."""
    graph = model.graph
    written = next((value for value in (*graph.output, *graph.value_info) if value.name == name), None)
    if written is not None and written.type.tensor_type.HasField("shape") and written.type.tensor_type.elem_type:
        return written
    if written is None and not any(name in node.output for node in graph.node):
        return None
    known = {}
    with suppress(shape_inference.InferenceError):  # a graph that is at odds with itself has shapes that nobody knows
        inferred = shape_inference.infer_shapes(_without_weights(model), data_prop=True).graph
        known = {value.name: value for value in (*inferred.output, *inferred.value_info)}
    return known.get(name, written or ValueInfoProto(name=name))


def cut(model: ModelProto, tensor: str) -> None:
    """Drop in place every node, initialiser, input and output that one tensor does not need."""
    graph = model.graph
    makers = {name: node for node in graph.node for name in node.output if name}
    wanted: set[str] = set()
    open_ends = [tensor]
    while open_ends:  # from maker to maker: converters leave nodes that are not in the order which ONNX demands
        name = open_ends.pop()
        if name and name not in wanted:  # an optional input that is left out has no name
            wanted.add(name)
            open_ends += _read_by(makers[name]) if name in makers else ()
    for place in range(len(graph.node) - 1, -1, -1):
        if wanted.isdisjoint(graph.node[place].output):
            del graph.node[place]
    stored = {initializer.name for initializer in graph.initializer}
    keep: list[tuple[Any, Callable[[Any], bool]]] = [
        (graph.initializer, lambda one: one.name in wanted),
        (graph.sparse_initializer, lambda one: one.values.name in wanted),
        (graph.input, lambda one: one.name in wanted and one.name not in stored),  # no weight is the caller's to replace
        (graph.output, lambda one: False),
        (graph.value_info, lambda one: False),  # shapes of other sides than those it will be given
        (graph.quantization_annotation, lambda one: one.tensor_name in wanted),
    ]
    for rest, of in keep:
        for place in range(len(rest) - 1, -1, -1):
            if not of(rest[place]):
                del rest[place]
    model.ir_version = max(model.ir_version, 4)  # the first in which an initialiser need not be an input as well


def rename(model: ModelProto, old: str, new: str) -> None:
    """Give a tensor another name in place, wherever the graph and the graphs within its nodes use it."""
    for graph in all_graphs(model.graph):
        for node in graph.node:
            for names in (node.input, node.output):
                for place, name in enumerate(names):
                    if name == old:
                        names[place] = new
        for named in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
            if named.name == old:
                named.name = new
        for sparse in graph.sparse_initializer:
            if sparse.values.name == old:
                sparse.values.name = new


def names_of(model: ModelProto) -> set[str]:
    """Names of all tensors of the graph and of the graphs within its nodes."""
    names: set[str] = set()
    for graph in all_graphs(model.graph):
        names.update(value.name for value in (*graph.input, *graph.output, *graph.initializer))
        names.update(sparse.values.name for sparse in graph.sparse_initializer)
        for node in graph.node:
            names.update(node.input, node.output)
    return names


def unused(names: set[str], wish: str) -> str:
    """A name that is not among others: the wish, or with a number behind it."""
    number, name = 2, wish
    while name in names:
        name, number = f"{wish}_{number}", number + 1
    return name


def all_graphs(graph: GraphProto) -> Iterator[GraphProto]:
    """A graph and all graphs within its nodes, as those of If and Loop."""
    yield graph
    for node in graph.node:
        for inner in _inner(node):
            yield from all_graphs(inner)


def all_nodes(model: ModelProto) -> Iterator[NodeProto]:
    """Nodes of the graph, of the graphs within its nodes and of the functions of the model."""
    for graph in all_graphs(model.graph):
        yield from graph.node
    for function in model.functions:
        yield from function.node


def _inner(node: NodeProto) -> list[GraphProto]:
    found = [attribute.g for attribute in node.attribute if attribute.type == AttributeProto.GRAPH]
    return found + [graph for attribute in node.attribute for graph in attribute.graphs]


def _read_by(node: NodeProto) -> set[str]:
    """Tensors that a node reads, those included that the graphs within it take from around them."""
    names = set(node.input)
    for graph in _inner(node):
        made = {value.name for value in (*graph.input, *graph.initializer)}
        made.update(name for inner in graph.node for name in inner.output)
        read = {value.name for value in graph.output}.union(*(_read_by(inner) for inner in graph.node))
        names |= read - made
    return names


def _without_weights(model: ModelProto) -> ModelProto:
    """The graph with the weights' types and sides, but not their numbers: enough to work out shapes, and small."""
    graph = model.graph
    bare = ModelProto(ir_version=model.ir_version, opset_import=model.opset_import, functions=model.functions)
    bare.graph.name = graph.name
    bare.graph.node.extend(graph.node)
    bare.graph.input.extend(graph.input)
    bare.graph.output.extend(graph.output)
    for tensor in graph.initializer:
        count = 1
        for side in tensor.dims:
            count *= side
        small = count <= SMALL and tensor.data_location != TensorProto.EXTERNAL
        bare.graph.initializer.append(
            tensor if small else TensorProto(name=tensor.name, dims=tensor.dims, data_type=tensor.data_type)
        )
    return bare
