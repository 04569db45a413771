"""Short texts with the sub-field they were written for, out of the demonstration's vocabulary: what the suggestion was tuned on.

`python -m tests.field_texts FILE` writes them as lines for `python -m reviewers.evaluation fields-ablation FILE`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from app.demo.vocabulary_file import Product, Topic, sub_fields

TOPIC = {
    "ko": "{problem} {method} 방식으로 {object}에서 {gain} 문제를 풀었다. {use}에서 쓰인다.",
    "en": "{problem} The product uses {method} on {object} and improves {gain}. Used by {use}.",
}


def texts() -> Iterator[dict[str, str]]:
    """Each topic and each product of each sub-field, in both languages."""
    for field in sub_fields():
        for language in ("ko", "en"):
            for topic in field.topics:
                yield {"field": field.code, "text": of_topic(topic, language)}
            for product in field.products:
                yield {"field": field.code, "text": of_product(product, language)}


def of_topic(topic: Topic, language: str) -> str:
    return TOPIC[language].format(
        problem=topic.problem.of(language),
        method=topic.methods[0].of(language),
        object=topic.objects[0].of(language),
        gain=topic.gains[-1].name.of(language),
        use=topic.uses[0].of(language),
    )


def of_product(product: Product, language: str) -> str:
    name, *rest = (pair.of(language) for pair in (product.name, product.what, product.new, product.use))
    return f"{name}. {' '.join(rest)}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in texts()), encoding="utf-8")
