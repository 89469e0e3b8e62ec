/// The chemical elements: symbols and weights, and what the rules of valence and aromaticity need to know.
///
/// The valences are those that RDKit allows (2026.09), so that the same SMILES are read and refused; the weights are
/// standard atomic weights (IUPAC) to three digits, as RDKit has them.
enum Element {
  /// The number of elements, with that of any element, number 0.
  static let count = entries(of: table).count

  /// The symbols by atomic number; `*` for an atom of any element.
  static let symbols = entries(of: table).map { String($0[0]) }

  /// The atomic number of each symbol.
  static let numbers = Dictionary(uniqueKeysWithValues: symbols.enumerated().map { ($1, UInt8($0)) })

  /// The average atomic weight by atomic number.
  static let weights = entries(of: table).map { Double($0[3]) ?? 0 }

  /// The number of outer electrons by atomic number.
  static let outer = entries(of: table).map { Int($0[1]) ?? 0 }

  /// The allowed valences by atomic number, in ascending order; -1 at the end allows any.
  static let valences = entries(of: table).map { fields in fields[2].split(separator: ",").map { Int($0) ?? -1 } }

  /// The valence that implicit hydrogens fill up to first; -1 where there are none.
  static let valence = valences.map { $0[0] }

  /// The largest allowed valence; -1 allows any.
  static let mostValence = valences.map { $0[$0.count - 1] }

  /// Whether an element attracts electrons more than another one: by outer electrons, then by the lighter atom.
  static func attracts(_ a: UInt8, moreThan b: UInt8) -> Bool {
    let (first, second) = (outer[Int(a)], outer[Int(b)])
    return first == second ? a < b : first > second
  }

  /// Whether an element is left of carbon in the periodic table, where a positive charge lowers the valence.
  static func isEarly(_ number: UInt8) -> Bool {
    switch number {
    case 3...5, 11...13, 19...22, 30...32, 37...41, 48...51, 55...60, 72, 73, 80...83, 87...93, 104...118: true
    default: false
    }
  }

  /// Whether an element is a metal, to which a ligand may give both electrons of a bond.
  static func isMetal(_ number: UInt8) -> Bool {
    switch number {
    case 0...2, 5...10, 14...18, 32...36, 51...54, 84...86: false
    default: true
    }
  }

  /// The mass of an isotope: of those that label compounds, the measured one (AME2020); else the mass number.
  static func mass(of number: UInt8, isotope: UInt16) -> Double {
    isotope == 0 || number == 0 ? weights[Int(number)] : isotopes[Int(number) << 16 | Int(isotope)] ?? Double(isotope)
  }

  /// The words of each entry of a table, which end at `;` or a line's end.
  private static func entries(of table: String) -> [[Substring]] {
    table.split(whereSeparator: { $0 == ";" || $0 == "\n" }).map { $0.split(separator: " ") }.filter { !$0.isEmpty }
  }

  private static let isotopes: [Int: Double] = {
    var masses: [Int: Double] = [:]
    for fields in entries(of: isotopeTable) {
      masses[(Int(fields[0]) ?? 0) << 16 | (Int(fields[1]) ?? 0)] = Double(fields[2])
    }
    return masses
  }()

  /// Atomic number, mass number, mass in dalton.
  private static let isotopeTable = """
    1 1 1.007825032; 1 2 2.014101778; 1 3 3.016049278; 3 6 6.015122795; 3 7 7.01600455; 5 10 10.012937;
    5 11 11.0093054; 6 11 11.0114336; 6 12 12; 6 13 13.00335484; 6 14 14.00324199; 7 13 13.00573861; 7 14 14.003074;
    7 15 15.0001089; 8 15 15.0030656; 8 16 15.99491462; 8 17 16.9991317; 8 18 17.999161; 9 18 18.000938;
    9 19 18.99840322; 12 25 24.98583692; 12 26 25.98259293; 14 28 27.97692653; 14 29 28.9764947; 14 30 29.97377017;
    15 31 30.97376163; 15 32 31.97390727; 15 33 32.9717255; 16 32 31.972071; 16 33 32.97145876; 16 34 33.9678669;
    16 35 34.96903216; 17 35 34.96885268; 17 36 35.96830698; 17 37 36.96590259; 19 40 39.96399848;
    19 41 40.96182576; 20 43 42.9587666; 20 44 43.9554818; 20 45 44.9561866; 24 51 50.9447674; 26 54 53.9396105;
    26 57 56.935394; 26 59 58.9348755; 27 57 56.9362914; 27 58 57.9357528; 27 60 59.9338171; 29 62 61.932584;
    29 64 63.9297642; 29 65 64.9277895; 29 67 66.9277303; 31 67 66.9282017; 31 68 67.9279801; 34 75 74.9225234;
    34 77 76.919914; 35 75 74.925776; 35 76 75.924541; 35 77 76.921379; 35 79 78.9183371; 35 81 80.9162906;
    35 82 81.9168041; 38 89 88.9074507; 38 90 89.907738; 39 86 85.914886; 39 90 89.9071519; 40 89 88.90889;
    43 94 93.909657; 43 99 98.9062547; 49 111 110.905103; 53 120 119.910048; 53 122 121.907589; 53 123 122.905589;
    53 124 123.9062099; 53 125 124.9046302; 53 127 126.904473; 53 129 128.904988; 53 131 130.9061246;
    57 138 137.907112; 71 177 176.9437581; 75 186 185.9549861; 75 188 187.9581144; 81 201 200.970819;
    83 213 212.994385; 85 211 210.9874963; 88 223 223.0185022; 89 225 225.02323
    """

  /// Symbol, outer electrons, valences, weight.
  private static let table = """
    * 0 -1 0; H 1 1 1.008; He 2 0 4.003; Li 1 1,-1 6.941; Be 2 2 9.012; B 3 3 10.812; C 4 4 12.011; N 5 3 14.007;
    O 6 2 15.999; F 7 1 18.998; Ne 8 0 20.18; Na 1 1,-1 22.99; Mg 2 2,-1 24.305; Al 3 3 26.982; Si 4 4 28.086;
    P 5 3,5 30.974; S 6 2,4,6 32.067; Cl 7 1 35.453; Ar 8 0 39.948; K 1 1,-1 39.098; Ca 2 2,-1 40.078;
    Sc 3 -1 44.956; Ti 4 -1 47.867; V 5 -1 50.944; Cr 6 -1 51.996; Mn 7 -1 54.938; Fe 8 -1 55.845; Co 9 -1 58.933;
    Ni 10 -1 58.693; Cu 11 -1 63.546; Zn 2 -1 65.39; Ga 3 3 69.723; Ge 4 4 72.61; As 5 3,5 74.922; Se 6 2,4,6 78.96;
    Br 7 1 79.904; Kr 8 0 83.8; Rb 1 1,-1 85.468; Sr 2 2,-1 87.62; Y 3 -1 88.906; Zr 4 -1 91.224; Nb 5 -1 92.906;
    Mo 6 -1 95.94; Tc 7 -1 98; Ru 8 -1 101.07; Rh 9 -1 102.906; Pd 10 -1 106.42; Ag 11 -1 107.868; Cd 2 -1 112.412;
    In 3 3 114.818; Sn 4 2,4 118.711; Sb 5 3,5 121.76; Te 6 2,4,6 127.6; I 7 1,3,5 126.904; Xe 8 0,2,4,6 131.29;
    Cs 1 1 132.905; Ba 2 2,-1 137.328; La 3 -1 138.906; Ce 4 -1 140.116; Pr 3 -1 140.908; Nd 4 -1 144.24;
    Pm 5 -1 145; Sm 6 -1 150.36; Eu 7 -1 151.964; Gd 8 -1 157.25; Tb 9 -1 158.925; Dy 10 -1 162.5; Ho 11 -1 164.93;
    Er 12 -1 167.26; Tm 13 -1 168.934; Yb 14 -1 173.04; Lu 15 -1 174.967; Hf 4 -1 178.49; Ta 5 -1 180.948;
    W 6 -1 183.84; Re 7 -1 186.207; Os 8 -1 190.23; Ir 9 -1 192.217; Pt 10 -1 195.078; Au 11 -1 196.967;
    Hg 2 -1 200.59; Tl 3 -1 204.383; Pb 4 2,4 207.2; Bi 5 3,5 208.98; Po 6 2,4,6 209; At 7 1,3,5 210; Rn 8 0 222;
    Fr 1 1 223; Ra 2 2,-1 226; Ac 3 -1 227; Th 4 -1 232.038; Pa 3 -1 231.036; U 4 -1 238.029; Np 5 -1 237;
    Pu 6 -1 244; Am 7 -1 243; Cm 8 -1 247; Bk 9 -1 247; Cf 10 -1 251; Es 11 -1 252; Fm 12 -1 257; Md 13 -1 258;
    No 14 -1 259; Lr 15 -1 262; Rf 2 -1 267; Db 2 -1 268; Sg 2 -1 269; Bh 2 -1 270; Hs 2 -1 269; Mt 2 -1 278;
    Ds 2 -1 281; Rg 2 -1 281; Cn 2 -1 285; Nh 2 -1 284; Fl 2 -1 289; Mc 2 -1 288; Lv 2 -1 293; Ts 2 -1 292;
    Og 2 -1 294
    """
}
