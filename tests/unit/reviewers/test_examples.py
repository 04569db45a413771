"""Every example in the library's documentation runs and gives what it says."""

import doctest
import importlib
import subprocess
import sys

import pytest

LIGHT = ["records", "errors", "fields", "seat_types", "organisations", "conflicts", "problem", "candidates", "flow"]
LIGHT += [
    "alike",
    "identity",
    "mip",
    "bound",
    "checking",
    "relaxed",
    "teams",
    "fairness",
    "solving",
    "instances",
    "assignment",
    "relaxation",
]
LIGHT += ["relaxed", "teams", "draw", "verify_draw", "randomised", "replacement"]
HEAVY = ["text", "scale", "vector_cache", "unpack_e5", "embeddings", "sides", "affinity", "models", "evaluation"]


@pytest.mark.parametrize("name", LIGHT + HEAVY)
def test_the_examples_of_a_module_run(name):
    assert doctest.testmod(importlib.import_module(f"reviewers.{name}")).failed == 0


def test_what_stages_import_reaches_no_model_software():
    names = ", ".join(f"reviewers.{name}" for name in LIGHT)
    code = f"import sys, {names}; print([m for m in ('torch', 'sklearn', 'sentence_transformers') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
