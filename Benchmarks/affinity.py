#!/usr/bin/env python3
"""Trains GraphDTA's GIN on Davis beside its PyTorch form, and screens 68 drugs against copies of its kinases.

usage: affinity.py BIN DATA PEER [PYTHON]

BIN holds the tools, DATA the real data (drug-target/davis), PEER torch_affinity.py, PYTHON has torch. PAIRS runs of each
in turn (3), at one thread; an epoch costs what four epochs take more than two, a quarter of the validation included in
both. Prints Markdown; the rows of a peer that is missing are left out, and a line says so."""
import gzip, os, statistics, subprocess, sys, tempfile
from timing import answer, peak, run, spread, timed, watched

if len(sys.argv) < 4:
    sys.exit(__doc__)
BIN, DAVIS, PEER = sys.argv[1], f"{sys.argv[2]}/drug-target/davis", f"{sys.argv[3]}/torch_affinity.py"
PYTHON = sys.argv[4] if len(sys.argv) > 4 else os.environ.get("PYTHON", "python3")
PAIRS, FEW, MANY = int(os.environ.get("PAIRS", 3)), 2, 4
PAIRWISE, UPDATES = f"{os.path.dirname(os.path.abspath(__file__))}/peers/graphdta_pairs.py", 3


def write_inputs(folder):
    """The drugs as a table for molfeat, the pairs as they are."""
    with open(f"{DAVIS}/ligands.tsv") as rows, open(f"{folder}/drugs.tsv", "w") as out:
        for number, row in enumerate(rows):
            out.write("id\tsmiles\n" if number == 0 else "\t".join(row.split("\t")[:2]) + "\n")
    with open(f"{folder}/drugs.ndjson", "w") as out:
        out.write(run(f"{BIN}/molfeat", "-q", "--graph", "graphdta", f"{folder}/drugs.tsv"))


def ours(folder, epochs):
    return timed(
        f"{BIN}/mil-train", "-q", "--architecture", "graphdta-gin", "--loss", "mse", "--batch", "512", "--optimiser",
        "adam:learning-rate=0.0005", "--pairs", f"{DAVIS}/pairs.tsv.gz", "--pair-columns",
        "drug_id,target_id,affinity", "--labels", "number", "--where", "fold!=test", "--validation", "fold=0",
        "--block", f"drug=a:{folder}/drugs.ndjson", "--block", f"target=b:{DAVIS}/proteins.fasta", "--epochs",
        str(epochs), "--threads", "1", "-o", f"{folder}/model")[0]


def peers(epochs):
    return timed(PYTHON, PEER, "train", "--epochs", str(epochs), "--threads", "1")[0]


def has_peer():
    asked = [PYTHON, "-c", "import torch, numpy"]
    return os.path.exists(PEER) and subprocess.run(asked, capture_output=True).returncode == 0


def training(folder):
    forms = {"graphdta-gin": lambda epochs: ours(folder, epochs)}
    if has_peer():
        forms["PyTorch, each drug and protein once"] = peers
    seen = {name: [] for name in forms}
    for _ in range(PAIRS):
        for name, form in forms.items():
            few = form(FEW)
            seen[name].append((form(MANY) - few) / (MANY - FEW))
    print("### GIN on Davis, 20,037 pairs in batches of 512 and 5,009 to validate: CPU s an epoch, one thread\n")
    print("| form | CPU s | times ours |\n|---|---|---|")
    own = statistics.median(seen["graphdta-gin"])
    for name, seconds in seen.items():
        print(f"| {name} | {spread(seconds)} | {statistics.median(seconds) / own:.1f} |")
    if len(forms) == 1:
        return print("\nPyTorch or torch_affinity.py is missing: no peer.")
    # As it was published, every pair computes its own graph and sequence: some updates stand for the 40 of an epoch.
    update = answer(PYTHON, PAIRWISE, os.path.dirname(PEER), str(UPDATES))["cpu_s"]
    print(f"| PyTorch, each pair by itself ({UPDATES} of 40 updates, no validation) | {40 * update:.0f} | "
          f"{40 * update / own:.0f} |")


def screening(folder, wanted=20_000):
    """Every drug with every kinase and its variants, whose letters are moved round by some places each time."""
    with open(f"{DAVIS}/proteins.fasta") as rows:
        records = [record.split("\n", 1) for record in rows.read().split(">")[1:]]
    with open(f"{folder}/many.fa", "w") as out:
        for number in range(wanted):
            name, sequence = records[number % len(records)]
            turn = 7 * (number // len(records))
            sequence = sequence.replace("\n", "")
            turn %= len(sequence)
            out.write(f">{name}_{number}\n{sequence[turn:]}{sequence[:turn]}\n")
    megabytes, cpu = peak("mil-score", watched(
        f"{BIN}/mil-score", "-q", "--model", f"{folder}/model", "--pairs", "all", "--block",
        f"drug=a:{folder}/drugs.ndjson", "--block", f"target=b:{folder}/many.fa", "--threads", "1", "--top", "1000",
        "-o", f"{folder}/kept"))
    print(f"\n### A screen of 68 drugs against {wanted:,} sequences, one thread\n")
    print(f"{68 * wanted:,} pairs in {cpu:.1f} CPU s: {68 * wanted / cpu:,.0f} pairs a second; {megabytes:,.0f} MB at most.")


def main():
    if not os.path.exists(f"{DAVIS}/pairs.tsv.gz"):
        return print(f"{DAVIS} is missing: no run.")
    with tempfile.TemporaryDirectory() as folder:
        write_inputs(folder)
        training(folder)
        screening(folder)


main()
