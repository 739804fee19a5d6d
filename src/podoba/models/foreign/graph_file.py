"""Files of ONNX graphs: read with the weights that lie beside them, and written, in about the memory that the weights take."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.message import DecodeError
from onnx import AttributeProto, ModelProto, TensorProto

from podoba.errors import ModelError
from podoba.files import replacing
from podoba.models.foreign.graph import all_graphs, all_nodes

LARGEST = 2**31 - 1  # bytes of one message of protocol buffers
OLDEST = 7  # opset: before it, operators did not fit shapes to each other by themselves
GRAPH, INITIALIZER = 7, 5  # numbers of the fields of a model and of a graph that hold these
POINTER = b"version https://git-lfs"


def read_graph(path: Path) -> ModelProto:
    """The graph of a file, the weights that lie in other files not read yet. Raises `ModelError`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}): check the file") from error
    if content.startswith(POINTER):
        raise ModelError(f"{path}: a pointer of Git LFS in place of the file: run `git lfs pull`, or fetch the file again")
    model = ModelProto()
    try:
        model.ParseFromString(content)
    except DecodeError as error:
        raise ModelError(f"{path}: damaged, or not an ONNX model: fetch it again") from error
    if not model.graph.node:
        raise ModelError(f"{path}: not an ONNX model: there is no graph in it")
    opset = max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=0)
    if opset < OLDEST:
        raise ModelError(f"{path}: its operators are of opset {opset}, and the oldest that is read is {OLDEST}: export it anew")
    return model


def bring_inside(model: ModelProto, path: Path) -> None:
    """Read in place the weights that a graph's file, `path`, has left in others beside it. Raises `ModelError`."""
    outside = [tensor for tensor in _tensors(model) if tensor.data_location == TensorProto.EXTERNAL]
    size = path.stat().st_size + sum(_place(tensor, path.parent).length or 0 for tensor in outside)
    if outside and size > LARGEST:
        raise ModelError(
            f"{path}: its weights are {size / 1e9:.1f} GB, and one model file holds at most 2.1 GB: "
            "choose a smaller file of this model, such as one in half precision"
        )
    for tensor in outside:
        tensor.raw_data = _outside(_place(tensor, path.parent))
        tensor.ClearField("external_data")
        tensor.ClearField("data_location")


def write_graph(model: ModelProto, path: Path) -> None:
    """Write a graph, equal ones as equal bytes; weight by weight, so that they are not in memory a second and third time.

    The graph is taken out of `model`. Raises `OSError`, and `ModelError` where it does not fit into one file.
    """
    graph = model.graph
    weights = list(graph.initializer)
    del graph.initializer[:]
    nodes = graph.SerializeToString(deterministic=True)
    model.ClearField("graph")
    lengths = [weight.ByteSize() for weight in weights]
    prefixes = [_prefix(INITIALIZER, length) for length in lengths]
    size = len(nodes) + sum(lengths) + sum(len(prefix) for prefix in prefixes)
    if size > LARGEST:
        raise ModelError(
            f"{path}: {size / 1e9:.1f} GB, and one model file holds at most 2.1 GB: choose a smaller one of this model"
        )
    with path.open("wb") as file:
        file.write(model.SerializeToString(deterministic=True))
        file.write(_prefix(GRAPH, size))
        file.write(nodes)
        for prefix, weight in zip(prefixes, weights, strict=True):
            file.write(prefix)
            file.write(weight.SerializeToString(deterministic=True))


def _prefix(field: int, length: int) -> bytes:
    """What stands before a message within another: its field's number and kind, and its length in groups of seven bits."""
    number, prefix = length, bytearray([field << 3 | 2])
    while number > 127:
        prefix.append(number & 127 | 128)
        number >>= 7
    return bytes([*prefix, number])


@contextmanager
def writing(out: Path) -> Iterator[Path]:
    """As `files.replacing`, in a folder that is made where it is missing. Raises `ModelError` where it cannot be written."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing(out) as draft:
            yield draft
    except OSError as error:
        raise ModelError(f"{out}: cannot be written ({error.strerror or error}): choose another place") from error


@contextmanager
def about(path: Path) -> Iterator[None]:
    """What goes wrong with a graph is said with the name of its file."""
    try:
        yield
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error


def append_metadata(path: Path, entries: dict[str, str]) -> None:
    """Add metadata to a model file that has none of these names: what is appended to a message is merged into it."""
    model = ModelProto()
    for key, value in entries.items():
        model.metadata_props.add(key=key, value=value)
    with path.open("ab") as file:
        file.write(model.SerializeToString(deterministic=True))


def _tensors(model: ModelProto) -> Iterator[TensorProto]:
    for graph in all_graphs(model.graph):
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield from (sparse.values, sparse.indices)
    for node in all_nodes(model):
        for attribute in node.attribute:
            if attribute.type == AttributeProto.TENSOR:
                yield attribute.t
            yield from attribute.tensors


@dataclass(frozen=True)
class _Place:
    """Where the numbers of a tensor lie outside of its graph; `length`: in bytes, None: to the end of the file."""

    path: Path
    offset: int
    length: int | None


def _place(tensor: TensorProto, folder: Path) -> _Place:
    facts = {entry.key: entry.value for entry in tensor.external_data}
    name = facts.get("location", "")
    if not name or Path(name).is_absolute() or ".." in Path(name).parts:
        raise ModelError(f"{folder}: weights at {name!r}, outside of its folder, are not read: fetch the model from its source")
    try:
        return _Place(folder / name, int(facts.get("offset", 0)), int(facts["length"]) if "length" in facts else None)
    except ValueError as error:
        raise ModelError(f"{folder / name}: the place of {tensor.name} in it is damaged: fetch the model again") from error


def _outside(place: _Place) -> bytes:
    try:
        with place.path.open("rb") as file:
            file.seek(place.offset)
            content = file.read(-1 if place.length is None else place.length)
    except OSError as error:
        raise ModelError(f"{place.path}: cannot be read ({error.strerror}): put the file beside the graph") from error
    if place.length not in (None, len(content)):
        raise ModelError(f"{place.path}: cut off: {place.length} bytes are wanted, {len(content)} are there: fetch it again")
    return content
