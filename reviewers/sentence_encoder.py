"""The encoder that runs sentence-transformers: a folder on disk, data only. Kept apart, so that nothing else reaches torch."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from reviewers.embeddings import Vectors


class SentenceEncoder:
    """A sentence-transformers folder on disk, loaded at its first use, without any network.

    `prompt` is put before each text (multilingual-e5 wants "query: "). Texts are cut after `max_tokens` tokens. Only
    safetensors are read and no code of the folder is run.
    """

    def __init__(
        self,
        folder: Path,
        *,
        name: str | None = None,
        prompt: str = "",
        max_tokens: int = 256,
        weights: str | None = None,
    ) -> None:
        self.folder, self.prompt, self.max_tokens = folder, prompt, max_tokens
        self.name = name or folder.name
        settings = f"{weights or folder_digest(folder)}|{prompt}|{max_tokens}"
        self.digest = hashlib.sha256(settings.encode()).hexdigest()
        self._model: Any = None
        self._turn = Lock()
        self.at_once = os.cpu_count() or 1

    @property
    def dim(self) -> int:
        return int(self._loaded().get_sentence_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Safe to call from several threads at once: only the tokenizer takes turns."""
        import torch

        model = self._loaded()
        with self._turn:
            features = model.preprocess([self.prompt + text for text in texts])
        with torch.inference_mode():
            vectors = torch.nn.functional.normalize(model(features)["sentence_embedding"], dim=1)
        return np.asarray(vectors.numpy(), dtype=np.float32)

    def _loaded(self) -> Any:
        with self._turn:
            return self._load()

    def _load(self) -> Any:
        if self._model is None:
            os.environ["HF_HUB_OFFLINE"] = "1"  # read by the hub's client when it is imported: it never looks outside
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            # It would report the pooler of the network, which mean pooling has no use for.
            logging.set_verbosity_error()
            logging.disable_progress_bar()
            torch.set_num_threads(
                1
            )  # batches run side by side instead: half the processor time of threads that wait for each other
            model = SentenceTransformer(
                str(self.folder), device="cpu", local_files_only=True, model_kwargs={"use_safetensors": True}
            )
            model.max_seq_length = self.max_tokens
            self._model = model
        return self._model


def folder_digest(folder: Path) -> str:
    """SHA-256 over the names and bytes of all files of a model folder that decide its vectors."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".safetensors", ".json", ".txt", ".model"):
            total.update(str(path.relative_to(folder)).encode() + b"\0")
            with path.open("rb") as handle:
                total.update(hashlib.file_digest(handle, "sha256").digest())
    return total.hexdigest()
