#!/usr/bin/env python3
"""Writes matrix.tsv, samples.tsv and correlations.tsv: what SciPy says of the rows of a table with ties, gaps and rows
that do not vary, over all columns and group by group. An undefined value is `NA`.

Every number is a multiple of 1/8, so that the text of the table is exact."""
import random
import numpy as np
import scipy
from scipy import stats

random.seed(20)
GROUPS = {"liver": 7, "brain": 5, "small": 3}
SAMPLES = [(f"{group}{i}", group) for group, size in GROUPS.items() for i in range(size)]
random.shuffle(SAMPLES)


def row(kind):
    if kind == "flat":
        return [2.5] * len(SAMPLES)
    values = [random.randrange(-40, 200) / 8 for _ in SAMPLES]
    if kind == "ties":
        values = [float(random.randrange(3)) for _ in SAMPLES]
    if kind == "gaps":
        for place in random.sample(range(len(SAMPLES)), 4):
            values[place] = float("nan")
    if kind == "large":
        values = [value + 1e6 for value in values]
    return values


ROWS = [(f"{kind}{i}", np.array(row(kind)))
        for kind, count in [("plain", 3), ("ties", 3), ("gaps", 2), ("large", 1), ("flat", 1)] for i in range(count)]


def text(value):
    return "NA" if np.isnan(value) else repr(float(value))


def relation(name, a, b, least):
    both = ~np.isnan(a) & ~np.isnan(b)
    a, b = a[both], b[both]
    if len(a) < least or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return stats.pearsonr(a, b)[0] if name == "pearson" else stats.spearmanr(a, b)[0]


with open("matrix.tsv", "w") as out:
    print("isoform", *(sample for sample, _ in SAMPLES), sep="\t", file=out)
    for name, values in ROWS:
        print(name, *map(text, values), sep="\t", file=out)
with open("samples.tsv", "w") as out:
    print("sample\tgroup", *(f"{sample}\t{group}" for sample, group in sorted(SAMPLES)), sep="\n", file=out)
with open("correlations.tsv", "w") as out:
    print("measure", "least", "group", "a", "b", f"scipy_{scipy.__version__}", sep="\t", file=out)
    for measure in ["pearson", "spearman"]:
        for least in [3, 4, 6]:
            for group in ["*", *(g for g in GROUPS if GROUPS[g] >= least)]:
                places = [i for i, (_, g) in enumerate(SAMPLES) if group in ("*", g)]
                for i, (a, left) in enumerate(ROWS):
                    for b, right in ROWS[i:]:
                        value = relation(measure, left[places], right[places], least)
                        print(measure, least, group, a, b, text(value), sep="\t", file=out)
