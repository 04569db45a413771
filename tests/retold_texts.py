"""Twins of the demonstration's vocabulary for `python -m reviewers.evaluation retold FILE`: `python -m tests.retold_texts FILE`.

Four products of each sub-field, each told in English, in Korean and in Korean once more with other sentences, as the demonstration
tells them: [key, English, Korean, other Korean]. Strangers share the form's own turns of phrase, as they do in real calls.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random

from app.demo.institutions import companies
from app.demo.narrative import texts
from app.demo.vocabulary_file import sub_fields
from reviewers.text import joined

EACH = 4


def twins() -> list[list[str]]:
    rows = []
    for field in sub_fields():
        for i, product in enumerate(field.products[:EACH]):
            lab, key = companies(field.code)[i], f"{field.code}{i}"
            names = {"en": f"{product.name.en:c}", "ko": str(product.name.ko)}
            told = [
                joined(names[language], texts(product, lab.region, lab, language, Random(f"{time}{key}"))["summary"])
                for language, time in (("en", "a"), ("ko", "a"), ("ko", "b"))
            ]
            rows.append([key, *told])
    return rows


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(twins(), ensure_ascii=False), encoding="utf-8")
