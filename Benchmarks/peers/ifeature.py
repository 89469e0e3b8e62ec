#!/usr/bin/env python3
"""Peers of seqfeat in Python: CT-343 and PAAC-40 of a FASTA file of proteins as a TSV.

usage: ifeature.py twin|omega|propy ct343|paac FILE.fasta OUT.tsv

twin is iFeature's algorithm in plain Python, our own lines: a dictionary of 343 names for each sequence and a key put
together for each triad; for each lag a list over all pairs, and for each pair a list over the three properties. omega is
iFeatureOmegaCLI, propy is propy3 (PAAC alone), both as they are on PyPI. Prints one JSON line: sequences, and seconds of
the processor from the reading of the file to the end of the writing; start and imports are left out."""
import contextlib, io, json, math, sys, time

CLASSES = ["AGV", "ILFP", "YMTS", "HNQW", "RK", "DE", "C"]
ORDER, LAMBDA, WEIGHT = "ARNDCQEGHILKMFPSTWYV", 20, 0.05
PROPERTIES = [
    [0.62, -2.53, -0.78, -0.9, 0.29, -0.85, -0.74, 0.48, -0.4, 1.38, 1.06, -1.5, 0.64, 1.19, 0.12, -0.18, -0.05, 0.81, 0.26,
     1.08],
    [-0.5, 3, 0.2, 3, -1, 0.2, 3, 0, -0.5, -1.8, -1.8, 3, -1.3, -2.5, 0, 0.3, -0.4, -3.4, -2.3, -1.5],
    [15, 101, 58, 59, 47, 72, 73, 1, 82, 57, 57, 73, 75, 91, 42, 31, 45, 130, 107, 43]]


def records(path):
    with open(path) as lines:
        for part in lines.read().split(">")[1:]:
            head, _, body = part.partition("\n")
            yield head.split()[0], body.replace("\n", "").upper()


def write(path, rows):
    with open(path, "w") as out:
        for name, values in rows:
            out.write("\t".join([name, *map(str, values)]) + "\n")


def triads(sequence, class_of, names):
    counts = dict.fromkeys(names, 0)
    for i in range(len(sequence) - 2):
        counts[class_of[sequence[i]] + "." + class_of[sequence[i + 1]] + "." + class_of[sequence[i + 2]]] += 1
    low, high = min(counts.values()), max(counts.values())
    return [(counts[name] - low) / high for name in names]


def standardized(row):
    mean = sum(row) / 20
    spread = math.sqrt(sum((value - mean) ** 2 for value in row) / 20)
    return [(value - mean) / spread for value in row]


def difference(a, b, column, rows):
    return sum([(rows[p][column[a]] - rows[p][column[b]]) ** 2 for p in range(len(rows))]) / len(rows)


def pseudo(sequence, column, rows):
    thetas = []
    for lag in range(1, LAMBDA + 1):
        pairs = len(sequence) - lag
        thetas.append(sum([difference(sequence[i], sequence[i + lag], column, rows) for i in range(pairs)]) / pairs)
    divisor = 1 + WEIGHT * sum(thetas)
    return [sequence.count(letter) / divisor for letter in ORDER] + [WEIGHT * theta / divisor for theta in thetas]


def twin(what, path, out):
    if what == "ct343":
        class_of = {letter: f"g{i + 1}" for i, letters in enumerate(CLASSES) for letter in letters}
        groups = sorted(set(class_of.values()))
        names = [f"{a}.{b}.{c}" for a in groups for b in groups for c in groups]
        rows = [(name, triads(sequence, class_of, names)) for name, sequence in records(path)]
    else:
        column = {letter: i for i, letter in enumerate(ORDER)}
        properties = [standardized(row) for row in PROPERTIES]
        rows = [(name, pseudo(sequence, column, properties)) for name, sequence in records(path)]
    write(out, rows)
    return len(rows)


def omega(what, path, out):
    protein = iProtein(path)
    # Its own way to set the number of lags is a file of parameters for all descriptors.
    protein._iProtein__default_para_dict["PAAC"] = {"weight": WEIGHT, "lambdaValue": LAMBDA}
    protein.get_descriptor("CTriad" if what == "ct343" else "PAAC")
    if protein.encodings is None:
        sys.exit(f"ifeature.py: iFeatureOmega: {protein.error_msg}")
    write(out, zip(protein.encodings.index, protein.encodings.values.tolist()))
    return len(protein.encodings)


def propy(what, path, out):
    rows = [(name, PseudoAAC._GetPseudoAAC(sequence, lamda=LAMBDA, weight=WEIGHT).values())
            for name, sequence in records(path)]
    write(out, rows)
    return len(rows)


if len(sys.argv) != 5:
    sys.exit(__doc__)
way, task, source, target = sys.argv[1:]
with contextlib.redirect_stdout(io.StringIO()):
    if way == "omega":
        from iFeatureOmegaCLI import iProtein
    if way == "propy":
        from propy import PseudoAAC
    start = time.process_time()
    done = {"twin": twin, "omega": omega, "propy": propy}[way](task, source, target)
    seconds = time.process_time() - start
print(json.dumps({"sequences": done, "cpu_s": seconds}))
