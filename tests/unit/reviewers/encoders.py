"""An encoder for tests of the mathematics: it knows a few words by number and nothing else."""

import numpy as np

WORDS = {"battery": 0, "배터리": 0, "robot": 1, "로봇": 1, "vaccine": 2, "백신": 2, "bridge": 3, "교량": 3}
DIM = 6


class WordEncoder:
    """Counts known words; with `language_offset` every text leans to its language, as multilingual encoders do."""

    def __init__(self, name="words", language_offset=0.0):
        self.name, self.digest, self.dim, self.offset = name, f"{name}|{language_offset}", DIM, language_offset
        self.seen = []

    def encode(self, texts):
        self.seen.extend(texts)
        rows = np.full((len(texts), DIM), 1e-3, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.casefold().replace(".", " ").split():
                if word in WORDS:
                    row[WORDS[word]] += 1
            row[4 if any("가" <= letter <= "힣" for letter in text) else 5] += self.offset
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class TwoEncoders:
    """The pair that affinity asks for; each side can tell whether it was opened."""

    def __init__(self):
        self.english, self.other, self.opened = WordEncoder("english"), WordEncoder("multilingual", 2.0), False

    @property
    def multilingual(self):
        self.opened = True
        return self.other
