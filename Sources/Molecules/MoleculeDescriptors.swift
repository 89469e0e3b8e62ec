/// Nine numbers of a whole molecule that chemists read, each as RDKit defines it.
struct MoleculeDescriptors: MoleculeEncoder {
  static let components = [
    "weight", "heavy_atoms", "rings", "aromatic_rings", "hbond_donors", "hbond_acceptors",
    "rotatable_bonds", "charge",
    "logp",
  ]

  static let entry = MoleculeEntry(
    "descriptors", .feature,
    "weight, counts of rings, hydrogen bonds and rotatable bonds, charge, log P",
    description: """
      weight: average molecular weight, hydrogens included. heavy_atoms: atoms besides hydrogen. rings: smallest rings,
      symmetric ones included. aromatic_rings: those with aromatic bonds only. hbond_donors, hbond_acceptors: N, O and S
      that give or take a hydrogen bond, by the SMARTS of RDKit's NumHDonors and NumHAcceptors. rotatable_bonds: single
      bonds outside rings between atoms with further neighbours, without amides, CF3 and the like (RDKit's strict
      definition). charge: the sum of formal charges. logp: log P by atom contributions (Wildman and Crippen 1999, J.
      Chem. Inf. Comput. Sci. 39:868). Equal to RDKit 2026.09 on the ligands of Davis and KIBA.
      """
  ) { MoleculeDescriptors($0) }

  let names: [String]

  init(_ settings: MoleculeSettings) { names = settings.names(Self.components) }

  /// The patterns that are counted: donors, acceptors, and rotatable bonds.
  private static let patterns = Patterns([
    "[N&!H0&v3,N&!H0&+1&v4,O&H1&+0,S&H1&+0,n&H1&+0]",
    "[$([O,S;H1;v2]-[!$(*=[O,N,P,S])]),$([O,S;H0;v2]),$([O,S;-]),$([N;v3;!$(N-*=!@[O,N,P,S])]),$([nH0X2,o,s;+0])]",
    "[\(noEnd)&\(noAmide)]-!@[\(noEnd)]",
  ])
  private static let noEnd =
    "!$(*#*)&!D1&!$(C(F)(F)F)&!$(C(Cl)(Cl)Cl)&!$(C(Br)(Br)Br)&!$(C([CH3])([CH3])[CH3])"
  private static let noAmide =
    "!$([CD3](=[N,O,S])-!@[#7,O,S!D1])&!$([#7,O,S!D1]-!@[CD3]=[N,O,S])&!$([CD3](=[N+])-!@[#7!D1])"
    + "&!$([#7!D1]-!@[CD3]=[N+])"

  func encode(_ molecule: Molecule, into features: UnsafeMutableBufferPointer<Double>) {
    let target = PatternTarget(molecule, withHydrogens: false)
    var (weight, hydrogens, heavy, charge) = (0.0, 0, 0, 0)
    for atom in molecule.atoms {
      weight += Element.mass(of: atom.number, isotope: atom.isotope)
      hydrogens += atom.hydrogens
      heavy += atom.number > 1 ? 1 : 0
      charge += Int(atom.charge)
    }
    let rings = molecule.rings
    let aromatic = (0..<rings.count).count { ring in
      rings.places(of: ring).allSatisfy { molecule.bonds[rings.bonds[$0]].isAromatic }
    }
    let atoms = molecule.atoms.indices
    let values: [Double] = [
      weight + Double(hydrogens) * Element.weights[1], Double(heavy), Double(rings.count), Double(aromatic),
      Double(atoms.count { Self.patterns.matches(0, target, at: $0) }),
      Double(atoms.count { Self.patterns.matches(1, target, at: $0) }),
      Double(Self.rotatableBonds(molecule, target)), Double(charge),
      CrippenTable.logP(PatternTarget(molecule, withHydrogens: true)),
    ]
    _ = features.update(fromContentsOf: values)
  }

  private static func rotatableBonds(_ molecule: Molecule, _ target: PatternTarget) -> Int {
    molecule.atoms.indices.reduce(0) { sum, atom in
      sum
        + target.links(of: atom).count { link in
          target.ends[link] > atom
            && patterns.matches(2, target, on: link, from: atom, to: target.ends[link])
        }
    }
  }
}
