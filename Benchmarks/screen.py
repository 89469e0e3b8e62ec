#!/usr/bin/env python3
"""Scores every pair of some genes of tfens, with and without what is kept of each isoform, and projects 20,000 genes.

usage: screen.py BIN DATA [GENES]     (300 genes)

BIN holds the tools, DATA the real data (isoform/tfens.*). The model is trained for one epoch: only its size matters here.
Runs with --reuse and with --reuse 0 stand in turn, PAIRS of each (2), at one engine thread; their outputs must be the
same bytes. Prints Markdown."""
import filecmp, gzip, os, statistics, sys, tempfile
from timing import stop, timed

if len(sys.argv) < 3:
    sys.exit(__doc__)
BIN, DATA, GENES = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 300
SET, PAIRS = f"{DATA}/isoform/tfens", int(os.environ.get("PAIRS", 2))


def first_genes(members):
    """The rows of the first GENES genes."""
    chosen = set()
    with gzip.open(f"{SET}.tx2gene.tsv.gz", "rt") as rows, open(members, "w") as out:
        out.write(next(rows))
        for row in rows:
            gene = row.rstrip("\n").split("\t")[1]
            if len(chosen) < GENES:
                chosen.add(gene)
            if gene in chosen:
                out.write(row)
    return len(chosen)


def main():
    with tempfile.TemporaryDirectory() as folder:
        place = lambda name: f"{folder}/{name}"
        for encoder in ("ct343", "paac"):
            timed(f"{BIN}/seqfeat", "-q", "--encode", encoder, "-o", place(encoder), f"{SET}.pep.fa.gz")
        blocks = ["--block", f"ct=concat:{place('ct343')}", "--block", f"aa=correlate:{place('paac')}"]
        timed(f"{BIN}/mil-train", "-q", "--pairs", f"{SET}.pairs.tsv.gz", "--members", f"{SET}.tx2gene.tsv.gz", *blocks,
            "--epochs", "1", "-o", place("model"))
        genes = first_genes(place("members"))
        seen = {"kept": [], "made anew": []}
        for _ in range(PAIRS):
            for name, more in (("kept", []), ("made anew", ["--reuse", "0"])):
                seen[name].append(timed(
                    f"{BIN}/mil-score", "-q", "--model", place("model"), "--pairs", "all", "--members", place("members"),
                    *blocks, *more, "-o", place(name)))
        if not filecmp.cmp(place("kept"), place("made anew"), shallow=False):
            stop("the scores differ")
        pairs, all_pairs = genes * (genes - 1) // 2, 20_000 * 19_999 // 2
        print(f"### A screen: all {pairs} pairs of {genes} genes of tfens, 687 features, one engine thread\n")
        print("| what depends on one isoform | wall s | CPU s | pairs/s | 20,000 genes, hours |\n|---|---|---|---|---|")
        for name, times in seen.items():
            cpu, wall = (statistics.median(kind) for kind in zip(*times))
            print(f"| {name} | {wall:.2f} | {cpu:.2f} | {pairs / wall:.0f} | {all_pairs / pairs * wall / 3600:.1f} |")
        print("\nBoth wrote the same bytes.")


main()
