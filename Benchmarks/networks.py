#!/usr/bin/env python3
"""Times netfeat beside PecanPy with gensim (node2vec) and beside PyTorch's GNE, on the interactions of E. coli.

usage: networks.py BIN

BIN holds the tools. Variables: DATA the real sets, PEER the folder of n2v_bench.py and networks.py (the peers' own
runs on the same edges), PAIRS the runs of each, in turn (3), PYTHON a Python with pecanpy, gensim, scikit-learn, torch and
safetensors. CPU seconds of one thread from start to end; a peer's include its own link classifier and its start. AUROC of
the test pairs: ours by logistic regression on products of vectors, as the peers'. Prints Markdown."""
import gzip, os, re, subprocess, sys, tempfile
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
from timing import spread, timed

if len(sys.argv) != 2:
    sys.exit(__doc__)
BIN = sys.argv[1]
DATA, PAIRS = os.environ.get("DATA", ""), int(os.environ.get("PAIRS", 3))
REFERENCES, PYTHON = os.environ.get("PEER", ""), os.environ.get("PYTHON", "python3")
if not REFERENCES:
    print("\nThe networks are left out: PEER names no folder of peers.")
    sys.exit()


def rows(name):
    with gzip.open(f"{DATA}/gene-network/{name}.tsv.gz", "rt") as lines:
        return [line.split("\t") for line in lines.read().splitlines()[1:]]


def auroc(table, pairs):
    """By logistic regression on products of rows, in the Python of the peers."""
    code = """
import sys, numpy
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
rows = dict((line.split("\\t", 1)[0], numpy.array(line.split("\\t")[1:], float)) for line in open(sys.argv[1]).readlines()[1:])
parts = {}
for line in open(sys.argv[2]):
    a, b, label, role = line.split()
    parts.setdefault(role, []).append((rows[a] * rows[b], int(label)))
x, y = zip(*parts["train"])
score = LogisticRegression(max_iter=2000).fit(x, y).decision_function([v for v, _ in parts["test"]])
print(roc_auc_score([label for _, label in parts["test"]], score))
"""
    done = subprocess.run([PYTHON, "-c", code, table, pairs], capture_output=True, text=True)
    return float(done.stdout) if done.returncode == 0 else float("nan")


def peer(*command):
    """CPU seconds and AUROC of a peer; None where it is not installed."""
    before = os.times()
    done = subprocess.run([PYTHON, *command], capture_output=True, text=True)
    after = os.times()
    found = re.search(r'AUROC=([0-9.]+)|"auroc": ([0-9.]+)', done.stdout)
    if done.returncode or not found:
        return None
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return used, float(found.group(1) or found.group(2))


with tempfile.TemporaryDirectory() as folder:
    pairs = rows("ecoli_pairs")
    with open(f"{folder}/all", "w") as out:
        out.writelines("\t".join(row) + "\n" for row in pairs if row[3] != "val")
    for part in ("train", "val"):
        with open(f"{folder}/{part}", "w") as out:
            out.write("gene_a\tgene_b\tlabel\n")
            out.writelines("\t".join(row[:3]) + "\n" for row in pairs if row[3] == part)
    with open(f"{folder}/nodes", "w") as out:
        out.writelines(row[0] + "\n" for row in rows("ecoli_genes"))
    with gzip.open(f"{DATA}/gene-network/ecoli_expr.tsv.gz") as packed, open(f"{folder}/expr", "wb") as out:
        out.write(packed.read())
    common = [f"{BIN}/netfeat", "-q", "--pairs", f"{folder}/train", "--nodes", f"{folder}/nodes", "-o", f"{folder}/emb"]
    gne = ["--expression", f"{folder}/expr", "--validation", f"{folder}/val"]
    tests = [
        ("node2vec, 128 columns", ["--method", "node2vec"], [f"{REFERENCES}/n2v_bench.py", "1", "1"]),
        ("GNE, lambda 1", ["--method", "gne", *gne], [f"{REFERENCES}/networks.py", "gne", "--organism", "ecoli"]),
        ("LINE, 3 million samples an order", ["--method", "line:samples=3000000"],
         [f"{REFERENCES}/networks.py", "line", "--organism", "ecoli", "--samples", "3000000"]),
    ]
    print("\n| method | netfeat, CPU s | AUROC | peer, CPU s | AUROC |\n|---|---|---|---|---|")
    for name, ours, theirs in tests:
        mine, others = [], []
        for turn in range(PAIRS):
            mine.append(timed(*common, *ours, "--seed", str(turn + 1))[0])
            other = peer(*theirs)
            if other:
                others.append(other)
        said = f"{spread([used for used, _ in others])} | {others[-1][1]:.3f}" if others else "not installed | "
        print(f"| {name} | {spread(mine)} | {auroc(f'{folder}/emb', f'{folder}/all'):.3f} | {said} |", flush=True)
