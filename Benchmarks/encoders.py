#!/usr/bin/env python3
"""Times seqfeat beside its peers, and watches its memory.

usage: encoders.py BIN [rates] [threads] [memory]     (all when none is named)

BIN holds the tools. Variables: DATA the real sets, PAIRS the runs of each form, in turn, PYTHON a Python that may have
iFeatureOmegaCLI and propy3, SIZE the bytes of the file of the memory's row (600,000,000), LINE those of the longest line
(1,000,000,000). The proteins are those of three real sets with the twenty letters alone, 30 or more of them, under ids of
their own: what every peer reads. Peers: Benchmarks/peers/encoders.cpp, loops in C++ that write the same bytes (needs c++),
Benchmarks/peers/ifeature.py, seqkit. Seconds are of the processor: of the whole process for the compiled programs, of the
work alone, without start and imports, for those in Python. Prints Markdown."""
import gzip, os, shutil, statistics, subprocess, sys, tempfile
from timing import answer, memory_row, spread, stop, timed

if len(sys.argv) < 2:
    sys.exit(__doc__)
BIN, PARTS = sys.argv[1], sys.argv[2:] or ["rates", "threads", "memory"]
DATA, PAIRS, PYTHON = os.environ.get("DATA", ""), int(os.environ.get("PAIRS", 5)), os.environ.get("PYTHON", "python3")
SIZE, LINE = int(os.environ.get("SIZE", 600_000_000)), int(os.environ.get("LINE", 1_000_000_000))
HERE = os.path.dirname(os.path.abspath(__file__))
SETS = ["isoform/tfens.pep.fa.gz", "protein-pairs/panhprd.pep.fa.gz", "protein-pairs/yeast.pep.fa.gz"]
# How often each process reads the set, and how many proteins the slow ones read.
TURNS, TWIN, OMEGA, PROPY = 16, {"ct343": 2000, "paac": 60}, {"ct343": 1000, "paac": 60}, 1


def proteins():
    """The sequence of each protein that every peer reads."""
    for name in SETS:
        with gzip.open(f"{DATA}/{name}", "rt") as lines:
            for record in lines.read().split(">")[1:]:
                sequence = record.partition("\n")[2].replace("\n", "").rstrip("*")
                if len(sequence) >= 30 and set(sequence) <= set("ACDEFGHIKLMNPQRSTVWY"):
                    yield sequence


def write(path, sequences, turns=1):
    with open(path, "w") as out:
        for turn in range(turns):
            for number, sequence in enumerate(sequences):
                lines = "\n".join(sequence[i:i + 60] for i in range(0, len(sequence), 60))
                out.write(f">p{turn}.{number}\n{lines}\n")


def output(*command):
    return subprocess.run(command, capture_output=True, check=True).stdout


def compiled(folder):
    built = f"{folder}/encoders"
    if shutil.which("c++") and subprocess.run(
            ["c++", "-std=c++17", "-O3", "-o", built, f"{HERE}/peers/encoders.cpp"], capture_output=True).returncode == 0:
        return built
    print("\nThe loops in C++ are left out: no c++ that builds peers/encoders.cpp.")
    return ""


def hold(what, path, values, names):
    """Insists that the values of a peer are those of ours, so that what is timed is the same work."""
    ours = [list(map(float, line.split(b"\t")[3:]))
            for line in output(f"{BIN}/seqfeat", "-q", "--no-header", "--encode", names[what], path).splitlines()]
    with open(values) as lines:
        theirs = [list(map(float, line.split("\t")[1:])) for line in lines]
    worst = max(abs(a - b) / max(1, abs(a)) for mine, other in zip(ours, theirs) for a, b in zip(mine, other))
    if len(ours) != len(theirs) or worst > 1e-9:
        stop(f"{what} of the peer differs by {worst}")


def rates(folder, sequences):
    whole, loops = f"{folder}/whole.fa", compiled(folder)
    write(whole, sequences, TURNS)
    count, size = TURNS * len(sequences), os.path.getsize(whole)
    print(f"\n### Features as text, one thread: {len(sequences):,} proteins, "
          f"{sum(map(len, sequences)) / len(sequences):.0f} residues each\n")
    print("| encoder | program | sequences/s of CPU time | MB/s | ours is faster by |\n|---|---|---|---|---|")
    same = {"ct343": "ct343:shen", "paac": "paac:count"}
    for what in ("ct343", "paac"):
        forms = {"seqfeat": (f"{BIN}/seqfeat", "-q", "--encode", what, whole)}
        if loops:
            forms["loop in C++, the same bytes"] = (loops, what, whole)
            if output(*forms["seqfeat"]) != output(loops, what, whole):
                stop(f"the loop writes other bytes for {what}")
            if what == "paac":
                forms["loop in C++, arithmetic in vectors"] = (loops, "paac-z", whole)
        slow = {"iFeature's algorithm in Python (our twin)": ("twin", TWIN[what]),
                "iFeatureOmegaCLI": ("omega", OMEGA[what])}
        if what == "paac":
            slow["propy3 (one protein, one run)"] = ("propy", PROPY)
        seen, shown = {}, f"{folder}/values.tsv"
        for pair in range(PAIRS):
            for name, command in forms.items():
                seen.setdefault(name, []).append(count / timed(*command)[0])
            for name, (way, number) in slow.items():
                if way == "propy" and pair:
                    continue
                write(f"{folder}/few.fa", sequences[:: len(sequences) // number][:number])
                done = answer(PYTHON, f"{HERE}/peers/ifeature.py", way, what, f"{folder}/few.fa", shown)
                if done is None:
                    continue
                if pair == 0 and way != "propy":
                    hold(what, f"{folder}/few.fa", shown, same)
                seen.setdefault(name, []).append(done["sequences"] / done["cpu_s"])
        for name in slow:
            if name not in seen:
                print(f"| {what} | {name} | left out: PYTHON={PYTHON} does not have it | | |")
        for name, values in seen.items():
            ratios = [a / b for a, b in zip(seen["seqfeat"], values)]
            megabytes = f"{statistics.median(values) * size / count / 1e6:.1f}" if name in forms else "–"
            print(f"| {what} | {name} | {spread(values, 0 if values[0] > 10 else 2)} | {megabytes} | {spread(ratios)} |",
                  flush=True)
    readers(whole, size)


def readers(path, size):
    """What seqkit has in common with seqfeat: reading, and the shares of letters."""
    if not shutil.which("seqkit"):
        print("\nseqkit is left out: it is not installed.")
        return
    letters = [word for letter in "ACDEFGHIKLMNPQRSTVWY" for word in ("-B", letter)]
    forms = {"seqfeat --encode aac": (f"{BIN}/seqfeat", "-q", "--encode", "aac", path),
             "seqkit fx2tab -n -i -l -B A … -B Y": ("seqkit", "fx2tab", "-j", "1", "-n", "-i", "-l", *letters, path),
             "seqkit fx2tab": ("seqkit", "fx2tab", "-j", "1", path), "seqkit stats": ("seqkit", "stats", "-j", "1", path)}
    seen = {}
    for _ in range(PAIRS):
        for name, command in forms.items():
            seen.setdefault(name, []).append(size / timed(*command)[0] / 1e6)
    print("\n### Reading and the shares of 20 letters\n")
    print("| program | MB/s of CPU time | ours is faster by |\n|---|---|---|")
    for name, values in seen.items():
        print(f"| {name} | {spread(values, 0)} "
              f"| {spread([a / b for a, b in zip(seen['seqfeat --encode aac'], values)])} |")


def threads(folder, sequences):
    whole = f"{folder}/whole.fa"
    write(whole, sequences, TURNS)
    print("\n### seqfeat --threads: seconds\n\n| encoder | threads | CPU | wall | one thread's wall over it |\n|---|---|---|---|---|")
    for what in ("ct343", "paac"):
        seen = {}
        for _ in range(PAIRS):
            for number in (1, 2, 4):
                command = (f"{BIN}/seqfeat", "-q", "--threads", str(number), "--encode", what, whole)
                seen.setdefault(number, []).append(timed(*command))
        for number, times in seen.items():
            ratios = [a[1] / b[1] for a, b in zip(seen[1], times)]
            print(f"| {what} | {number} | {spread([cpu for cpu, _ in times])} | {spread([wall for _, wall in times])} "
                  f"| {spread(ratios)} |")


def memory(sequences):
    block = "\n".join("\n".join([f">{{turn}}.{i}", *(s[k:k + 60] for k in range(0, len(s), 60))])
                      for i, s in enumerate(sequences)) + "\n"

    def records():
        for turn in range(SIZE // len(block) + 1):
            yield block.replace("{turn}", f"p{turn}").encode()

    def line():
        yield b">one\n"
        residues = "".join(sequences).encode()
        for _ in range(LINE // len(residues)):
            yield residues
        yield b"\n"
    print("\n### Resident memory\n\n| what | MB in | peak MB | CPU s |\n|---|---|---|---|")
    for options in (("--encode", "ct343"), ("--encode", "ct343", "--threads", "2"), ("--encode", "paac")):
        memory_row("seqfeat " + " ".join(options), records(), f"{BIN}/seqfeat", "-q", *options)
    memory_row("seqfeat --encode ct343, one line", line(), f"{BIN}/seqfeat", "-q", "--encode", "ct343")


def main():
    if not all(os.path.exists(f"{DATA}/{name}") for name in SETS):
        print(f"\nThe encoders are left out: no {SETS[0]} in DATA={DATA or '(empty)'}.")
        return
    sequences = list(proteins())
    with tempfile.TemporaryDirectory() as folder:
        if "rates" in PARTS:
            rates(folder, sequences)
        if "threads" in PARTS:
            threads(folder, sequences)
    if "memory" in PARTS:
        memory(sequences)


main()
