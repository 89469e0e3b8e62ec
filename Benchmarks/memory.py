#!/usr/bin/env python3
"""The resident memory of training at the size of HPRD, of scoring a long stream, and of one great bag.

usage: memory.py BIN [training] [scoring] [bag] [normalize]     (all when none is named)

BIN holds the tools. The streams are made here and never stand on the disk: rows are drawn from a thousand random ones.
HPRD's size is 65,000 bags, 340,000 instances, 233 features; the long stream has SIZE bytes (2,000,000,000). Prints
Markdown."""
import os, random, subprocess, sys, tempfile
from timing import memory_row

if len(sys.argv) < 2:
    sys.exit(__doc__)
BIN, PARTS = sys.argv[1], sys.argv[2:] or ["training", "scoring", "bag", "normalize"]
SIZE, WIDTH = int(os.environ.get("SIZE", 2_000_000_000)), 233
SOURCE = random.Random(1)
ROWS = [",".join("%.9g" % SOURCE.gauss(0, 1) for _ in range(WIDTH)) for _ in range(1000)]
SCHEMA = '{"schema":{"kind":"%s","features":[' + ",".join(f'"f{i}"' for i in range(WIDTH)) + "]}}\n"


def bag(number, instances):
    rows = ",".join(f'{{"id":"i{i}","x":[{SOURCE.choice(ROWS)}]}}' for i in range(instances))
    return f'{{"bag":"b{number}","label":{number % 2},"instances":[{rows}]}}\n'


def bags(count, instances):
    """`count` bags that have `instances` instances together."""
    yield SCHEMA % "bag"
    for number in range(count):
        yield bag(number, instances * (number + 1) // count - instances * number // count)


def long_stream(size):
    yield SCHEMA % "bag"
    done, number = 0, 0
    while done < size:
        line = bag(number, 5)
        done, number = done + len(line), number + 1
        yield line


def rows(size):
    yield "id\t" + "\t".join(f"f{i}" for i in range(WIDTH)) + "\n"
    done, number = 0, 0
    lines = [row.replace(",", "\t") for row in ROWS]
    while done < size:
        line = f"r{number}\t{SOURCE.choice(lines)}\n"
        done, number = done + len(line), number + 1
        yield line


def row(name, lines, tool, *options):
    memory_row(name, (line.encode() for line in lines), f"{BIN}/{tool}", "-q", *options)


def main():
    print("### Resident memory\n\n| what | MB in | peak MB | CPU s |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        model = f"{folder}/model"
        few = [f"{BIN}/mil-train", "-q", "--epochs", "1", "-o", model, "-"]
        subprocess.run(few, input="".join(bags(200, 1000)), text=True, check=True)
        if "training" in PARTS:
            data = 340_000 * WIDTH * 4 / 2**20
            row(f"mil-train, 65,000 bags, 340,000 instances ({data:.0f} MB of floats), one epoch",
                bags(65_000, 340_000), "mil-train", "--epochs", "1", "-o", f"{folder}/hprd", "-")
        if "scoring" in PARTS:
            row("mil-score, a long stream", long_stream(SIZE), "mil-score", "--model", model, "-")
        if "bag" in PARTS:
            for count in (10_000, 100_000):
                row(f"mil-score, one bag of {count:,} instances", [SCHEMA % "bag", bag(1, count)], "mil-score",
                    "--model", model, "-")
        if "normalize" in PARTS:
            fitted = f"{folder}/state.json"
            subprocess.run([f"{BIN}/normalize", "-q", "--fit", fitted, "-"],
                           input="".join(rows(1_000_000)), text=True, check=True)
            row("normalize --apply, a long stream", rows(SIZE // 2), "normalize", "--apply", fitted, "-")


main()
