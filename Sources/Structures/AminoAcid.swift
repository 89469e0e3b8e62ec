/// The 20 amino acids in the order of the residue columns, ARNDCQEGHILKMFPSTWYV, with the numbers that are known of
/// each.
public struct AminoAcid: Sendable, Equatable, Hashable {
  /// The number in the order ARNDCQEGHILKMFPSTWYV, from 0.
  public let number: Int

  /// The one-letter codes in their order.
  public static let letters = "ARNDCQEGHILKMFPSTWYV".map(String.init)
  /// The three-letter codes in the same order.
  public static let names = [
    "ALA", "ARG", "ASN", "ASP", "CYS", "GLN", "GLU", "GLY", "HIS", "ILE", "LEU", "LYS", "MET", "PHE", "PRO", "SER",
    "THR", "TRP", "TYR", "VAL",
  ]

  /// Makes one of a number from 0 to 19.
  init(number: Int) { self.number = number }

  /// Makes one of a one-letter code in upper case; nil for another letter.
  public init?(letter: String) {
    guard let number = Self.letters.firstIndex(of: letter) else { return nil }
    self.number = number
  }

  /// The largest accessible area of the residue between glycines, in Å² (Tien 2013, PLoS ONE 8:e80635, theoretical).
  public var largestArea: Double { Self.largestAreas[number] }
  /// The hydropathy, from -4.5 to 4.5 (Kyte and Doolittle 1982, J Mol Biol 157:105).
  public var hydropathy: Double { Self.hydropathies[number] }
  /// The number of heavy atoms in a chain, without the OXT of its end.
  public var heavyAtoms: Int { Self.heavyAtomCounts[number] }
  /// The one-letter code.
  public var letter: String { Self.letters[number] }

  private static let largestAreas: [Double] = [
    129, 274, 195, 193, 167, 225, 223, 104, 224, 197, 201, 236, 224, 240, 159, 155, 172, 285, 263, 174,
  ]
  private static let hydropathies = [
    1.8, -4.5, -3.5, -3.5, 2.5, -3.5, -3.5, -0.4, -3.2, 4.5, 3.8, -3.9, 1.9, 2.8, -1.6, -0.8, -0.7, -0.9, -1.3, 4.2,
  ]
  private static let heavyAtomCounts = [5, 11, 8, 8, 6, 9, 9, 4, 10, 8, 8, 9, 8, 11, 7, 6, 7, 14, 12, 7]
}

/// The role that a residue name gives its atoms.
enum ResidueClass: Sendable {
  /// One of the 20.
  case standard(AminoAcid)
  /// A modified form of one of the 20, or another name of it.
  case modified(AminoAcid)
  case water
  case other

  private static let table: [UInt64: ResidueClass] = {
    var table: [UInt64: ResidueClass] = [:]
    for (number, name) in AminoAcid.names.enumerated() { table[pack(name)] = .standard(AminoAcid(number: number)) }
    for (number, names) in parents.enumerated() {
      for name in names { table[pack(name)] = .modified(AminoAcid(number: number)) }
    }
    for name in ["HOH", "DOD", "WAT", "H2O", "SOL", "TIP", "TP3"] { table[pack(name)] = .water }
    return table
  }()

  /// Modified residues by the amino acid that they are made of (parents as in the wwPDB's chemical component
  /// dictionary), and the names that simulation programs give to protonation states.
  private static let parents: [[String]] = [
    ["AIB", "DAL"], ["AGM", "CIR", "DAR"], ["AHB", "MEN", "SNN"], ["ASH", "BFD", "PHD", "ACB", "IAS"],
    [
      "CYX", "CYM", "CSO", "CSD", "CSX", "CME", "CSS", "CAF", "CAS", "OCS", "SMC", "YCM", "CSU", "SCY", "SEC",
    ],
    ["MGN", "GHG", "PCA"], ["GLH", "CGU", "GMA"], ["SAR", "GL3"],
    ["HSD", "HSE", "HSP", "HID", "HIE", "HIP", "HIC", "MHS", "NEP"], ["IIL"], ["MLE", "NLE", "DLE"],
    ["LYN", "MLY", "M3L", "ALY", "MLZ", "KCX", "LLP", "LYZ", "PYL"], ["MSE", "FME", "MHO", "SME", "OMT"],
    ["DPN", "MEA", "PHI"], ["HYP", "DPR"], ["SEP", "SAC", "DSN"], ["TPO", "BMT", "ALO"],
    ["TRQ", "FTR", "HTR", "TRO", "DTR"], ["PTR", "TYS", "TPQ", "IYR", "DTY", "NIY"], ["MVA"],
  ]

  /// The role of a name of at most eight bytes, packed.
  static func of(_ name: UInt64) -> ResidueClass { table[name] ?? .other }

  private static func pack(_ name: String) -> UInt64 { name.utf8.reduce(0) { $0 << 8 | UInt64($1) } }
}

/// The chemical elements that the radii tell apart.
public enum Element: UInt8, Sendable {
  case carbon, nitrogen, oxygen, sulfur, hydrogen, other

  /// The van der Waals radius in Å: C 1.70, N 1.55, O 1.52, S 1.80 (Bondi 1964); selenium counts as sulfur, others as
  /// carbon.
  public var radius: Double {
    switch self {
    case .nitrogen: 1.55
    case .oxygen: 1.52
    case .sulfur: 1.8
    case .carbon, .hydrogen, .other: 1.7
    }
  }

  /// The element of an atom of an amino acid: by the first letter of its name, which the columns of the element do not
  /// overrule (files of before 1996 have other text in them); by those where the name is no element's.
  static func of(name: UnsafeBufferPointer<UInt8>, symbol: UnsafeBufferPointer<UInt8>) -> Element {
    let first = name.first { $0 &- 48 >= 10 } ?? 0
    if let known = of(letter: first) { return known }
    guard !symbol.isEmpty, symbol.allSatisfy({ ($0 | 0x20) &- 97 < 26 }) else { return .other }
    return symbol.count == 1 ? of(letter: symbol[0]) ?? .other : .other
  }

  private static func of(letter: UInt8) -> Element? {
    switch letter & ~0x20 {
    case UInt8(ascii: "C"): .carbon
    case UInt8(ascii: "N"): .nitrogen
    case UInt8(ascii: "O"): .oxygen
    case UInt8(ascii: "S"): .sulfur
    case UInt8(ascii: "H"), UInt8(ascii: "D"): .hydrogen
    default: nil
    }
  }
}
