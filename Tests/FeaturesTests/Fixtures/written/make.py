#!/usr/bin/env python3
"""The encoders that no golden file covers, written out from their definitions, one plain loop each.

usage: make.py > written.tsv     (needs Biopython, for its BLOSUM62)

A row is encoder, sequence, component of the feature's name, value; features that are 0 are left out. Windows and pairs
that touch another letter than those of the alphabet do not count."""
from itertools import product
from Bio.Align import substitution_matrices

BASES, RESIDUES = "ACGT", "ACDEFGHIKLMNPQRSTVWY"
SEQUENCES = {
    "dna": ["ACGTTGCAACTGGGATCCNTAGGCATTACGGATATTC", "AAAAAAAAAAAAAA", "GATTACANNGATTACACC"],
    "protein": ["MKVLAWGHRRTYPLMNDEQCSTVIFKAAXWWBGHKZ", "AAAAAAA", "WYVTSRQPNMLKIHGFEDCA"],
}
# Chen et al. 2013, Nucleic Acids Research 41:e68, for AA, AC ... TT.
STEPS = {
    "Rise": [-0.109, 1.044, -0.623, 1.171, -1.254, 0.242, -1.389, -0.623, 0.711, 1.585, 0.242, 1.044, -1.389, 0.711,
             -1.254, -0.109],
    "Roll": [0.09, 1.19, -0.28, 0.83, -1.01, -0.28, -1.38, -0.28, 0.09, 2.3, -0.28, 1.19, -1.38, 0.09, -1.01, 0.09],
    "Shift": [1.587, 0.126, 0.679, -1.019, -0.861, 0.56, -0.822, 0.679, 0.126, -0.348, 0.56, 0.126, -2.243, 0.126,
              -0.861, 1.587],
    "Slide": [0.111, 1.289, -0.241, 2.513, -0.623, -0.822, -0.287, -0.241, -0.394, 0.646, -0.822, 1.289, -1.511, -0.394,
              -0.623, 0.111],
    "Tilt": [0.502, 0.502, 0.359, 0.215, -1.364, 1.077, -1.22, 0.359, 0.502, 0.215, 1.077, 0.502, -2.368, 0.502, -1.364,
             0.502],
    "Twist": [0.063, 1.502, 0.783, 1.071, -1.376, 0.063, -1.664, 0.783, -0.081, -0.081, 0.063, 1.502, -1.233, -0.081,
              -1.376, 0.063],
}
PAIRS = ["".join(pair) for pair in product(BASES, repeat=2)]


def words(text, letters, k):
    counts = {"".join(word): 0 for word in product(letters, repeat=k)}
    for start in range(len(text) - k + 1):
        if text[start:start + k] in counts:
            counts[text[start:start + k]] += 1
    return counts


def scaled(counts, scale):
    low, high, total = min(counts.values()), max(counts.values()), sum(counts.values())
    if scale == "count":
        return counts
    if scale == "freq":
        return {word: count / total for word, count in counts.items()}
    span = high if scale == "shen" else high - low
    return {word: (count - low) / span if span else 0 for word, count in counts.items()}


def folded(text, k):
    counts = {}
    turn = str.maketrans("ACGT", "TGCA")
    for word, count in words(text, BASES, k).items():
        least = min(word, word.translate(turn)[::-1])
        counts[least] = counts.get(least, 0) + count
    return counts


def pseknc(text, k, most, weight):
    shares = scaled(words(text, BASES, k), "freq")
    terms = []
    for lag in range(1, most + 1):
        seen = []
        for i in range(len(text) - 1 - lag):
            a, b = text[i:i + 2], text[i + lag:i + lag + 2]
            if a in PAIRS and b in PAIRS:
                rows = [(row[PAIRS.index(a)] - row[PAIRS.index(b)]) ** 2 for row in STEPS.values()]
                seen.append(sum(rows) / len(rows))
        terms.append(sum(seen) / len(seen))
    divisor = 1 + weight * sum(terms)
    out = {word: share / divisor for word, share in shares.items()}
    return out | {f"lambda{lag}": weight * term / divisor for lag, term in enumerate(terms, 1)}


def fixed(text, letters, length, row, pad="right", cut="right"):
    if len(text) > length:
        text = text[:length] if cut == "right" else text[-length:]
    text = text.ljust(length, " ") if pad == "right" else text.rjust(length, " ")
    return {f"p{place}.{letter}": row(own, letter) for place, own in enumerate(text, 1) for letter in letters}


def main():
    matrix = substitution_matrices.load("BLOSUM62")
    one_hot = lambda own, letter: int(own == letter)
    blosum = lambda own, letter: matrix[own, letter] if own in RESIDUES + "BZX" else 0
    dna = {f"kmer:{scale},k={k}": lambda text, k=k, scale=scale: scaled(words(text, BASES, k), scale)
           for k, scale in [(1, "freq"), (2, "count"), (2, "shen"), (2, "minmax"), (5, "freq"), (8, "count")]}
    dna |= {f"rckmer:{scale},k={k}": lambda text, k=k, scale=scale: scaled(folded(text, k), scale)
            for k, scale in [(1, "count"), (2, "shen"), (2, "minmax"), (4, "freq"), (5, "count")]}
    dna |= {"pseknc:k=3": lambda text: pseknc(text, 3, 3, 0.05),
            "pseknc:k=1,lambda=5,weight=0.5": lambda text: pseknc(text, 1, 5, 0.5),
            "psednc:lambda=4,weight=0.2": lambda text: pseknc(text, 2, 4, 0.2),
            "onehot4:length=16": lambda text: fixed(text, BASES, 16, one_hot),
            "onehot4:length=16,pad=left,cut=left": lambda text: fixed(text, BASES, 16, one_hot, "left", "left")}
    protein = {"tpc": lambda text: scaled(words(text, RESIDUES, 3), "freq"),
               "onehot:length=20,pad=left": lambda text: fixed(text, RESIDUES, 20, one_hot, "left"),
               "blosum62:length=36": lambda text: fixed(text, RESIDUES, 36, blosum),
               "blosum62:length=10,pad=left,cut=left": lambda text: fixed(text, RESIDUES, 10, blosum, "left", "left")}
    print("encode\tsequence\tcomponent\tvalue")
    for encoders, kind in ((dna, "dna"), (protein, "protein")):
        for encode, write in encoders.items():
            for text in SEQUENCES[kind]:
                for name, value in write(text).items():
                    if value:
                        print(f"{encode}\t{text}\t{name}\t{float(value)!r}")


main()
