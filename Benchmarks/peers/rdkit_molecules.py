"""RDKit's graphs, fingerprints and descriptors of the SMILES of a file, as GraphDTA and RDKit's own examples make them.

usage: rdkit_molecules.py graphdta|ecfp|descriptors FILE [write]     (lines of SMILES, a tab and an id)

Writes the rows that molfeat writes without a header; without `write` to /dev/null, and then the number of molecules and the
seconds of the loop as JSON."""
import json, os, sys, time
from rdkit import Chem, RDLogger
from rdkit.Chem import Crippen, Descriptors, Lipinski, rdFingerprintGenerator, rdMolDescriptors

RDLogger.DisableLog("rdApp.*")
SYMBOLS = ("C N O S F Si P Cl Br Mg Na Ca Fe As Al I B V K Tl Yb Sb Sn Ag Pd Co Se Ti Zn H Li Ge Cu Au Ni Cd In Mn Zr Cr Pt "
           "Hg Pb Unknown").split()
COUNTS = list(range(11))
MORGAN = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)


def one_hot(value, allowed):
    if value not in allowed:
        value = allowed[-1]
    return [value == other for other in allowed]


def atom_row(atom):
    row = (one_hot(atom.GetSymbol(), SYMBOLS) + one_hot(atom.GetDegree(), COUNTS)
           + one_hot(atom.GetTotalNumHs(), COUNTS) + one_hot(atom.GetValence(Chem.ValenceType.IMPLICIT), COUNTS)
           + [atom.GetIsAromatic()])
    total = sum(row)
    return [value / total for value in row]


def graphdta(molecule, name):
    rows = [atom_row(atom) for atom in molecule.GetAtoms()]
    edges = []
    for bond in molecule.GetBonds():
        begin, end = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        edges += [[begin, end], [end, begin]]
    names = [f"{atom.GetIdx()}:{atom.GetSymbol()}" for atom in molecule.GetAtoms()]
    rows = [[0 if value == 0 else value for value in row] for row in rows]
    return json.dumps({"id": name, "nodes": rows, "edges": edges, "node_ids": names}, separators=(",", ":"))


def ecfp(molecule, name):
    return name + "\t" + "\t".join(MORGAN.GetFingerprint(molecule).ToBitString())


def descriptors(molecule, name):
    values = [Descriptors.MolWt(molecule), molecule.GetNumHeavyAtoms(), rdMolDescriptors.CalcNumRings(molecule),
              rdMolDescriptors.CalcNumAromaticRings(molecule), Lipinski.NumHDonors(molecule),
              Lipinski.NumHAcceptors(molecule), rdMolDescriptors.CalcNumRotatableBonds(molecule),
              Chem.GetFormalCharge(molecule), Crippen.MolLogP(molecule)]
    return name + "\t" + "\t".join(map(str, values))


make = {"graphdta": graphdta, "ecfp": ecfp, "descriptors": descriptors}[sys.argv[1]]
with open(sys.argv[2]) as lines:
    molecules = [line.rstrip("\n").split("\t") for line in lines]
out = sys.stdout if sys.argv[3:] else open(os.devnull, "w")
begin = time.process_time()
for smiles, name in molecules:
    out.write(make(Chem.MolFromSmiles(smiles), name) + "\n")
seconds = time.process_time() - begin
if not sys.argv[3:]:
    print(json.dumps({"molecules": len(molecules), "cpu_s": seconds}))
