"""ONNX sessions over models that are mended in memory: a hidden tensor becomes an output, a curve can be scaled.

Protocol Buffers merge a message that is repeated: bytes appended to a serialised `ModelProto` add to its
graph, so no ONNX library is needed to mend one; to take a part of the graph away, its fields are walked.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

import numpy as np
import onnxruntime  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

THREADS = 2
"""Threads of one session: speech is a few small matrices at a time, and more of them only contend."""

_MODEL_GRAPH, _GRAPH_NODE, _GRAPH_INPUT, _GRAPH_OUTPUT = 7, 1, 11, 12
_NODE_INPUT, _NODE_OUTPUT, _NODE_NAME, _NODE_OPERATOR = 1, 2, 3, 4
_VALUE_NAME, _VALUE_TYPE, _TYPE_TENSOR, _TENSOR_ELEMENT = 1, 2, 1, 1


class Session(Protocol):
    """The part of an ONNX Runtime session that the engine uses."""

    def run(self, output_names: Sequence[str], input_feed: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Compute the named outputs."""
        ...


def open_session(model: bytes) -> Session:
    """A session on the CPU over a serialised model."""
    runtime = cast("Any", onnxruntime)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Each phrase has a length of its own, and a plan of memory for each length would be kept.
    options.enable_mem_pattern = False
    # Threads that spin while they wait take a fifth more processor and bring the audio no sooner.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return cast("Session", runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"]))


def with_output(model: bytes, tensor: str, element: type[np.generic]) -> bytes:
    """The model with an inner tensor among its outputs."""
    return model + _field(_MODEL_GRAPH, _field(_GRAPH_OUTPUT, _value(tensor, element)))


def with_factor(model: bytes, tensor: str, factor: str) -> bytes:
    """The model with a new float input `factor`, by which the inner float tensor is multiplied.

    The node that makes the tensor is made to name its output otherwise, in as many bytes, and a product takes
    the old name. Raises `ValueError` if the model has no such tensor.
    """
    source = tensor[:-1] + "~"
    made, renamed = _field(_NODE_OUTPUT, tensor.encode()), _field(_NODE_OUTPUT, source.encode())
    if model.count(made) != 1:
        msg = f"the model has no single tensor named {tensor}"
        raise ValueError(msg)
    product = b"".join(
        (
            _field(_NODE_INPUT, source.encode()),
            _field(_NODE_INPUT, factor.encode()),
            made,
            _field(_NODE_NAME, f"{tensor}*{factor}".encode()),
            _field(_NODE_OPERATOR, b"Mul"),
        )
    )
    additions = _field(_GRAPH_NODE, product) + _field(_GRAPH_INPUT, _value(factor, np.float32))
    return model.replace(made, renamed) + _field(_MODEL_GRAPH, additions)


def up_to(model: bytes, tensors: Sequence[str]) -> bytes:
    """The part of the model that makes inner float tensors, which are its only outputs.

    ONNX Runtime computes every node that it is given, whatever outputs are asked for.
    """
    others: list[bytes] = []
    nodes: list[bytes] = []
    kept: list[bytes] = []
    for number, whole, content in _fields(model):
        if number != _MODEL_GRAPH:
            others.append(whole)
            continue
        for part, piece, inner in _fields(content):
            if part == _GRAPH_NODE:
                nodes.append(inner)
            elif part != _GRAPH_OUTPUT:
                kept.append(piece)
    needed, makers = {tensor.encode() for tensor in tensors}, list[bytes]()
    # A node stands behind those that make what it takes.
    for node in reversed(nodes):
        names = [(number, name) for number, _, name in _fields(node)]
        if any(number == _NODE_OUTPUT and name in needed for number, name in names):
            needed.update(name for number, name in names if number == _NODE_INPUT)
            makers.append(_field(_GRAPH_NODE, node))
    outputs = (_field(_GRAPH_OUTPUT, _value(tensor, np.float32)) for tensor in tensors)
    graph = b"".join((*reversed(makers), *kept, *outputs))
    return b"".join((*others, _field(_MODEL_GRAPH, graph)))


_ELEMENTS: dict[type[np.generic], int] = {np.float32: 1, np.int64: 7}


def _value(name: str, element: type[np.generic]) -> bytes:
    tensor = bytes((_TENSOR_ELEMENT << 3, _ELEMENTS[element]))
    return _field(_VALUE_NAME, name.encode()) + _field(_VALUE_TYPE, _field(_TYPE_TENSOR, tensor))


def _field(number: int, payload: bytes) -> bytes:
    return bytes((number << 3 | 2,)) + _varint(len(payload)) + payload


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """The fields of a message: the number, all of the field, and its payload, empty unless it has a length."""
    place = 0
    while place < len(message):
        start = place
        key, place = _read_varint(message, place)
        length = 0
        match key & 7:
            case 0:
                _, place = _read_varint(message, place)
            case 1:
                place += 8
            case 5:
                place += 4
            case _:
                length, place = _read_varint(message, place)
                place += length
        yield key >> 3, message[start:place], message[place - length : place]


def _read_varint(message: bytes, place: int) -> tuple[int, int]:
    """The number and the place behind it."""
    value = shift = 0
    while True:
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte <= 0x7F:
            return value, place
