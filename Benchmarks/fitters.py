#!/usr/bin/env python3
"""Times trees and linear models beside scikit-learn's, on pairs of human proteins.

usage: fitters.py ENGINE BIN

ENGINE is the program that Benchmarks/run builds, BIN holds the tools. Variables: DATA the real sets, PAIRS the runs of
each, in turn (5), PYTHON a Python with scikit-learn (this script runs in it). Pairs are CT-343 of both proteins, 686 columns;
rows whose number leaves 4 when divided by 5 are tested. CPU seconds of the fit alone, at one thread. scikit-learn:
RandomForestClassifier(30, max_features="sqrt"), LogisticRegression(C=.8, solver="newton-cholesky") on standardised
columns, whose time does not count their standardisation (ours does), LinearSVC() likewise;
HistGradientBoostingClassifier() with 100 trees, as ours; LightGBM, where PYTHON has it, with 100 trees of 31 leaves.
FITS names the fits (all). Prints Markdown."""
import gzip, json, os, struct, subprocess, sys, tempfile, time
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
os.environ.pop("OPENBLAS_CORETYPE", None)  # it would be taken by numpy's OpenBLAS too
from timing import last_line, run, spread, stop

if len(sys.argv) != 3:
    sys.exit(__doc__)
ENGINE, BIN = sys.argv[1:]
DATA, PAIRS = os.environ.get("DATA", ""), int(os.environ.get("PAIRS", 5))
PYTHON = os.environ.get("PYTHON", "python3")
try:
    import numpy
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC
    from sklearn.metrics import roc_auc_score
except ImportError:
    if os.environ.get("MILLRACE_FITTERS") or subprocess.run([PYTHON, "-c", "import sklearn"], capture_output=True).returncode:
        print(f"\nThe fitters are left out: PYTHON={PYTHON} has no scikit-learn.")
        sys.exit()
    os.environ["MILLRACE_FITTERS"] = "1"
    os.execvp(PYTHON, [PYTHON, *sys.argv])

try:
    import lightgbm
except ImportError:
    lightgbm = None
FITS = os.environ.get("FITS", "forest boosted logistic-std linear-svm").split()
if lightgbm and "boosted" in FITS:
    FITS.insert(FITS.index("boosted") + 1, "boosted, LightGBM")


def table(name, folder):
    """Features and labels for training and for testing, and their files for the engine."""
    features = f"{folder}/features"
    with gzip.open(f"{DATA}/protein-pairs/{name}.pep.fa.gz") as packed, open(features, "wb") as out:
        done = subprocess.run([f"{BIN}/seqfeat", "-q", "--encode", "ct343"], input=packed.read(), stdout=out)
    if done.returncode:
        stop(f"seqfeat ended with status {done.returncode}")
    rows = {}
    with open(features) as lines:
        next(lines)
        for line in lines:
            words = line.rstrip("\n").split("\t")
            rows[words[0]] = numpy.array(words[3:], numpy.float32)
    with gzip.open(f"{DATA}/protein-pairs/{name}.pairs.tsv.gz", "rt") as lines:
        pairs = [line.split() for line in lines.read().splitlines()[1:]]
    kept = [n for n, pair in enumerate(pairs) if pair[0] in rows and pair[1] in rows]
    x = numpy.stack([numpy.concatenate([rows[pairs[n][0]], rows[pairs[n][1]]]) for n in kept])
    y, tested = numpy.array([int(pairs[n][2]) for n in kept]), numpy.array(kept) % 5 == 4
    for part, chosen in (("train", ~tested), ("test", tested)):
        with open(f"{folder}/{part}", "wb") as out:
            out.write(struct.pack("ii", *x[chosen].shape) + y[chosen].astype("<f4").tobytes() + x[chosen].tobytes())
    return x[~tested], y[~tested], x[tested], y[tested]


def theirs(what, x, y, test, seed):
    """CPU seconds of the fit, scores of the tested rows, and what is worth saying."""
    if what == "forest":
        model = RandomForestClassifier(30, max_features="sqrt", random_state=seed, n_jobs=1)
        start = time.process_time()
        model.fit(x, y)
        return time.process_time() - start, model.predict_proba(test)[:, 1], None
    if what == "boosted, LightGBM":
        model = lightgbm.LGBMClassifier(n_estimators=100, n_jobs=1, verbose=-1)
        start = time.process_time()
        model.fit(x, y)
        return time.process_time() - start, model.predict_proba(test)[:, 1], None
    if what == "boosted":
        model = HistGradientBoostingClassifier(early_stopping=False)
        start = time.process_time()
        model.fit(x, y)
        return time.process_time() - start, model.decision_function(test), None
    x, test = x.astype(float), test.astype(float)
    mean, deviation = x.mean(0), x.std(0)
    deviation[deviation == 0] = 1
    x, test = (x - mean) / deviation, (test - mean) / deviation
    isMachine = what == "linear-svm"
    model = LinearSVC() if isMachine else LogisticRegression(C=.8, solver="newton-cholesky")
    start = time.process_time()
    model.fit(x, y)
    taken, margins = time.process_time() - start, model.decision_function(x)
    towards = (2 * y - 1) * margins
    loss = (model.coef_ ** 2).sum() / 2 + .8 * numpy.logaddexp(0, -towards).sum()
    if isMachine:
        loss = ((model.coef_ ** 2).sum() + model.intercept_[0] ** 2) / 2 + (numpy.maximum(0, 1 - towards) ** 2).sum()
    return taken, model.decision_function(test), loss


def main():
    if not os.path.exists(f"{DATA}/protein-pairs/panhprd.pairs.tsv.gz"):
        print(f"\nThe fitters are left out: no protein-pairs/panhprd.pairs.tsv.gz in DATA={DATA or '(empty)'}.")
        return
    print("\n### Fitters, CPU seconds of a fit at one thread\n")
    with tempfile.TemporaryDirectory() as folder:
        x, y, test, labels = table("panhprd", folder)
        print(f"{len(y):,} pairs of human proteins, {x.shape[1]} columns; load {os.getloadavg()[0]:.1f} at the start.\n")
        print("| fit | ours | peer | ratio | AUROC, ours | AUROC, theirs | objective, ours | theirs |\n"
              "|---|---|---|---|---|---|---|---|")
        for what in FITS:
            times, areas, losses = ([], []), ([], []), ["–", "–"]
            for seed in range(1, PAIRS + 1):
                mine = last_line(run(ENGINE, what.split(",")[0], f"{folder}/train", f"{folder}/test", f"{folder}/scores"))
                scores = numpy.fromfile(f"{folder}/scores", "<f4")
                taken, margins, loss = theirs(what, x, y, test, seed)
                for place, (seconds, values) in enumerate(((mine["fit_cpu"], scores), (taken, margins))):
                    times[place].append(seconds)
                    areas[place].append(roc_auc_score(labels, values))
                if loss:
                    losses = [f"{mine['objective']:.9f}", f"{loss:.9f}"]
            ratio = spread([b / a for a, b in zip(*times)], 1)
            print(f"| {what} | {spread(times[0])} | {spread(times[1])} | {ratio} | {numpy.mean(areas[0]):.4f} "
                  f"| {numpy.mean(areas[1]):.4f} | {losses[0]} | {losses[1]} |", flush=True)


main()
