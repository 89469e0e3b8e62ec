#!/usr/bin/env python3
"""The real set tfens in the peer's form: 233 features of every isoform pair, as PREFIX.bin and (with numpy) PREFIX.npz.

usage: tfens.py BIN DATA PREFIX

BIN holds the tools, DATA the real data (isoform/tfens.*). The features are 233 wide because the peer's network is made
for that: PAAC (40 each), CTD composition (39 each) and amino acids (20 each) side by side, the difference of a shorter
PAAC (34), and the correlation of expression; every column to mean 0 and standard deviation 1."""
import array, os, struct, subprocess, sys

BIN, DATA, PREFIX = sys.argv[1:] if len(sys.argv) == 4 else sys.exit(__doc__)
SET = f"{DATA}/isoform/tfens"
BLOCKS = [("paac", "concat", "paac"), ("ctd", "concat", "ctdc"), ("aac", "concat", "aac"),
          ("near", "absdiff", "paac:lambda=14")]


def rows():
    """The bags of pairgen, a line an instance, scaled."""
    blocks = " ".join(f"--block {name}={kind}:<('{BIN}/seqfeat' -q --encode {encoder} '{SET}.pep.fa.gz')"
                      for name, kind, encoder in BLOCKS)
    bags = (f"'{BIN}/pairgen' -q -O tsv --pairs '{SET}.pairs.tsv.gz' --members '{SET}.tx2gene.tsv.gz' {blocks} "
            f"--block rna=correlate:'{SET}.expr.tsv.gz'")
    scale = f"{PREFIX}.scale.json"
    subprocess.run(["bash", "-euo", "pipefail", "-c", f"{bags} | '{BIN}/normalize' -q --fit '{scale}'"], check=True)
    command = ["bash", "-euo", "pipefail", "-c", f"{bags} | '{BIN}/normalize' -q --apply '{scale}'"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as stream:
        yield from stream.stdout
    os.remove(scale)
    if stream.returncode:
        sys.exit(f"tfens.py: status {stream.returncode}")


def main():
    lines = rows()
    names = next(lines).rstrip("\n").split("\t")
    first = next(place for place, name in enumerate(names) if name.startswith("paac.a."))
    bag, label = names.index("bag"), names.index("label")
    counts, labels, x, last = array.array("i"), bytearray(), array.array("f"), None
    for line in lines:
        fields = line.rstrip("\n").split("\t")
        if fields[bag] != last:
            last = fields[bag]
            counts.append(0)
            labels.append(int(fields[label]))
        counts[-1] += 1
        x.extend(map(float, fields[first:]))
    width = len(names) - first
    if width != 233:
        sys.exit(f"tfens.py: {width} features, not 233")
    with open(PREFIX + ".bin", "wb") as out:
        out.write(struct.pack("iii", len(counts), len(x) // width, width))
        counts.tofile(out)
        out.write(labels)
        x.tofile(out)
    try:
        import numpy
    except ImportError:
        return
    numpy.savez(PREFIX + ".npz", counts=numpy.array(counts, "int32"), label=numpy.array(list(labels), "uint8"),
                x=numpy.array(x, "float32").reshape(-1, width))


main()
