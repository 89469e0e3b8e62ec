#!/usr/bin/env python3
"""Writes features.tsv, gaps.tsv and scaled.tsv: what scikit-learn makes of them.

    pip install numpy==2.4.6 scikit-learn==1.9.1
    python3 make_scaled.py

Every scaler is fitted on the first 16 rows and transforms all 24. A line of scaled.tsv is a case, the row's id and the
row after it; the case names table and chain in the words of normalize. scikit-learn leaves missing values (NaN) out of
a fit and keeps them, except in Normalizer, which refuses them.
"""
import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, Normalizer, RobustScaler, StandardScaler

ROWS, TRAIN = 24, 16
NAMES = ["heavy", "offset", "ties", "constant", "tiny", "flat"]


def tables():
    rng = np.random.default_rng(20)
    x = np.empty((ROWS, len(NAMES)))
    x[:, 0] = np.exp(rng.normal(size=ROWS) * 2) - 0.5
    x[:, 1] = 100 + 10 * rng.normal(size=ROWS)
    x[:, 2] = rng.integers(0, 4, size=ROWS)
    x[:, 3] = 7
    x[:, 4] = 1e-9 * rng.normal(size=ROWS)
    x[:, 5] = np.where(rng.random(ROWS) < 0.2, 5 * rng.random(ROWS), 0)  # both quartiles are 0
    gaps = x.copy()
    gaps[rng.random(x.shape) < 0.1] = np.nan
    gaps[3] = np.nan  # a whole row
    return x, gaps


def log():
    return FunctionTransformer(np.log1p)


def cases():
    columnwise = {
        "zscore": StandardScaler(),
        "minmax": MinMaxScaler(),
        "robust": RobustScaler(),
        "log1p": log(),
        "log1p,zscore": make_pipeline(log(), StandardScaler()),
        "log1p,minmax": make_pipeline(log(), MinMaxScaler()),
    }
    rowwise = {
        "unit": Normalizer("l2"),
        "unit-l1": Normalizer("l1"),
        "unit-max": Normalizer("max"),
        "unit,zscore": make_pipeline(Normalizer("l2"), StandardScaler()),
        "log1p,robust,unit": make_pipeline(log(), RobustScaler(), Normalizer("l2")),
        "[heavy,offset]=log1p,zscore *=unit-l1": ColumnTransformer(
            [("a", make_pipeline(log(), StandardScaler()), [0, 1]), ("b", Normalizer("l1"), [2, 3, 4, 5])]
        ),
    }
    x, gaps = tables()
    for name, scaler in (columnwise | rowwise).items():
        yield "features", name, scaler.fit(x[:TRAIN]).transform(x)
    for name, scaler in columnwise.items():
        yield "gaps", name, scaler.fit(gaps[:TRAIN]).transform(gaps)


def text(values):
    return "\t".join("NA" if np.isnan(v) else repr(float(v)) for v in values)


def main():
    for name, table in zip(["features", "gaps"], tables()):
        with open(f"{name}.tsv", "w") as out:
            out.write("\t".join(["id"] + NAMES) + "\n")
            for i, row in enumerate(table):
                out.write(f"r{i + 1}\t{text(row)}\n")
    with open("scaled.tsv", "w") as out:
        out.write("\t".join(["table", "methods", "id"] + NAMES) + "\n")
        for table, methods, result in cases():
            for i, row in enumerate(result):
                out.write(f"{table}\t{methods}\tr{i + 1}\t{text(row)}\n")


main()
