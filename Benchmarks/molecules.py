#!/usr/bin/env python3
"""Times molfeat beside RDKit in Python, which makes the same graphs, fingerprints and descriptors.

usage: molecules.py BIN

BIN holds the tools. Variables: SMILES the molecules, a .smi file; without it the ligands of KIBA in DATA/../golden/smiles;
PAIRS the runs of each form, in turn, PYTHON a Python that has rdkit, TURNS how often a run reads the set. RDKit's loops are
Benchmarks/peers/rdkit_molecules.py, which write the same rows; their seconds are those of the loop alone, without start and
imports, those of molfeat of the whole process. Both use one thread. Prints Markdown."""
import gzip, os, sys, tempfile
from timing import answer, run, spread, stop, timed

if len(sys.argv) != 2:
    sys.exit(__doc__)
BIN, DATA, PAIRS = sys.argv[1], os.environ.get("DATA", ""), int(os.environ.get("PAIRS", 5))
PYTHON, SMILES, TURNS = os.environ.get("PYTHON", "python3"), os.environ.get("SMILES", ""), int(os.environ.get("TURNS", 5))
HERE = os.path.dirname(os.path.abspath(__file__))
PEER = f"{HERE}/peers/rdkit_molecules.py"
FORMS = {"graphdta": ["--graph", "graphdta"], "ecfp": ["--encode", "ecfp"], "descriptors": ["--encode", "descriptors"]}


def molecules():
    """The lines of the set: SMILES, a tab and an id."""
    if SMILES:
        with open(SMILES) as lines:
            return [line.rstrip("\n") for line in lines if line.strip()]
    golden = f"{DATA}/../golden/smiles/golden_kiba.tsv.gz"
    if not os.path.exists(golden):
        stop(f"SMILES is not set, and there is no {golden}")
    with gzip.open(golden, "rt") as lines:
        rows = [line.split("\t") for line in lines]
        return [f"{row[2]}\t{row[0]}" for row in rows if row[1] == "as_given"]


def same(what, path):
    """Insists that the numbers of both are the same, so that what is timed is the same work."""
    ours = run(f"{BIN}/molfeat", "-q", "--no-header", *FORMS[what], path).splitlines()
    theirs = run(PYTHON, PEER, what, path, "write").splitlines()
    if len(ours) != len(theirs):
        stop(f"{what}: {len(ours)} and {len(theirs)} lines")
    for number, (one, other) in enumerate(zip(ours, theirs), 1):
        if one == other:
            continue
        if what != "descriptors" or any(
                abs(float(a) - float(b)) > 1e-9 * max(1, abs(float(b)))
                for a, b in zip(one.split("\t")[1:], other.split("\t")[1:])):
            stop(f"{what}, line {number}: other numbers\n{one[:200]}\n{other[:200]}")


lines = molecules()
with tempfile.TemporaryDirectory() as folder:
    few, many = f"{folder}/few.smi", f"{folder}/many.smi"
    with open(few, "w") as out:
        out.writelines(line + "\n" for line in lines[:500])
    with open(many, "w") as out:
        for turn in range(TURNS):
            out.writelines(f"{line}.{turn}\n" for line in lines)
    if answer(PYTHON, PEER, "ecfp", few) is None:
        stop(f"PYTHON={PYTHON} has no rdkit")
    print(f"### Molecules a second of CPU time, one thread, {len(lines)} molecules\n")
    print("| what | molfeat | RDKit in Python | ours is faster by |\n|---|---|---|---|")
    for what, options in FORMS.items():
        same(what, few)
        ours, theirs = [], []
        for _ in range(PAIRS):
            ours.append(len(lines) * TURNS / timed(f"{BIN}/molfeat", "-q", *options, many)[0])
            done = answer(PYTHON, PEER, what, many)
            theirs.append(done["molecules"] / done["cpu_s"])
        print(f"| {what} | {spread(ours, 0)} | {spread(theirs, 0)} | {spread([a / b for a, b in zip(ours, theirs)])} |",
              flush=True)
