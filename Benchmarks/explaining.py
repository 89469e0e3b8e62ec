#!/usr/bin/env python3
"""Explains 100,000 instances of tfiso, beside scoring the same stream.

usage: explaining.py BIN DATA

BIN holds the tools, DATA the real data (isoform/tfiso.*). The bags of tfiso (CT-64 of both partners and the correlations
of PAAC, 133 features) are repeated under other names until they hold INSTANCES (100,000). The model, idmil in both orders,
is trained for one epoch: only its size matters here. mil-score and the forms of explain take turns, PAIRS rounds (5), at
one thread, all reading a file and writing to /dev/null. Prints Markdown: CPU seconds, and how often those of mil-score in
the same round."""
import json, os, sys, tempfile
from timing import spread, timed

if len(sys.argv) != 3:
    sys.exit(__doc__)
BIN, DATA = sys.argv[1:]
SET, PAIRS, INSTANCES = f"{DATA}/isoform/tfiso", int(os.environ.get("PAIRS", 5)), int(os.environ.get("INSTANCES", 100_000))
FORMS = [
    ("`mil-score`", "mil-score", []),
    ("`explain`", "explain", []),
    ("`explain --selected-only`", "explain", ["--selected-only"]),
    ("`explain --level instance --selected-only`", "explain", ["--level", "instance", "--selected-only"]),
    ("the same, guided-backprop", "explain",
     ["--level", "instance", "--selected-only", "--method", "guided-backprop"]),
    ("`explain --level instance`", "explain", ["--level", "instance"]),
]


def repeated(source, target):
    """Writes the bags of a stream again and again; returns the numbers of bags and instances."""
    with open(source) as lines:
        schema, *bags, _ = lines
    sizes = [len(json.loads(bag)["instances"]) for bag in bags]
    count = instances = 0
    with open(target, "w") as out:
        out.write(schema)
        while instances < INSTANCES:
            turn = count // len(bags)
            out.write(bags[count % len(bags)].replace('{"bag":"', '{"bag":"%d.' % turn, 1))
            instances += sizes[count % len(bags)]
            count += 1
        out.write('{"end":{"records":%d}}\n' % count)
    return count, instances


def main():
    if not os.path.exists(f"{SET}.pairs.tsv.gz"):
        print(f"\nExplaining is left out: no isoform/tfiso.pairs.tsv.gz in DATA={DATA or '(empty)'}.")
        return
    with tempfile.TemporaryDirectory() as folder:
        place = lambda name: f"{folder}/{name}"
        timed(f"{BIN}/seqfeat", "-q", "--encode", "ct64", "-o", place("ct"), f"{SET}.cds.fa.gz")
        timed(f"{BIN}/seqfeat", "-q", "--encode", "paac", "-o", place("aa"), f"{SET}.pep.fa.gz")
        timed(f"{BIN}/pairgen", "-q", "--pairs", f"{SET}.pairs.tsv.gz", "--members", f"{SET}.tx2gene.tsv.gz",
              "--block", f"ct=concat:{place('ct')}", "--block", f"aa=correlate:{place('aa')}", "--undefined", "zero",
              "-o", place("some"))
        timed(f"{BIN}/mil-train", "-q", "--architecture", "idmil", "--epochs", "1", "-o", place("model"), place("some"))
        bags, instances = repeated(place("some"), place("bags"))
        seen = {name: [] for name, _, _ in FORMS}
        for _ in range(PAIRS):
            for name, tool, more in FORMS:
                cpu, _ = timed(f"{BIN}/{tool}", "-q", "--model", place("model"), "--threads", "1", *more, place("bags"))
                seen[name].append(cpu)
        print(f"### Explaining {instances:,} instances in {bags:,} bags, 133 features, one thread\n")
        print("| run | CPU s | times scoring |\n|---|---|---|")
        for name, times in seen.items():
            print(f"| {name} | {spread(times)} | {spread([a / b for a, b in zip(times, seen[FORMS[0][0]])])} |")


main()
