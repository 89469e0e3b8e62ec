#!/usr/bin/env python3
"""Order encoders off their default settings, written out from their definitions, one plain loop each.

usage: make_orders.py > orders.tsv

Reads tables/, the published properties and distances as iFeature and iFeatureOmega have them. A row is encoder,
sequence, and all its features in the order of their columns. Pairs that touch another letter than those of the
alphabet do not count, and a divisor is the number of pairs that do."""
import csv
import math
import os
import random

AMINO, CHOU = "ACDEFGHIKLMNPQRSTVWY", "ARNDCQEGHILKMFPSTWYV"
HERE = os.path.dirname(os.path.abspath(__file__))


def table(name):
    with open(f"{HERE}/tables/{name}.tsv") as file:
        return list(csv.reader(file, delimiter="\t"))


def mean(values):
    return math.fsum(values) / len(values)


def standardised(values):
    m = mean(values)
    deviation = math.sqrt(mean([(x - m) ** 2 for x in values]))
    return [(x - m) / deviation for x in values]


def properties(name, scale):
    head, *rows = table(name)
    return [dict(zip(head[1:], scale([float(x) for x in row[1:]]))) for row in rows]


def distances(name):
    head, *rows = table(name)
    return {(row[0], to): float(x) for row in rows for to, x in zip(head[1:], row[1:])}


CHOUS, AAINDEX = properties("paac_properties", standardised), properties("aaindex8", standardised)
STEPS = properties("dinucleotide6", list)
DISTANCES = [distances("schneider_wrede"), distances("grantham")]
GROUPS = [row[1:] for row in table("ctd13")[1:]]
SEVEN = GROUPS[:1] + GROUPS[7:]


def pairs(text, known, lag):
    return [(a, b) for a, b in zip(text, text[lag:]) if a in known and b in known]


def shares(text, freq):
    own = [x for x in text if x in AMINO]
    return [own.count(x) / (len(own) if freq else 1) for x in CHOU]


def chou(leading, terms, weight):
    divisor = 1 + weight * math.fsum(terms)
    return [x / divisor for x in leading] + [weight * x / divisor for x in terms]


def paac(text, most, weight, freq):
    terms = [mean([mean([(p[a] - p[b]) ** 2 for p in CHOUS]) for a, b in pairs(text, AMINO, lag)])
             for lag in range(1, most + 1)]
    return chou(shares(text, freq), terms, weight)


def apaac(text, most, weight, freq):
    terms = [mean([p[a] * p[b] for a, b in pairs(text, AMINO, lag)]) for lag in range(1, most + 1) for p in CHOUS[:2]]
    return chou(shares(text, freq), terms, weight)


def autocorrelation(kind, text, table, most):
    out = []
    for p in table:
        own = [p[x] for x in text if x in p]
        m = mean(own)
        spread = math.fsum((x - m) ** 2 for x in own)
        for lag in range(1, most + 1):
            seen = [(p[a], p[b]) for a, b in pairs(text, p, lag)]
            covariance = mean([(a - m) * (b - m) for a, b in seen])
            out.append({"nmbroto": mean([a * b for a, b in seen]), "ac": covariance,
                        "moran": covariance / (spread / len(own)),
                        "geary": mean([(a - b) ** 2 for a, b in seen]) / 2 / (spread / (len(own) - 1))}[kind])
    return out


def coupling(text, table, most, take):
    return [take([table[pair] ** 2 for pair in pairs(text, AMINO, lag)]) for lag in range(1, most + 1)]


def socn(text, most, take):
    return [x for table in DISTANCES for x in coupling(text, table, most, take)]


def qso(text, most, weight, freq):
    both = [chou(shares(text, freq), coupling(text, table, most, math.fsum), weight) for table in DISTANCES]
    return [x for values in both for x in values[:20]] + [x for values in both for x in values[20:]]


def ctdc(text, partitions):
    own = [x for x in text if x in AMINO]
    return [sum(x in group for x in own) / len(own) for groups in partitions for group in groups]


def ctdt(text, partitions):
    seen = pairs(text, AMINO, 1)
    crossed = lambda one, other: sum(
        a in one and b in other or a in other and b in one for a, b in seen) / len(seen)
    return [crossed(groups[i], groups[j]) for groups in partitions for i, j in ((0, 1), (0, 2), (1, 2))]


def ctdd(text, partitions):
    out = []
    for groups in partitions:
        for group in groups:
            at = [place for place, letter in enumerate(text, 1) if letter in group]
            n = len(at)
            for which in (1, n // 4, n // 2, 3 * n // 4, n):
                out.append(100 * at[max(1, which) - 1] / len(text) if n else 0)
    return out


def steps(text):
    return [text[i:i + 2] for i in range(len(text) - 1)]


def pseknc(text, k, most, weight):
    words = [text[i:i + k] for i in range(len(text) - k + 1)]
    words = [word for word in words if set(word) <= set("ACGT")]
    all_words = [""]
    for _ in range(k):
        all_words = [word + base for word in all_words for base in "ACGT"]
    terms = [mean([mean([(p[a] - p[b]) ** 2 for p in STEPS]) for a, b in pairs(steps(text), STEPS[0], lag)])
             for lag in range(1, most + 1)]
    return chou([words.count(word) / len(words) for word in all_words], terms, weight)


def main():
    chance = random.Random(7)
    draw = lambda letters, n: "".join(chance.choice(letters) for _ in range(n))
    proteins = [draw(AMINO, 35), draw(AMINO, 150), draw(AMINO + "XBZUOJ", 80)]
    transcripts = [draw("ACGT", 30), draw("ACGT", 120), draw("ACGTACGTACGTN", 80)]
    of_proteins = {
        "paac:lambda=7,weight=0.3": lambda s: paac(s, 7, 0.3, True),
        "paac:count,lambda=3,weight=0.1": lambda s: paac(s, 3, 0.1, False),
        "apaac:lambda=6,weight=0.5": lambda s: apaac(s, 6, 0.5, True),
        "apaac:count,lambda=2,weight=0.2": lambda s: apaac(s, 2, 0.2, False),
        "socn:lag=9": lambda s: socn(s, 9, mean),
        "socn:sum,lag=4": lambda s: socn(s, 4, math.fsum),
        "qso:lag=6,weight=0.4": lambda s: qso(s, 6, 0.4, True),
        "qso:count,lag=3": lambda s: qso(s, 3, 0.1, False),
        "ctdc:properties=7": lambda s: ctdc(s, SEVEN),
        "ctdt:properties=7": lambda s: ctdt(s, SEVEN),
        "ctdd:properties=7": lambda s: ctdd(s, SEVEN),
        "ctdd": lambda s: ctdd(s, GROUPS),
    }
    for kind in ("nmbroto", "ac", "moran", "geary"):
        of_proteins[kind + ":lag=5"] = lambda s, kind=kind: autocorrelation(kind, s, AAINDEX, 5)
    of_transcripts = {
        "dac:lag=8": lambda s: autocorrelation("ac", steps(s), STEPS, 8),
        "psednc:lambda=6,weight=0.2": lambda s: pseknc(s, 2, 6, 0.2),
        "pseknc:k=4,lambda=5,weight=0.1": lambda s: pseknc(s, 4, 5, 0.1),
    }
    print("encode\tsequence\tfeatures")
    for encoders, texts in ((of_proteins, proteins), (of_transcripts, transcripts)):
        for encode, write in encoders.items():
            for text in texts:
                print(encode, text, " ".join(f"{float(x):.16g}" for x in write(text)), sep="\t")


main()
