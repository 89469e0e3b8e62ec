# Writes the vectors of EmbeddingTests: three of four numbers, as numpy and safetensors write them.
import json, struct, sys
import numpy as np

folder = sys.argv[1]
x = np.array([[0.5, -1.25, 3, 65504], [2.0**-24, 0, -0.0, 1e-3], [1, 2, 3, 4]])
ids = ["p1", "p2", "p3"]
np.save(f"{folder}/half.npy", x.astype(np.float16))
np.save(f"{folder}/single.npy", x.astype(np.float32))
np.save(f"{folder}/double.npy", x)
np.save(f"{folder}/fortran.npy", np.asfortranarray(x))
np.savez(f"{folder}/each.npz", **{name: row.astype(np.float32) for name, row in zip(ids, x)})
np.savez(f"{folder}/matrix.npz", ids=np.array(ids), vectors=x.astype(np.float16))
np.savez_compressed(f"{folder}/packed.npz", **{name: row for name, row in zip(ids, x)})


def tensors(path, arrays):
    header, data = {}, b""
    for name, (kind, shape, raw) in arrays.items():
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    open(path, "wb").write(struct.pack("<Q", len(head)) + head + data)


tensors(f"{folder}/each.safetensors", {name: ("F32", [4], row.astype("<f4").tobytes()) for name, row in zip(ids, x)})
brain = (x.astype("<f4").view("<u4") >> 16).astype("<u2")
tensors(f"{folder}/brain.safetensors", {name: ("BF16", [4], row.tobytes()) for name, row in zip(ids, brain)})
