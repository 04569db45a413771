"""The binary layout is read as documented, and a damaged file is refused."""

import json
import struct

import numpy as np
import pytest

from reviewers.errors import BadLayout, ModelAltered, ModelMissing
from reviewers.models import check, packaged_file
from reviewers.unpack_e5 import read_weights, unpack

HIDDEN, LAYERS, FEED, WORDS = 4, 1, 8, 6
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "\u2581ab", "\u2581로봇"]


def tensors():
    rng = np.random.default_rng(0)
    shapes = {"emb.word": WORDS * HIDDEN, "emb.pos": 16 * HIDDEN, "emb.type": HIDDEN, "emb.ln.w": HIDDEN, "emb.ln.b": HIDDEN}
    for name, rows, columns in [(n, HIDDEN, HIDDEN) for n in ("q", "k", "v", "ao")] + [("fi", FEED, HIDDEN), ("fo", HIDDEN, FEED)]:
        shapes |= {f"l0.{name}.w": rows * columns, f"l0.{name}.b": rows}
    shapes |= {f"l0.{name}.{part}": HIDDEN for name in ("aln", "oln") for part in "wb"}
    return {name: rng.normal(size=size).astype("<f4") for name, size in shapes.items()}


def weight_file(path, values):
    blob = "".join(PIECES).encode()
    offsets = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype("<u4")
    head = b"E5S1" + struct.pack("<i", 1)
    head += struct.pack("<7ifi", HIDDEN, LAYERS, 2, FEED, WORDS, 16, 1, 1e-12, 32)
    head += struct.pack("<5i", len(PIECES), 0, 2, 1, 3) + struct.pack("<Q", len(blob))
    head += offsets.tobytes() + np.zeros(len(PIECES), "<f4").tobytes() + blob
    head += struct.pack("<iI", 0, 0) + struct.pack("<i", len(values))
    size = len(head) + sum(2 + len(name) + 1 + 4 + 16 for name in values)
    table, data = b"", b""
    for name, value in values.items():
        table += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BI", 0, value.size)
        table += struct.pack("<QQ", size + len(data), value.nbytes)
        data += value.tobytes()
    path.write_bytes(head + table + data)
    return path


def test_sizes_pieces_and_tensors_are_read_back(tmp_path):
    values = tensors()
    weights = read_weights(weight_file(tmp_path / "w.bin", values))
    assert (weights.shape.hidden, weights.shape.positions, weights.special["eos"]) == (HIDDEN, 16, 2)
    assert [piece for piece, _ in weights.pieces] == PIECES
    assert all(np.array_equal(weights.tensors[name], value) for name, value in values.items())


def test_the_unpacked_folder_is_whole_and_nothing_else_is_left_behind(tmp_path):
    from safetensors.numpy import load_file

    values = tensors()
    unpack(weight_file(tmp_path / "w.bin", values), tmp_path / "out" / "model")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["model"]
    state = load_file(tmp_path / "out" / "model" / "model.safetensors")
    assert np.array_equal(state["encoder.layer.0.output.dense.weight"], values["l0.fo.w"].reshape(HIDDEN, FEED))
    assert json.loads((tmp_path / "out" / "model" / "config.json").read_text())["vocab_size"] == WORDS


def test_the_second_process_to_unpack_keeps_the_folder_of_the_first(tmp_path):
    source = weight_file(tmp_path / "w.bin", tensors())
    unpack(source, tmp_path / "model")
    (tmp_path / "model" / "mark").write_text("first")
    unpack(source, tmp_path / "model")
    assert (tmp_path / "model" / "mark").read_text() == "first"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "w.bin"]


@pytest.mark.parametrize("damage", [lambda b: b"XXXX" + b[4:], lambda b: b[:60], lambda b: b[:-8]])
def test_a_damaged_file_is_refused(tmp_path, damage):
    path = weight_file(tmp_path / "w.bin", tensors())
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BadLayout):
        read_weights(path)


def test_weights_that_were_changed_are_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"other")
    with pytest.raises(ModelAltered) as caught:
        check(path, "0" * 64)
    assert caught.value.data["file"] == "model.safetensors"


def test_a_missing_package_is_named():
    for package, file in (("no-such-package-at-all", "x"), ("numpy", "no/such/file")):
        with pytest.raises(ModelMissing) as caught:
            packaged_file(package, file)
        assert caught.value.data["package"] == package
