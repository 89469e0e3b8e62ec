#!/usr/bin/env python3
"""Trains and judges the architectures on gene-disjoint splits of the real sets, with the tools as a user would chain them.

usage: isoform-sets.py --bin DIR --data DIR [--sets tfiso,yeast,...] [--seeds 5] [--train "NAME=OPTIONS"]...
       [--hold-out 0.2] [--work DIR] [--threads 2]

--data holds isoform/ and protein-pairs/; each --train is one way of training: a name and options of mil-train. What is
made stays in --work, where features are found again that were made before; without it nothing stays.
A fifth of the genes is held out by a seeded hash; training sees pairs of the other genes only, and chooses its best
epoch on validation bags drawn from them. Prints one TSV line a set, way and part: mean and standard deviation over
the seeds of AUROC, average precision, F1 and G-mean (at 0.5), the baseline's AUROC and average precision, and
the number of seeds that collapsed (recall or specificity of at most 0.1). Needs nothing but the tools and Python."""
import argparse, json, os, statistics as st, subprocess, sys, tempfile, time

SETS = {
    # name: (folder, members, instances, blocks of features in order, options of mil-train)
    "tfiso": ("isoform", True, True, [("rna", "expr", "samples.macrophage"), ("ct", "ct64"), ("aa", "paac")], ""),
    "tfens": ("isoform", True, False, [("ct", "ct343"), ("aa", "paac"), ("rna", "expr", "samples.macrophage")], ""),
    "tfpartner": ("isoform", True, True, [("ct", "ct343"), ("aa", "paac")], "--order roles"),
    "yeast": ("protein-pairs", False, False, [("rna", "expr", "samples.eisen"), ("ct", "ct64"), ("aa", "paac")], ""),
    "panhprd": ("protein-pairs", False, False, [("ct", "ct343"), ("aa", "paac")], ""),
    "guoyeast": ("protein-pairs", False, False, [("ct", "ct343"), ("aa", "paac")], ""),
}


def bash(command):
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"isoform-sets: status {done.returncode}: {command}\n{done.stderr}")
    return done.stdout


class Data:
    """The features of one set, made once, and its pairs."""

    def __init__(self, name, a):
        self.name, self.a = name, a
        folder, members, instances, self.blocks, self.train_options = SETS[name]
        self.base = f"{a.data}/{folder}/{name}"
        self.samples = f"{a.data}/{folder}"
        self.work = f"{a.work}/{name}"
        os.makedirs(self.work, exist_ok=True)
        self.input = f"--pairs {self.base}.pairs.tsv.gz"
        if members: self.input += f" --members {self.base}.tx2gene.tsv.gz"
        if instances: self.input += f" --instances {self.base}.instances.tsv.gz"
        if name == "tfpartner": self.input += " --tested-only"
        self.has_instances = instances
        for block in self.blocks: self.input += " --block " + self.block(*block)

    def block(self, name, kind, groups=None):
        if kind == "expr":
            return f"{name}=correlate:{self.base}.expr.tsv.gz,groups={self.samples}/{groups}.tsv.gz"
        table = f"{self.work}/{kind}.tsv"
        if not os.path.exists(table):
            fasta = "cds" if kind == "ct64" else "pep"
            bash(f"{self.a.bin}/seqfeat --encode {kind} {self.base}.{fasta}.fa.gz -o {table} 2>/dev/null")
        return f"{name}={'correlate' if kind == 'paac' else 'concat'}:{table}"


def run(data, options, seed, a):
    """One training run; its figures by part, and at the level of instances where they are labelled."""
    split = f"--hold-out genes:{a.hold_out} --split-seed {seed} --conflicts keep"
    out = f"{data.work}/run"
    began = time.time()
    bash(f"{a.bin}/mil-train {data.input} {split} --keep-part train {data.train_options} {options} --seed {seed} "
         f"--threads {a.threads} -o {out}.safetensors --log {out}.log 2>{out}.err")
    seconds = time.time() - began
    figures = {"seconds": seconds, "epochs": sum(1 for _ in open(out + ".log"))}
    for level in ["bag", "instance"] if data.has_instances else ["bag"]:
        bash(f"{a.bin}/mil-score -m {out}.safetensors {data.input} {split} --keep-part held-out --level {level} "
             f"-O tsv -o {out}.{level}.tsv 2>>{out}.err")
        text = bash(f"{a.bin}/metrics --level {level} -O ndjson --no-header {out}.{level}.tsv 2>>{out}.err")
        for line in text.splitlines():
            row = json.loads(line)
            figures.setdefault((level, row.get("part") or "all"), {})[row["metric"]] = (row["value"], row.get("baseline"))
    return figures


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--bin", required=True); ap.add_argument("--data", required=True)
    ap.add_argument("--sets", default="tfiso,tfpartner,yeast"); ap.add_argument("--seeds", type=int, default=5)
    ap.add_argument("--train", action="append"); ap.add_argument("--hold-out", default="0.2")
    ap.add_argument("--work"); ap.add_argument("--threads", type=int, default=2)
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        a.work = a.work or folder
        table(a)


def table(a):
    ways = [w.split("=", 1) for w in a.train or [
        "idmil=--architecture idmil", "mlp=--architecture mlp", "logistic=--architecture logistic"]]
    print("set\tway\tlevel\tpart\tn\tauroc\tsd\tauprc\tsd\tf1\tgmean\tbaseline_auroc\tbaseline_auprc\tcollapsed\tseconds", flush=True)
    for name in a.sets.split(","):
        data = Data(name, a)
        for way, options in ways:
            runs = [run(data, options, seed, a) for seed in range(1, a.seeds + 1)]
            for key in [k for k in runs[0] if isinstance(k, tuple)]:
                def column(metric, baseline=False):
                    values = [r[key][metric][1 if baseline else 0] for r in runs if metric in r.get(key, {})]
                    return [v for v in values if v is not None]
                def mean(values): return f"{st.mean(values):.3f}" if values else "NA"
                def sd(values): return f"{st.stdev(values):.3f}" if len(values) > 1 else "NA"
                collapsed = sum(min(p, q) <= 0.1 for p, q in zip(column("recall"), column("specificity")))
                print("\t".join([name, way, *key, str(len(runs)), mean(column("auroc")), sd(column("auroc")),
                                 mean(column("auprc")), sd(column("auprc")), mean(column("f1")), mean(column("gmean")),
                                 mean(column("auroc", True)), mean(column("auprc", True)), str(collapsed),
                                 f"{st.mean(r['seconds'] for r in runs):.0f}"]), flush=True)


if __name__ == "__main__":
    main()
