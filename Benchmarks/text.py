#!/usr/bin/env python3
"""Times reading and writing of numbers as text beside peers, and the start of the tools.

usage: text.py ENGINE [text] [startup]     (both when none is named)

ENGINE is the program that Benchmarks/run builds. Variables: BIN the tools, DATA the real sets, PAIRS the runs of each
form, in turn, PYTHON a Python that may have pandas, STATIC the tools as `make install` builds them. The peers of
Benchmarks/peers/text.cpp are built here (needs c++; fast_float and simdjson where their headers are installed).
MB/s are of CPU time, medians with the least and the largest in brackets. Prints Markdown."""
import os, random, shutil, subprocess, sys, tempfile
from timing import answer, run, spread, stop, timed

ENGINE = sys.argv[1] if len(sys.argv) > 1 else sys.exit(__doc__)
PARTS = sys.argv[2:] or ["text", "startup"]
PAIRS, PYTHON = int(os.environ.get("PAIRS", 5)), os.environ.get("PYTHON", "python3")
HERE = os.path.dirname(os.path.abspath(__file__))
BIN, DATA = os.environ.get("BIN", f"{HERE}/../.build/release"), os.environ.get("DATA", "")
STATIC = os.environ.get("STATIC", f"{HERE}/../.build/install/release")
TOOLS = ["seqfeat", "molfeat", "resfeat", "pairgen", "normalize", "mil-train", "mil-score", "metrics", "explain"]
PANDAS = ("import sys, time, json, pandas as p, numpy as n; s = time.process_time(); "
          "v = p.read_csv(sys.argv[1], sep='\\t', comment='#', float_precision='round_trip').select_dtypes('number');"
          "print(json.dumps({'values': v.size, 'cpu_s': time.process_time() - s}))")
JSON = ("import sys, time, json; s = time.process_time(); "
        "v = sum(len(json.loads(line).get('x', ())) for line in open(sys.argv[1])); "
        "print(json.dumps({'values': v, 'cpu_s': time.process_time() - s}))")


# Text


def floats(path, rows=24_000, width=233):
    """Lines of 233 numbers of nine digits, as a float of 32 bits is written so that it reads back."""
    source = random.Random(1)
    with open(path, "w") as out:
        out.write("id\t" + "\t".join(f"f{i}" for i in range(width)) + "\n")
        for row in range(rows):
            out.write(f"r{row}\t" + "\t".join(["%.9g" % source.gauss(0, 1) for _ in range(width)]) + "\n")


def encoded(encoder, path, size=60_000_000):
    """The rows of an encoder on real proteins, again and again under new ids until there are `size` bytes."""
    made = run(f"{BIN}/seqfeat", "-q", "--encode", encoder, f"{DATA}/isoform/tfens.pep.fa.gz")
    head, *rows = made.splitlines(keepends=True)
    with open(path, "w") as out:
        out.write(head)
        for turn in range(size // len(made) + 1):
            out.writelines(f"{turn}.{row}" for row in rows)


def peers(folder):
    built = f"{folder}/text"
    for libraries in (["-lsimdjson"], []):
        if shutil.which("c++") and subprocess.run(
                ["c++", "-std=c++17", "-O3", "-o", built, f"{HERE}/peers/text.cpp", *libraries],
                capture_output=True).returncode == 0:
            return built
    return ""


def text(folder):
    peer = peers(folder)
    sets = {"233 floats, nine digits": floats}
    if os.path.exists(f"{DATA}/isoform/tfens.pep.fa.gz"):
        for name in ("paac", "ct343"):
            sets[f"{name} of tfens"] = lambda path, name=name: encoded(name, path)
    else:
        print(f"\nThe real sets are left out: no isoform/tfens.pep.fa.gz in DATA={DATA or '(empty)'}.")
    print("\n### Numbers as text, one thread: MB of text a second of CPU time\n")
    print("| file | MB | task | ours | peers |\n|---|---|---|---|---|")
    for name, make in sets.items():
        tsv, ndjson = f"{folder}/set.tsv", f"{folder}/set.ndjson"
        make(tsv)
        make_ndjson(tsv, ndjson)
        for kind, path, ways in (("TSV", tsv, ["fast_float", "strtof", "pandas"]),
                                 ("NDJSON", ndjson, ["simdjson", "Python's json"])):
            row(name, f"read {kind}", path, "read", ways, peer)
            row(name, f"write {kind}", path, "write", ["to_chars", "snprintf"] if kind == "TSV" else [], peer)


def make_ndjson(tsv, ndjson):
    with open(tsv) as rows, open(ndjson, "w") as out:
        names = next(rows).rstrip("\n").split("\t")
        first = next(i for i, name in enumerate(names) if name not in ("id", "length", "valid"))
        features = ",".join(f'"{name}"' for name in names[first:])
        out.write(f'{{"schema":{{"kind":"feature","features":[{features}]}}}}\n')
        for row in rows:
            fields = row.rstrip("\n").split("\t")
            values = ",".join("null" if field == "NA" else field for field in fields[first:])
            out.write(f'{{"id":"{fields[0]}","x":[{values}]}}\n')


def row(name, task, path, what, ways, peer):
    size = os.path.getsize(path) / 1e6
    seen = {}
    for _ in range(PAIRS):
        for way in ["ours", *ways]:
            if way == "ours":
                done = answer(ENGINE, what, path)
            elif way == "pandas":
                done = answer(PYTHON, "-c", PANDAS, path)
            elif way == "Python's json":
                done = answer(PYTHON, "-c", JSON, path)
            else:
                done = answer(peer, way, path) if peer else None
            if done:
                seen.setdefault(way, []).append(size / done["cpu_s"])
    if "ours" not in seen:
        stop(f"the engine does not {task} of {name}")
    others = ", ".join(f"{way} {spread(rates, 0)}" for way, rates in seen.items() if way != "ours")
    print(f"| {name} | {size:.0f} | {task} | {spread(seen['ours'], 0)} | {others or '–'} |", flush=True)


# Start


def startup():
    forms = {"true": ["true"]}
    forms |= {f"{tool} --help": [f"{BIN}/{tool}", "--help"] for tool in TOOLS}
    if all(os.path.exists(f"{STATIC}/{tool}") for tool in TOOLS):
        forms |= {f"{tool} --help, as installed": [f"{STATIC}/{tool}", "--help"] for tool in TOOLS}
    else:
        print(f"\nThe tools as `make install` builds them are left out: not in STATIC={STATIC}.")
    forms["python3 -c pass"] = ["python3", "-c", "pass"]
    if subprocess.run([PYTHON, "-c", "import numpy"], capture_output=True).returncode == 0:
        forms["python3, import numpy"] = [PYTHON, "-c", "import numpy"]
    if shutil.which("samtools"):
        forms["samtools --version"] = ["samtools", "--version"]
    for command in forms.values():
        timed(*command)
    seen = {name: [] for name in forms}
    for _ in range(4 * PAIRS):
        for name, command in forms.items():
            seen[name].append([1e3 * seconds for seconds in timed(*command)])
    print("\n### Start: milliseconds until the program has ended\n")
    print("| program | wall | CPU |\n|---|---|---|")
    for name, times in seen.items():
        print(f"| {name} | {spread([wall for _, wall in times], 1)} | {spread([cpu for cpu, _ in times], 1)} |")


def main():
    with tempfile.TemporaryDirectory() as folder:
        if "text" in PARTS:
            text(folder)
        if "startup" in PARTS:
            startup()


main()
