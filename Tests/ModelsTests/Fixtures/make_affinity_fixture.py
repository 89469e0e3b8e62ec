"""Packs the fixtures of a PyTorch reference of DeepDTA and GraphDTA (six Davis molecules, proteins of 40 letters, small
layers, computed in float64 from float32 weights) into one file, with the names of our networks' parameters.

  python make_affinity_fixture.py REFERENCE_DIRECTORY affinity.fixture.safetensors
"""

import json
import struct
import sys

import numpy

TYPES = {"F64": "<f8", "F32": "<f4", "I32": "<i4"}
HEAD = {"fc1": "head1", "fc2": "head2", "out": "output", "fc_xt": "b.dense"}
CONVOLUTION = {"emb.weight": "b.positions.embedding", "conv.weight": "b.positions.weight",
               "conv.bias": "b.positions.bias"}


def read(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    return {name: numpy.frombuffer(data[8 + size + t["data_offsets"][0]:8 + size + t["data_offsets"][1]],
                                   TYPES[t["dtype"]]).reshape(t["shape"]) for name, t in header.items()}


def renamed(network, name):
    """Our name of a parameter of the reference."""
    node, kind = name.rsplit(".", 1) if "." in name else (name, "")
    if network in ("gin", "gcn", "gat", "gat_gcn") and name in CONVOLUTION:
        return CONVOLUTION[name]
    if network == "lstm" and name == "emb.weight":
        return "b.embedding.weight"
    if node == "lstm":
        return "b.lstm." + kind
    if network == "deepdta":
        side = {"smi": "a", "prot": "b"}.get(node.split("_")[0])
        if side and "conv" in node:
            return f"{side}.{node.split('_')[1]}.{kind}"
        nodes = {"smi_emb": "a.embedding", "emb": "b.embedding", "fc1": "head1", "fc2": "head2", "fc3": "head3",
                 "out": "output"}
        return f"{nodes[node]}.{kind}"
    if node.startswith("bn"):
        kind = {"mean": "running_mean", "var": "running_var"}.get(kind, kind)
        return f"gin{int(node[2:]) + 1}.norm.{kind}"
    if node.startswith("gin"):
        return f"gin{int(node[3]) + 1}.dense{node[-1]}.{kind}"
    if node.startswith("fc_g"):
        return ("a.dense" if network == "gat" else f"a.dense{node[-1]}") + "." + kind
    if node == "fc_xd":
        return "a.dense." + kind
    return f"{HEAD[node]}.{kind}" if node in HEAD else name


def main(directory, out):
    tensors = {}
    for network in ("gin", "lstm", "gcn", "gat", "gat_gcn", "deepdta"):
        for name, values in read(f"{directory}/fx_affinity_{network}.safetensors").items():
            kind, rest = name.split(".", 1)
            if kind == "in":
                tensors["deepdta." + name if network == "deepdta" and rest == "tokens" else name] = values
            elif kind in ("w", "g", "after"):
                tensors[f"{network}.{kind}.{renamed(network, rest)}"] = values
            elif kind in ("out", "loss", "head") or rest.endswith("_score") or network == "gin" and kind == "lrp":
                tensors[f"{network}.{name}"] = values
            elif network == "gat" and rest == "drug":
                # Equal atoms tie in the maximum: only sums over a molecule are unique.
                starts = read(f"{directory}/fx_affinity_gat.safetensors")["in.offsets"][:-1]
                tensors[f"gat.{kind}.molecules"] = numpy.add.reduceat(values.astype("<f8"), starts)
    header, data = {}, b""
    for name in sorted(tensors):
        values = tensors[name].astype("<f4").tobytes()
        shape = list(tensors[name].shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    open(out, "wb").write(struct.pack("<Q", len(text)) + text + data)


main(*sys.argv[1:])
