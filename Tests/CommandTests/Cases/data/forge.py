"""forge.py MODEL OUTPUT KEY VALUE ...: the model with other facts in its card, and the checksum that fits them."""
import hashlib
import json
import struct
import sys

source, target, *facts = sys.argv[1:]
data = open(source, "rb").read()
size = struct.unpack("<Q", data[:8])[0]
header, body = json.loads(data[8 : 8 + size]), data[8 + size :]
card = header["__metadata__"]
card.update(zip(facts[::2], facts[1::2]))
del card["content_sha256"]
digest = hashlib.sha256()


def take(content):
    digest.update(struct.pack("<Q", len(content)) + content)


for key in sorted(card, key=str.encode):
    take(key.encode())
    take(card[key].encode())
for name in sorted(key for key in header if key != "__metadata__"):
    tensor = header[name]
    begin, end = tensor["data_offsets"]
    take(name.encode())
    take(tensor["dtype"].encode())
    take(",".join(map(str, tensor["shape"])).encode())
    take(body[begin:end])
card["content_sha256"] = digest.hexdigest()
text = json.dumps(header, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
open(target, "wb").write(struct.pack("<Q", len(text)) + text + body)
