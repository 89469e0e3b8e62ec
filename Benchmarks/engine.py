#!/usr/bin/env python3
"""Times the engine beside its peer in PyTorch, and its kernels beside the FMA peak and sgemm.

usage: engine.py ENGINE [kernels] [training] [scoring] [tfens]     (all when none is named)

ENGINE is the program that Benchmarks/run builds. training and scoring take synthetic bags, tfens is both on the bags of
a real set. Variables: see Benchmarks/run. Runs of ours and of the peer's stand in
turn; figures are medians over the pairs with the least and the largest in brackets, CPU seconds at one thread and wall
seconds at two, for 10,000 bags. The peer runs in its fast form: allocator thresholds raised, threads that wait passively.
Needs nothing but Python; the peer needs torch and numpy. Prints Markdown."""
import os, random, statistics, struct, subprocess, sys, tempfile, time
from timing import last_line, run, spread

ENGINE = sys.argv[1] if len(sys.argv) > 1 else sys.exit(__doc__)
PARTS = sys.argv[2:] or ["kernels", "training", "scoring", "tfens"]
BAGS, PAIRS = int(os.environ.get("BAGS", 2000)), int(os.environ.get("PAIRS", 5))
PEER, PYTHON = os.environ.get("PEER", ""), os.environ.get("PYTHON", "python3")
BIN, DATA = os.environ.get("BIN", ""), os.environ.get("DATA", "")
FAST = {"OMP_WAIT_POLICY": "passive", "MALLOC_MMAP_THRESHOLD_": "4000000000", "MALLOC_TRIM_THRESHOLD_": "8000000000",
        "MALLOC_TOP_PAD_": "268435456"}


def bags(path):
    """Bags as gen_data.py makes them, without numpy: for machines that lack the peer."""
    source = random.Random(1)

    def gene():
        count = 1
        if source.random() >= 0.43:
            count = 2
            while source.random() > 0.444:
                count += 1
        return count

    counts = [gene() * gene() for _ in range(BAGS)]
    with open(path, "wb") as out:
        out.write(struct.pack("iii", BAGS, sum(counts), 233) + struct.pack(f"{BAGS}i", *counts))
        out.write(bytes(bag % 2 for bag in range(BAGS)))
        for count in counts:
            out.write(struct.pack(f"{count * 233}f", *(source.gauss(0, 1) for _ in range(count * 233))))


def machine():
    model = "unknown"
    with open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
    load = os.getloadavg()[0]
    return f"{time.strftime('%Y-%m-%d')}, {model}, {os.cpu_count()} cores, load {load:.1f} at the start"


def peer_missing():
    if not os.path.exists(f"{PEER}/torch_idmil.py"):
        return f"no torch_idmil.py in PEER={PEER or '(empty)'}"
    try:
        done = subprocess.run([PYTHON, "-c", "import torch, numpy"], capture_output=True)
    except OSError as error:
        return f"PYTHON={PYTHON}: {error.strerror}"
    return "" if done.returncode == 0 else f"PYTHON={PYTHON} has no torch and numpy"


def kernels():
    seen = last_line(run(ENGINE, "kernels", "20"))
    rates = seen["gflops"]
    peak = max(rates["fma-512"]["best"], rates["fma-256"]["best"]) or float("nan")  # elsewhere than on x86
    print(f"\n### Kernels, one thread\n\nInstructions {seen['instructions']}, OpenBLAS core {seen['blas']}.\n")
    print("| kernel | GFLOP/s, best | median | of the FMA peak | of sgemm |\n|---|---|---|---|---|")
    for name, rate in rates.items():
        best = rate["best"]
        print(f"| {name} | {best:.1f} | {rate['median']:.1f} | {best / peak:.0%} "
              f"| {best / rates['sgemm-768']['best']:.0%} |")
    return rates["sgemm-768"]["median"]


def compare(what, name, prefix, missing, sgemm, slow):
    """One table: the engine and the tuned peer on the first BAGS bags; where `slow`, the slow forms once, on fewer of
    them: they are for the order of magnitude."""
    peer = ["--score"] if what == "score" else []

    def ours(threads, *more, bags=BAGS):
        return last_line(run(ENGINE, what, prefix + ".bin", "--threads", str(threads), "--epochs", "1", "--bags",
                             str(bags), *more))

    def theirs(threads, *form, bags=BAGS):
        return last_line(run(PYTHON, f"{PEER}/torch_idmil.py", prefix + ".npz", "--threads", str(threads), "--epochs",
                             "1", "--warm", "1", "--bags", str(bags), *form, *peer, **FAST))
    rows = {"fused engine": [], "PyTorch, packed and tuned": []}
    for _ in range(PAIRS):
        for threads in (1, 2):
            rows["fused engine"].append(ours(threads))
            if not missing:
                rows["PyTorch, packed and tuned"].append(theirs(threads, "--mode", "packed", "--tuned"))
    if slow:
        few, some = max(200, BAGS // 5), max(1500, BAGS // 2)  # fewer bags would time the first touch of the memory
        rows["AVX2 alone"] = [ours(1, "--avx2", bags=some)]
        rows["layer network"] = [ours(1, "--layers", bags=some)]
        for kernel in (5, 7):
            rows[f"layer network, kernel {kernel}"] = [ours(1, "--kernel", str(kernel), bags=some)]
        if not missing:
            rows["PyTorch, padded"] = [theirs(1, "--mode", "padded", bags=few)]
    table(what, name, rows, sgemm)


def ratio(mine, other):
    """How many times ours: pair by pair, or a single run over the median."""
    if not other:
        return "–"
    mine = mine if len(mine) == len(other) else [statistics.median(mine)] * len(other)
    return f"{statistics.median(b / a for a, b in zip(mine, other)):.1f}"


def table(what, name, rows, sgemm):
    first = rows["fused engine"][0]
    print(f"\n### {'Training' if what == 'train' else 'Scoring'}, {name}: seconds for 10,000 bags "
          f"({first['instances'] / first['bags']:.2f} instances each, 233 features)\n")
    print("| form | CPU, 1 thread | times ours | wall, 2 threads | times ours | peak MB |\n|---|---|---|---|---|---|")
    base = {}
    for form, runs in rows.items():
        if not runs:
            continue
        one = [r["cpu_s_per_10k"] for r in runs if r["threads"] == 1]
        two = [r["median_s_per_10k"] for r in runs if r["threads"] == 2]
        base.setdefault("one", one), base.setdefault("two", two)
        print(f"| {form} | {spread(one)} | {ratio(base['one'], one)} | {spread(two) if two else '–'} "
              f"| {ratio(base['two'], two)} | {max(r['peak_rss_mb'] for r in runs)} |")
    flops = 5.76e6 if what == "train" else 1.956e6
    rate = flops / statistics.median(r["cpu_us_per_instance"] for r in rows["fused engine"] if r["threads"] == 1) * 1e-3
    walls = [[r["median_s_per_10k"] for r in rows["fused engine"] if r["threads"] == n] for n in (1, 2)]
    print(f"\nOne thread: {rate:.0f} GFLOP/s, counted as {flops / 1e6} MFLOP an instance"
          + (f", {rate / sgemm:.0%} of sgemm in this run" if sgemm else "")
          + f". Two threads over one, wall: {spread([a / b for a, b in zip(*walls)])}.")


def main():
    missing = peer_missing()
    print(f"## {machine()}")
    if missing:
        print(f"\nThe peer is left out: {missing}.")
    sgemm = kernels() if "kernels" in PARTS else None
    with tempfile.TemporaryDirectory() as folder:
        prefix = f"{folder}/bags"
        if "training" in PARTS or "scoring" in PARTS:
            if missing:
                bags(prefix + ".bin")
            else:
                run(PYTHON, f"{PEER}/gen_data.py", prefix, "--bags", str(BAGS))
        if "training" in PARTS:
            compare("train", "synthetic bags", prefix, missing, sgemm, slow=True)
        if "scoring" in PARTS:
            compare("score", "synthetic bags", prefix, missing, sgemm, slow=True)
        if "tfens" in PARTS:
            if not os.path.exists(f"{DATA}/isoform/tfens.pairs.tsv.gz"):
                print(f"\nThe real set is left out: no isoform/tfens.pairs.tsv.gz in DATA={DATA or '(empty)'}.")
                return
            run(PYTHON, os.path.join(os.path.dirname(__file__), "tfens.py"), BIN, DATA, prefix)
            compare("train", "tfens", prefix, missing, sgemm, slow=False)
            compare("score", "tfens", prefix, missing, sgemm, slow=False)


main()
