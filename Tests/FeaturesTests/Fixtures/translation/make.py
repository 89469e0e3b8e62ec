"""Writes codes.tsv: what Biopython (1.88) translates each codon to, under every genetic code it knows.

    python3 make.py > codes.tsv

A row is a code: its number, the 64 codons TTT, TTC ... GGG (T, C, A, G; the third base fastest) as residues, its start
codons, and the codons with ambiguous bases (IUPAC) that are something else than X, as RESIDUE:CODON,CODON...
"""
import itertools
import warnings

from Bio.Data.CodonTable import unambiguous_dna_by_id
from Bio.Seq import Seq

warnings.simplefilter("ignore")  # of codes where a codon is a stop and a residue
print("id\tresidues\tstarts\tambiguous")
for number in sorted(unambiguous_dna_by_id):
    plain = ["".join(codon) for codon in itertools.product("TCAG", repeat=3)]
    residues = "".join(str(Seq(codon).translate(table=number)) for codon in plain)
    shared = {}
    for codon in map("".join, itertools.product("ACGTRYSWKMBDHVN", repeat=3)):
        if codon in plain:
            continue
        residue = str(Seq(codon).translate(table=number))
        if residue != "X":
            shared.setdefault(residue, []).append(codon)
    starts = ",".join(sorted(unambiguous_dna_by_id[number].start_codons))
    text = " ".join(f"{residue}:{','.join(shared[residue])}" for residue in sorted(shared))
    print(number, residues, starts, text, sep="\t")
