#!/usr/bin/env python3
"""Writes BAGS bags of WIDTH features as a stream of NDJSON; each positive one hides a witness. The same numbers always."""
import random
import sys

bags, width = int(sys.argv[1]), int(sys.argv[2])
draw = random.Random(1)
half = width // 2
names = ["pair"] * (width % 2) + [f"ct.{side}.f{i}" for side in "ab" for i in range(half)]
listed = ",".join(f'"{name}"' for name in names)
print(f'{{"schema":{{"kind":"bag","features":[{listed}],"made_by":"bags.py","end":true}}}}')
for bag in range(bags):
    instances = [[draw.gauss(0, 1) for _ in range(width)] for _ in range(draw.randint(1, 8))]
    if bag % 2:
        witness = draw.choice(instances)
        witness[width // 4 : width // 2] = [value + 1.5 for value in witness[width // 4 : width // 2]]
    rows = (
        f'{{"id":"{i}","x":[{",".join(f"{value:.4f}" for value in row)}]}}' for i, row in enumerate(instances)
    )
    print(
        f'{{"bag":"{bag}","gene_a":"a{bag // 4}","gene_b":"b{bag}","label":{bag % 2},"instances":[{",".join(rows)}]}}'
    )
print(f'{{"end":{{"records":{bags}}}}}')
