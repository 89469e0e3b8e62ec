/// The contributions of atoms to log P (Wildman and Crippen 1999, J. Chem. Inf. Comput. Sci. 39:868, table 1), in the
/// SMARTS and the order of RDKit (BSD licence): an atom is of the first type that
/// matches.
enum CrippenTable {
  /// The words of the table: pattern and contribution by turns.
  private static let words = table.split(whereSeparator: { $0 == "|" || $0 == "\n" || $0 == " " })
  private static let patterns = Patterns(
    stride(from: 0, to: words.count, by: 2).map { String(words[$0]) })
  private static let contributions = stride(from: 1, to: words.count, by: 2).map {
    Double(words[$0]) ?? .nan
  }
  /// The types that an atom of each element can be of, one after the other: those of element n begin at `starts[n]`.
  private static let types = (0..<Element.count).flatMap { possible($0) }
  private static let starts = (0..<Element.count).reduce(into: [0]) {
    $0.append(($0.last ?? 0) + possible($1).count)
  }

  private static func possible(_ number: Int) -> [Int] {
    contributions.indices.filter { patterns.canBegin($0, at: number) }
  }

  /// The sum of the contributions of all atoms, hydrogens included; an atom of no type adds nothing.
  static func logP(_ target: PatternTarget) -> Double {
    let (patterns, types, starts, contributions) = (patterns, types, starts, contributions)
    var sum = 0.0
    for index in target.atoms.indices {
      let number = target.atoms[index].number
      for place in starts[number]..<starts[number + 1]
      where patterns.matches(types[place], target, at: index) {
        sum += contributions[types[place]]
        break
      }
    }
    return sum
  }

  /// SMARTS and contribution of C1 to CS, H1 to HS, N1 to NS, O1 to OS, halogens, P, S and metals.
  private static let table = """
    [CH4] 0.1441 | [CH3]C 0.1441 | [CH2](C)C 0.1441 | [CH](C)(C)C 0 | [C](C)(C)(C)C 0 |
    [CH3][N,O,P,S,F,Cl,Br,I] -0.2035 | [CH2X4]([N,O,P,S,F,Cl,Br,I])[A;!#1] -0.2035 |
    [CH1X4]([N,O,P,S,F,Cl,Br,I])([A;!#1])[A;!#1] -0.2051 |
    [CH0X4]([N,O,P,S,F,Cl,Br,I])([A;!#1])([A;!#1])[A;!#1] -0.2051 | [C]=[!C;A;!#1] -0.2783 | [CH2]=C 0.1551 |
    [CH1](=C)[A;!#1] 0.1551 | [CH0](=C)([A;!#1])[A;!#1] 0.1551 | [C](=C)=C 0.1551 | [CX2]#[A;!#1] 0.0017 |
    [CH3]c 0.08452 | [CH3]a -0.1444 | [CH2X4]a -0.0516 | [CHX4]a 0.1193 | [CH0X4]a -0.0967 |
    [cH0]-[A;!C;!N;!O;!S;!F;!Cl;!Br;!I;!#1] -0.5443 | [c][#9] 0 | [c][#17] 0.245 | [c][#35] 0.198 | [c][#53] 0 |
    [cH] 0.1581 | [c](:a)(:a):a 0.2955 | [c](:a)(:a)-a 0.2713 | [c](:a)(:a)-C 0.136 | [c](:a)(:a)-N 0.4619 |
    [c](:a)(:a)-O 0.5437 | [c](:a)(:a)-S 0.1893 | [c](:a)(:a)=[C,N,O] -0.8186 | [C](=C)(a)[A;!#1] 0.264 |
    [C](=C)(c)a 0.264 | [CH1](=C)a 0.264 | [C]=c 0.264 | [CX4][A;!C;!N;!O;!P;!S;!F;!Cl;!Br;!I;!#1] 0.2148 |
    [#6] 0.08129 | [#1][#6,#1] 0.123 | [#1]O[CX4,c] -0.2677 | [#1]O[!#6;!#7;!#8;!#16] -0.2677 |
    [#1][!#6;!#7;!#8] -0.2677 |
    [#1][#7] 0.2142 | [#1]O[#7] 0.2142 | [#1]OC=[#6,#7,O,S] 0.298 | [#1]O[O,S] 0.298 | [#1] 0.1125 |
    [NH2+0][A;!#1] -1.019 | [NH+0]([A;!#1])[A;!#1] -0.7096 | [NH2+0]a -1.027 | [NH1+0]([!#1;A,a])a -0.5188 |
    [NH+0]=[!#1;A,a] 0.08387 | [N+0](=[!#1;A,a])[!#1;A,a] 0.1836 | [N+0]([A;!#1])([A;!#1])[A;!#1] -0.3187 |
    [N+0](a)([!#1;A,a])[A;!#1] -0.4458 | [N+0](a)(a)a -0.4458 | [N+0]#[A;!#1] 0.01508 |
    [NH3,NH2,NH;+,+2,+3] -1.95 | [n+0] -0.3239 | [n;+,+2,+3] -1.119 |
    [NH0;+,+2,+3]([A;!#1])([A;!#1])([A;!#1])[A;!#1] -0.3396 | [NH0;+,+2,+3](=[A;!#1])([A;!#1])[!#1;A,a] -0.3396 |
    [NH0;+,+2,+3](=[#6])=[#7] -0.3396 | [N;+,+2,+3]#[A;!#1] 0.2887 | [N;-,-2,-3] 0.2887 |
    [N;+,+2,+3](=[N;-,-2,-3])=N 0.2887 | [#7] -0.4806 | [o] 0.1552 | [OH,OH2] -0.2893 |
    [O]([A;!#1])[A;!#1] -0.0684 | [O](a)[!#1;A,a] -0.4195 | [O]=[#7,#8] 0.0335 | [OX1;-,-2,-3][#7] 0.0335 |
    [OX1;-,-2,-2][#16] -0.3339 | [O;-0]=[#16;-0] -0.3339 | [O-]C(=O) -1.326 | [OX1;-,-2,-3][!#1;!N;!S] -1.189 |
    [O]=c 0.1788 | [O]=[CH]C -0.1526 | [O]=C(C)([A;!#1]) -0.1526 | [O]=[CH][N,O] -0.1526 | [O]=[CH2] -0.1526 |
    [O]=[CX2]=O -0.1526 | [O]=[CH]c 0.1129 | [O]=C([C,c])[a;!#1] 0.1129 | [O]=C(c)[A;!#1] 0.1129 |
    [O]=C([!#1;!#6])[!#1;!#6] 0.4833 | [#8] -0.1188 | [#9-0] 0.4202 | [#17-0] 0.6895 | [#35-0] 0.8456 |
    [#53-0] 0.8857 | [#9,#17,#35,#53;-] -2.996 | [#53;+,+2,+3] -2.996 | [+;#3,#11,#19,#37,#55] -2.996 |
    [#15] 0.8612 | [S;-,-2,-3,-4,+1,+2,+3,+5,+6] -0.0024 | [S-0]=[N,O,P,S] -0.0024 | [S;A] 0.6482 | [s;a] 0.6237 |
    [#3,#11,#19,#37,#55] -0.3808 | [#4,#12,#20,#38,#56] -0.3808 | [#5,#13,#31,#49,#81] -0.3808 |
    [#14,#32,#50,#82] -0.3808 | [#33,#51,#83] -0.3808 | [#34,#52,#84] -0.3808 |
    [#21,#22,#23,#24,#25,#26,#27,#28,#29,#30] -0.0025 | [#39,#40,#41,#42,#43,#44,#45,#46,#47,#48] -0.0025 |
    [#72,#73,#74,#75,#76,#77,#78,#79,#80] -0.0025 |
    """
}
