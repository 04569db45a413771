"""How set-up chooses torch: never a CUDA build where there is no GPU, if any other way is open."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
CUDA = {
    "version": "2.13.0",
    "requires_dist": ["filelock", "nvidia-cublas-cu12==12.8.4.1 ; python_version >= '3'"],
}
PLAIN = {"version": "2.13.0", "requires_dist": ["filelock", "nvidia-cublas-cu12 ; platform_system == 'Never'"]}
CPU = {"version": "2.13.0+cpu", "requires_dist": ["filelock"]}


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("ppir_setup", ROOT / ".ci" / "setup.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.delenv("PPIR_TORCH_INDEX", raising=False)
    monkeypatch.setattr(module, "has_gpu", lambda: False)
    return module


def offered(setup: ModuleType, monkeypatch: pytest.MonkeyPatch, metadata: dict[str, object]) -> list[str]:
    monkeypatch.setattr(setup, "run_pip", lambda *_: json.dumps({"install": [{"metadata": metadata}]}))
    return list(setup.torch_arguments())


@pytest.mark.parametrize("metadata", [CPU, PLAIN], ids=["cpu", "no CUDA needs here"])
def test_a_cpu_build_is_taken_alone(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, metadata: dict[str, object]
) -> None:
    assert offered(setup, monkeypatch, metadata) == ["--no-deps", setup.TORCH]


def test_the_named_index_replaces_a_cuda_build(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPIR_TORCH_INDEX", "https://wheels.example.org/cpu")
    arguments = offered(setup, monkeypatch, CUDA)
    assert arguments[arguments.index("--index-url") + 1] == "https://wheels.example.org/cpu"
    assert "--no-deps" in arguments


def test_without_another_way_a_cuda_build_is_installed_whole_and_said(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert offered(setup, monkeypatch, CUDA) == [setup.TORCH]
    assert "PPIR_TORCH_INDEX" in capsys.readouterr().out


def test_a_machine_with_a_gpu_takes_what_is_offered(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "has_gpu", lambda: True)
    assert setup.torch_arguments() == [setup.TORCH]


def test_set_up_and_lock_agree_on_what_torch_needs(setup: ModuleType) -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for name in ("filelock", "fsspec", "jinja2", "networkx", "sympy", "setuptools", "typing-extensions"):
        assert f"\n{name}==" in lock
