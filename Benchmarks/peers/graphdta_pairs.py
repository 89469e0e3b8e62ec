"""Times training of GraphDTA's GIN in PyTorch as it was published: every pair of a batch with a graph and a sequence of
its own, each convolved over all positions.

usage: graphdta_pairs.py FOLDER BATCHES

FOLDER holds torch_affinity.py. Prints JSON: the CPU seconds of an update of 512 pairs, the mean over BATCHES of them after
a first one, at one thread."""
import json, sys, time

sys.path.insert(0, sys.argv[1])
import numpy as np
import torch
import torch.nn.functional as F
import torch_affinity as reference

torch.set_num_threads(1)
drugs, proteins, pairs = reference.load()
net = reference.make("gin", 0.2)
net.train()
optimiser = torch.optim.Adam(net.parameters(), 5e-4)
rows = [row for row in pairs if row["fold"] not in ("0", "test")]
order = np.random.RandomState(1).permutation(len(rows))
seconds = []
for number in range(int(sys.argv[2]) + 1):
    chosen = [rows[place] for place in order[512 * number:512 * (number + 1)]]
    start = time.process_time()
    x, edges, offsets = reference.batch([drugs[row["drug_id"]] for row in chosen])
    tokens = torch.stack([reference.encode(proteins[row["target_id"]], reference.AA, 1000) for row in chosen])
    labels = torch.tensor([float(row["affinity"]) for row in chosen])
    optimiser.zero_grad()
    output = net(dict(x=x, edges=edges, offsets=offsets, tokens=tokens))
    F.mse_loss(output, labels).backward()
    optimiser.step()
    seconds.append(time.process_time() - start)
print(json.dumps({"cpu_s": sum(seconds[1:]) / len(seconds[1:])}))
