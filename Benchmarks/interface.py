#!/usr/bin/env python3
"""Trains NEA and NeiA with a head of pairs on complexes beside their PyTorch forms, and scores all their residue pairs.

usage: interface.py BIN DATA PEER [PYTHON]

BIN holds the tools, DATA the real data (interface), PEER torch_interface.py, PYTHON has torch. TRAIN complexes (30) train
and JUDGED (10) are scored, in their order in complexes.tsv. PAIRS runs of each in turn (3), at one thread; an epoch costs
what some epochs take more than fewer, over those that were run: attempts that have collapsed are repeated. One more
complex compares our epochs, the cost of which counts. Scoring costs what each ligand with each receptor takes more than
the judged complexes alone, ten times fewer, from the same files. The peer reads a graph made here from the same columns,
and writes nothing. Prints Markdown; the rows of a peer that is missing are left out, and a line says so."""
import csv, json, os, statistics, subprocess, sys, tempfile
from timing import run, spread, timed

if len(sys.argv) < 4:
    sys.exit(__doc__)
BIN, DATA, PEER = sys.argv[1], f"{sys.argv[2]}/interface", f"{sys.argv[3]}/torch_interface.py"
PYTHON = sys.argv[4] if len(sys.argv) > 4 else os.environ.get("PYTHON", "python3")
PAIRS = int(os.environ.get("PAIRS", 3))
TRAIN, JUDGED = int(os.environ.get("TRAIN", 30)), int(os.environ.get("JUDGED", 10))
FORMS = {
    "NEA, dense head, 256 + 256": (
        "nea:width=256,hidden=256,dropout=0.5",
        ["--kind", "nea", "--head", "dense", "--width", "256", "--hidden", "256", "--proj", "0", "--drop", ".5"]),
    "NeiA, head of pairs, 16 channels, I 16, 1 block": (
        "neia:head=pairs,channels=16,inner=16,blocks=1,dropout=0.3",
        ["--kind", "neia", "--head", "hopi", "--proj", "16", "--inter", "16", "--blocks", "1", "--drop", ".3", "--crop",
         "4096"]),
}
# The peer's features are those of our graphs, in a file of arrays; its loader takes the complexes that the file has.
PEER_RUN = """
import csv, json, sys, time, numpy as np, torch
sys.path.insert(0, sys.argv[1]); folder, kind, epochs, arguments = sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5:]
import torch_interface as peer, argparse, random
parser = argparse.ArgumentParser()
for name, value in dict(kind="neia", proj=16, blocks=2, inter=16, head="hopi", drop=.3, width=0, hidden=64, crop=96).items():
    parser.add_argument("--" + name, type=type(value), default=value)
a = parser.parse_args(arguments); torch.set_num_threads(1); torch.manual_seed(1); rng = np.random.default_rng(1)
data = torch.load(folder + "/peer.pt", weights_only=False)
net = peer.Net(a.kind, 1, a.proj, a.blocks, a.inter, "concat", a.head, a.drop, 76, a.width, False, a.hidden)
opt = torch.optim.Adam(net.parameters(), 1e-3)
if kind == "train":
    for epoch in range(epochs):
        net.train()
        for i in rng.permutation(len(data["train"])):
            g = data["train"][i]; ij, y = peer.sample(g["pos"], len(g["el"]), len(g["er"]), g["el"], g["er"], 10, rng)
            opt.zero_grad(); y = torch.tensor(y)
            logit = net.pairs(g["l"], g["r"], ij) if a.head == "dense" else net(g["l"], g["r"])[ij[:, 0], ij[:, 1]]
            peer.wbce(logit, y, 1.).backward(); opt.step()
else:
    net.eval()
    with torch.no_grad():
        for g in data["judged"]:
            for h in data["judged"]:
                if g is h or kind == "score all": net(g["l"], h["r"]).numpy()
"""


def write_inputs(folder):
    """Graphs, contacts and lists of the chosen complexes."""
    with open(f"{DATA}/complexes.tsv") as rows:
        table = list(csv.DictReader(rows, delimiter="\t"))
    parts = {"train": [r["complex"] for r in table if r["split"] == "train"][:TRAIN],
             "judged": [r["complex"] for r in table if r["split"] != "train"][:JUDGED]}
    codes = parts["train"] + parts["judged"]
    files = [f"{DATA}/pdb/{code}_{side}_u.pdb.gz" for code in codes for side in "lr"]
    run(f"{BIN}/resfeat", "-q", "--graph", "neighbours=20", "-o", f"{folder}/graphs.ndjson", *files)
    with open(f"{folder}/contacts.tsv", "w") as out:
        for number, code in enumerate(codes):
            side = lambda s: f"{DATA}/pdb/{code}_{s}.pdb.gz"
            text = run(f"{BIN}/resfeat", "-q", "--contacts", "6", "--bound-a", side("l_b"), "--bound-b", side("r_b"),
                       "--onto-a", side("l_u"), "--onto-b", side("r_u"))
            out.write(text if number == 0 else text.split("\n", 1)[1])
    lists = {"train": codes[:len(parts["train"]) + 1], "held": parts["judged"][:1], "judged": parts["judged"]}
    for part, chosen in lists.items():
        with open(f"{folder}/{part}.tsv", "w") as out:
            out.write("gene_a\tgene_b\tlabel\n" + "".join(f"{c}_l_u\t{c}_r_u\t1\n" for c in chosen))
    return parts


def write_peer(folder, parts):
    """The same graphs and labels as tensors."""
    script = """
import csv, json, sys, numpy as np, torch
folder = sys.argv[1]; graphs = {}
for line in open(folder + "/graphs.ndjson"):
    g = json.loads(line)
    if "nodes" not in g: continue
    n = len(g["nodes"]); e = np.array(g["edges"]).reshape(n, -1, 2)
    graphs[g["id"]] = ({k: i for i, k in enumerate(g["node_ids"])}, dict(x=torch.tensor(g["nodes"]).float(),
        nb=torch.tensor(e[:, :, 0].copy()), ef=torch.tensor(g["edge_x"]).float().reshape(n, -1, 2)))
seen = {}
for r in csv.DictReader(open(folder + "/contacts.tsv"), delimiter="\\t"):
    key = (r["gene_a"], r["gene_b"]); (ia, a), (ib, b) = graphs[key[0]], graphs[key[1]]
    g = seen.setdefault(key, dict(l=a, r=b, pos=[], el=np.zeros(len(ia), bool), er=np.zeros(len(ib), bool)))
    i, j = ia[r["isoform_a"]], ib[r["isoform_b"]]; g["el"][i] = g["er"][j] = True
    if r["label"] == "1": g["pos"].append((i, j))
for g in seen.values(): g["pos"] = np.array(g["pos"])
parts = json.loads(sys.argv[2])
torch.save({p: [seen[c + "_l_u", c + "_r_u"] for c in cs] for p, cs in parts.items()}, folder + "/peer.pt")
"""
    run(PYTHON, "-c", script, folder, json.dumps(parts))
    with open(f"{folder}/peer.py", "w") as out:
        out.write(PEER_RUN)


def ours(folder, form, epochs):
    """CPU s of a training run, and the epochs of all its attempts."""
    seconds = timed(
        f"{BIN}/mil-train", "-q", "--architecture", form, "--loss", "ce", "--learn-from", "instance", "--order", "ordered",
        "--batch", "1", "--validation", f"file:{folder}/held.tsv", "--patience", "0", "--epochs", str(epochs), "--threads",
        "1", "--pairs", f"{folder}/train.tsv", "--block", f"r=concat:{folder}/graphs.ndjson", "--instances",
        f"{folder}/contacts.tsv", "-o", f"{folder}/model", "--log", f"{folder}/log")[0]
    with open(f"{folder}/log") as rows:
        return seconds, sum('"epoch"' in row for row in rows)


def scored(folder, codes, isAll):
    """CPU s for all residue pairs of these complexes, or of each ligand with each receptor; the best are written."""
    with open(f"{folder}/pairs.tsv", "w") as out:
        out.write("gene_a\tgene_b\n" + "".join(
            f"{a}_l_u\t{b}_r_u\n" for a in codes for b in codes if isAll or a == b))
    return timed(
        f"{BIN}/mil-score", "-q", "--model", f"{folder}/model", "--threads", "1", "--level", "instance", "--top", "100",
        "--pairs", f"{folder}/pairs.tsv", "--block", f"r=concat:{folder}/graphs.ndjson", "-o", f"{folder}/scores")[0]


def peers(folder, what, arguments, epochs):
    return timed(PYTHON, f"{folder}/peer.py", os.path.dirname(PEER), folder, what, str(epochs), *arguments)[0]


def has_peer():
    return os.path.exists(PEER) and not subprocess.run([PYTHON, "-c", "import torch, numpy"], capture_output=True).returncode


def main():
    if not os.path.exists(f"{DATA}/complexes.tsv"):
        return print(f"{DATA} is missing: no run.")
    with tempfile.TemporaryDirectory() as folder:
        parts = write_inputs(folder)
        isBeside = has_peer()
        if isBeside:
            write_peer(folder, parts)
        print(f"### Interfaces, {TRAIN} complexes an epoch, {JUDGED * (JUDGED - 1)} pairs of proteins scored whole: CPU s, "
              "one thread\n")
        print("| network | epoch | PyTorch | times | scoring | PyTorch | times |\n|---|---|---|---|---|---|---|")
        for name, (form, arguments) in FORMS.items():
            seen = [[], [], [], []]
            for _ in range(PAIRS):
                few, many = ours(folder, form, 1), ours(folder, form, 8)
                seen[0].append((many[0] - few[0]) / (many[1] - few[1]))
                own = scored(folder, parts["judged"], False)
                seen[2].append(scored(folder, parts["judged"], True) - own)
                if isBeside:
                    few = peers(folder, "train", arguments, 1)
                    seen[1].append((peers(folder, "train", arguments, 3) - few) / 2)
                    own = peers(folder, "score", arguments, 1)
                    seen[3].append(peers(folder, "score all", arguments, 1) - own)
            cells = []
            for own, other in ((seen[0], seen[1]), (seen[2], seen[3])):
                times = f"{statistics.median(other) / statistics.median(own):.1f}" if other else ""
                cells += [spread(own), spread(other) if other else "", times]
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
        if not isBeside:
            print("\nPyTorch or torch_interface.py is missing: no peer.")


main()
