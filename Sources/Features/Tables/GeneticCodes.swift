extension GeneticCode {
  /// The current codes of NCBI, by id: facts of gc.prt, version 4.6
  /// (https://ftp.ncbi.nih.gov/entrez/misc/data/gc.prt). Codons run TTT, TTC, TTA, TTG, TCT … GGG.
  public static let all: [GeneticCode] = [
    GeneticCode(
      1, "Standard",
      residues: "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "---M------**--*----M---------------M----------------------------"),
    GeneticCode(
      2, "Vertebrate Mitochondrial",
      residues: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG",
      marks: "----------**--------------------MMMM----------**---M------------"),
    GeneticCode(
      3, "Yeast Mitochondrial",
      residues: "FFLLSSSSYY**CCWWTTTTPPPPHHQQRRRRIIMMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "----------**----------------------MM---------------M------------"),
    GeneticCode(
      4, "Mold, Protozoan and Coelenterate Mitochondrial, Mycoplasma, Spiroplasma",
      residues: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "--MM------**-------M------------MMMM---------------M------------"),
    GeneticCode(
      5, "Invertebrate Mitochondrial",
      residues: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSSSVVVVAAAADDEEGGGG",
      marks: "---M------**--------------------MMMM---------------M------------"),
    GeneticCode(
      6, "Ciliate, Dasycladacean and Hexamita Nuclear",
      residues: "FFLLSSSSYYQQCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "--------------*--------------------M----------------------------"),
    GeneticCode(
      9, "Echinoderm and Flatworm Mitochondrial",
      residues: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
      marks: "----------**-----------------------M---------------M------------"),
    GeneticCode(
      10, "Euplotid Nuclear",
      residues: "FFLLSSSSYY**CCCWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "----------**-----------------------M----------------------------"),
    GeneticCode(
      11, "Bacterial, Archaeal and Plant Plastid",
      residues: "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "---M------**--*----M------------MMMM---------------M------------"),
    GeneticCode(
      12, "Alternative Yeast Nuclear",
      residues: "FFLLSSSSYY**CC*WLLLSPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "----------**--*----M---------------M----------------------------"),
    GeneticCode(
      13, "Ascidian Mitochondrial",
      residues: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSGGVVVVAAAADDEEGGGG",
      marks: "---M------**----------------------MM---------------M------------"),
    GeneticCode(
      14, "Alternative Flatworm Mitochondrial",
      residues: "FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
      marks: "-----------*-----------------------M----------------------------"),
    GeneticCode(
      15, "Blepharisma Macronuclear",
      residues: "FFLLSSSSYY*QCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "----------*---*--------------------M----------------------------"),
    GeneticCode(
      16, "Chlorophycean Mitochondrial",
      residues: "FFLLSSSSYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "----------*---*--------------------M----------------------------"),
    GeneticCode(
      21, "Trematode Mitochondrial",
      residues: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
      marks: "----------**-----------------------M---------------M------------"),
    GeneticCode(
      22, "Scenedesmus obliquus Mitochondrial",
      residues: "FFLLSS*SYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "------*---*---*--------------------M----------------------------"),
    GeneticCode(
      23, "Thraustochytrium Mitochondrial",
      residues: "FF*LSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "--*-------**--*-----------------M--M---------------M------------"),
    GeneticCode(
      24, "Rhabdopleuridae Mitochondrial",
      residues: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG",
      marks: "---M------**-------M---------------M---------------M------------"),
    GeneticCode(
      25, "Candidate Division SR1 and Gracilibacteria",
      residues: "FFLLSSSSYY**CCGWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "---M------**-----------------------M---------------M------------"),
    GeneticCode(
      26, "Pachysolen tannophilus Nuclear",
      residues: "FFLLSSSSYY**CC*WLLLAPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "----------**--*----M---------------M----------------------------"),
    GeneticCode(
      27, "Karyorelict Nuclear",
      residues: "FFLLSSSSYYQQCCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "--------------*--------------------M----------------------------"),
    GeneticCode(
      28, "Condylostoma Nuclear",
      residues: "FFLLSSSSYYQQCCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "----------**--*--------------------M----------------------------"),
    GeneticCode(
      29, "Mesodinium Nuclear",
      residues: "FFLLSSSSYYYYCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "--------------*--------------------M----------------------------"),
    GeneticCode(
      30, "Peritrich Nuclear",
      residues: "FFLLSSSSYYEECC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "--------------*--------------------M----------------------------"),
    GeneticCode(
      31, "Blastocrithidia Nuclear",
      residues: "FFLLSSSSYYEECCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "----------**-----------------------M----------------------------"),
    GeneticCode(
      32, "Balanophoraceae Plastid",
      residues: "FFLLSSSSYY*WCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
      marks: "---M------*---*----M------------MMMM---------------M------------"),
    GeneticCode(
      33, "Cephalodiscidae Mitochondrial",
      residues: "FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG",
      marks: "---M-------*-------M---------------M---------------M------------"),
  ]
}
