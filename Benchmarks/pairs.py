#!/usr/bin/env python3
"""What pairgen takes: features of 100,000 isoforms in memory, a million pairs from standard input, one great bag.

usage: pairs.py BIN [tables] [pairs] [bag]     (all when none is named)

BIN holds the tools. Everything is made here: ISOFORMS (100,000) with WIDTH (343) features of six digits, two isoforms
a gene, in a file; a tenth of COUNT (1,000,000) pairs and all of them, through a pipe; one bag of SIDE (200) times SIDE
isoforms, and one of half the side. Prints Markdown: the peak of the resident memory, and seconds of the processor."""
import os, random, subprocess, sys, tempfile
from timing import peak, watched

if len(sys.argv) < 2:
    sys.exit(__doc__)
BIN, PARTS = sys.argv[1], sys.argv[2:] or ["tables", "pairs", "bag"]
ISOFORMS, COUNT, SIDE, WIDTH = (
    int(os.environ.get(name, usual)) for name, usual in
    [("ISOFORMS", 100_000), ("COUNT", 1_000_000), ("SIDE", 200), ("WIDTH", 343)])
SOURCE = random.Random(1)


def row(name, command, lines):
    """One row of the table: peak, seconds, what came out."""
    tool = watched(f"{BIN}/pairgen", "-q", *command, stdout=subprocess.PIPE)
    feeder = os.fork()
    if feeder == 0:
        try:
            tool.stdout.close()
            with tool.stdin as out:
                for line in lines:
                    out.write(line)
        finally:
            os._exit(0)  # whatever happens: this process must not go on as the other one does
    tool.stdin.close()
    size, lines = 0, 0
    while block := tool.stdout.read(1 << 20):
        size += len(block)
        lines += block.count(b"\n")
    os.waitpid(feeder, 0)
    megabytes, seconds = peak(name, tool)
    print(f"| {name} | {megabytes:.0f} | {seconds:.1f} | {lines - 2} | {size / 1e6:.0f} |", flush=True)


def table(path, ids, width):
    """Rows drawn from a thousand random ones, of numbers as seqfeat writes frequencies."""
    rows = [b"\t".join(b"%.6g" % SOURCE.random() for _ in range(width)) for _ in range(1000)]
    with open(path, "wb") as out:
        out.write(b"id\t" + b"\t".join(b"f%d" % i for i in range(width)) + b"\n")
        for name in ids:
            out.write(name + b"\t" + SOURCE.choice(rows) + b"\n")


def pairs(count, genes):
    yield b"gene_a\tgene_b\tlabel\n"
    for number in range(count):
        # Every pair is another one: the difference of the two grows each time round.
        a, step = number % genes, number // genes + 1
        yield b"g%d\tg%d\t1\n" % (a, (a + step) % genes)


def members(path, count, each):
    with open(path, "w") as out:
        print("isoform\tgene", *(f"i{i}\tg{i // each}" for i in range(count)), sep="\n", file=out)


def main():
    print("| run | peak MB | CPU s | bags | MB out |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        place = lambda name: f"{folder}/{name}"
        isoforms = [b"i%d" % i for i in range(ISOFORMS)]
        if "tables" in PARTS:
            table(place("wide"), isoforms, WIDTH)
            members(place("members"), ISOFORMS, 2)
            for name, more in (("64-bit", []), ("32-bit", ["--float32"])):
                blocks = ["--block", f"ct=absdiff:{place('wide')}", *more]
                row(f"{ISOFORMS} isoforms, {WIDTH} features, {name}",
                    ["--pairs", "-", "--members", place("members"), *blocks], pairs(100, ISOFORMS // 2))
        if "pairs" in PARTS:
            table(place("small"), isoforms[:20_000], 8)
            members(place("genes"), 20_000, 2)
            plain = ["--pairs", "-", "--members", place("genes"), "--block", f"aa=correlate:{place('small')}"]
            for count in (COUNT // 10, COUNT):
                row(f"{count} pairs", plain, pairs(count, 10_000))
            row(f"{COUNT} pairs and as many negatives", [*plain, "--negatives", "1x"], pairs(COUNT, 10_000))
        if "bag" in PARTS:
            table(place("rows"), isoforms[:2 * SIDE], WIDTH)
            for side in (SIDE // 2, SIDE):
                members(place("two"), 2 * side, side)
                row(f"one bag of {side * side} instances, {2 * WIDTH} features",
                    ["--pairs", "-", "--members", place("two"), "--block", f"ct=concat:{place('rows')}"],
                    [b"gene_a\tgene_b\ng0\tg1\n"])


main()
