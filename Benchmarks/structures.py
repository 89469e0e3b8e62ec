#!/usr/bin/env python3
"""Times resfeat beside BioPython's ShrakeRupley and NeighborSearch, for the same columns of the same proteins.

usage: structures.py BIN

Variables: DATA the real sets, PAIRS the runs of each, in turn (5), PYTHON a Python with BioPython and numpy (this script
runs in it), PROTEINS their names. The peer reads a structure with PDBParser and computes area (96 points), protrusion,
depth index, half spheres and the 20 nearest residues with their edges; depths to the surface are ours alone, for
ShrakeRupley does not give its points. CPU seconds at one thread, ours with its start and its output. Prints Markdown."""
import gzip, json, os, subprocess, sys, time
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
from timing import run, spread, timed

if len(sys.argv) != 2:
    sys.exit(__doc__)
BIN, DATA, PAIRS = sys.argv[1], os.environ.get("DATA", ""), int(os.environ.get("PAIRS", 5))
PROTEINS = os.environ.get("PROTEINS", "1SYX_l 1AVX_r 1ATN_r 1GHQ_r 1BGX_r 1N2C_r").split()
PYTHON = os.environ.get("PYTHON", "python3")
try:
    import numpy
    from Bio.PDB import NeighborSearch, PDBParser
    from Bio.PDB.SASA import ShrakeRupley
except ImportError:
    if os.environ.get("MILLRACE_STRUCTURES") or subprocess.run([PYTHON, "-c", "import Bio.PDB"], capture_output=True).returncode:
        print(f"\nStructures are left out: PYTHON={PYTHON} has no BioPython.")
        sys.exit()
    os.environ["MILLRACE_STRUCTURES"] = "1"
    os.execvp(PYTHON, [PYTHON, *sys.argv])

LETTERS = dict(zip("ALA ARG ASN ASP CYS GLN GLU GLY HIS ILE LEU LYS MET PHE PRO SER THR TRP TYR VAL".split(), range(20)))
AREAS = [129, 274, 195, 193, 167, 225, 223, 104, 224, 197, 201, 236, 224, 240, 159, 155, 172, 285, 263, 174]
BACKBONE = {"N", "CA", "C", "O", "OXT"}


def unit(vector):
    return vector / max(numpy.linalg.norm(vector), 1e-9)


def six(values, side):
    side = side if len(side) else values
    return [values.mean(), values.std(), side.mean(), side.std(), values.max(), values.min()]


def nearest(search, point, radius):
    """The atom of a search that is nearest to a point."""
    while True:
        found = search.search(point, radius)
        if found:
            return min(numpy.linalg.norm(atom.coord - point) for atom in found)
        radius *= 2


def theirs(path):
    """Columns and edges of a protein, by BioPython's classes."""
    with gzip.open(path, "rt") as lines:
        structure = PDBParser(QUIET=True).get_structure("p", lines)
    ShrakeRupley(probe_radius=1.4, n_points=96).compute(structure, level="A")
    residues = [r for r in structure[0].get_residues() if r.get_resname() in LETTERS]
    atoms = [a for r in residues for a in r]
    everything, exposed = NeighborSearch(atoms), NeighborSearch([a for a in atoms if a.sasa > 0])
    sphere = 4 / 3 * numpy.pi * 1000
    crowds, indices = {}, {}
    for atom in atoms:
        inside = min(20.1 * len(everything.search(atom.coord, 10)), sphere)
        crowds[atom] = (sphere - inside) / inside
        indices[atom] = 0 if atom.sasa > 0 else nearest(exposed, atom.coord, 4)
    number = {r: n for n, r in enumerate(residues)}
    points = [numpy.array([a.coord for a in r]) for r in residues]
    centres = [p.mean(0) for p in points]
    columns, edges = numpy.zeros((len(residues), 53 + 1)), []
    normals = [unit(numpy.cross(r["CA"].coord - r["C"].coord, r["O"].coord - r["C"].coord)) if "O" in r and "CA" in r and "C" in r
               else numpy.zeros(3) for r in residues]
    for n, residue in enumerate(residues):
        kind = LETTERS[residue.get_resname()]
        side = [a for a in residue if a.name not in BACKBONE]
        columns[n, 0] = min(1, sum(a.sasa for a in residue) / AREAS[kind])
        for place, values in ((1, crowds), (7, indices)):
            columns[n, place:place + 6] = six(numpy.array([values[a] for a in residue]), numpy.array([values[a] for a in side]))
        alpha = residue["CA"].coord if "CA" in residue else centres[n]
        up = sum((unit(a.coord - alpha) for a in side), numpy.zeros(3))
        if not side and "N" in residue and "C" in residue:
            up = -unit(residue["N"].coord - alpha) - unit(residue["C"].coord - alpha)
        near = {r for a in residue for r in everything.search(a.coord, 8, level="R")}
        for other in near:
            at = other["CA"].coord if "CA" in other else centres[number[other]]
            is_up = (at - alpha) @ up > 0
            if other is residue or is_up:
                columns[n, 14 + LETTERS[other.get_resname()]] += 1
            if other is residue or not is_up:
                columns[n, 34 + LETTERS[other.get_resname()]] += 1
        around = {number[r] for r in everything.search(centres[n], 20, level="R")} - {n}
        means = sorted((numpy.linalg.norm(points[n][:, None] - points[m][None], axis=2).mean(), m) for m in around)[:20]
        for mean, m in means:
            edges.append((m, numpy.exp(-(mean / 18) ** 2), numpy.arccos(numpy.clip(normals[n] @ normals[m], -1, 1)) / numpy.pi))
    return columns, edges


def main():
    if not os.path.isdir(f"{DATA}/interface/pdb"):
        print(f"\nStructures are left out: no interface/pdb in DATA={DATA or '(empty)'}.")
        return
    print("\n### Structures, CPU seconds for a graph of residues at one thread\n")
    print("| protein | residues | ours | BioPython | ratio | same neighbours | area, mean difference |\n|---|---|---|---|---|---|---|")
    for protein in PROTEINS:
        path = f"{DATA}/interface/pdb/{protein}_u.pdb.gz"
        ours, peer = [], []
        for _ in range(PAIRS):
            ours.append(timed(f"{BIN}/resfeat", "-q", "--graph", "neighbours=20", path)[0])
            start = time.process_time()
            columns, edges = theirs(path)
            peer.append(time.process_time() - start)
        graph = json.loads(run(f"{BIN}/resfeat", "-q", "--graph", "neighbours=20", path).splitlines()[1])
        same = numpy.mean([a[0] == b[0] for a, b in zip(graph["edges"], edges)])
        area = numpy.mean(numpy.abs(numpy.array(graph["nodes"])[:, 20] - columns[:, 0]))
        ratio = spread([b / a for a, b in zip(ours, peer)], 0)
        print(f"| {protein} | {len(columns)} | {spread(ours, 3)} | {spread(peer)} | {ratio} | {same:.2%} | {area:.4f} |", flush=True)


main()
