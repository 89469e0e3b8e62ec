/// The built-in properties of the twenty residues.
enum ResidueProperties {
  /// The order of the published tables and of PseAAC's columns.
  static let order = "ARNDCQEGHILKMFPSTWYV"

  /// Of APAAC: the first two of `pseudo`.
  static let amphiphilic = PropertyTable(
    .residues, names: Array(pseudo.names.prefix(2)), standardized: Array(pseudo.values.prefix(2)))

  /// Of PAAC: hydrophobicity (Tanford 1962), hydrophilicity (Hopp and Woods 1981), side chain mass.
  static let pseudo = PropertyTable([
    (
      "H1",
      [
        0.62, -2.53, -0.78, -0.9, 0.29, -0.85, -0.74, 0.48, -0.4, 1.38, 1.06, -1.5, 0.64, 1.19, 0.12, -0.18, -0.05,
        0.81, 0.26, 1.08,
      ]
    ),
    (
      "H2",
      [-0.5, 3, 0.2, 3, -1, 0.2, 3, 0, -0.5, -1.8, -1.8, 3, -1.3, -2.5, 0, 0.3, -0.4, -3.4, -2.3, -1.5]
    ),
    ("M", [15, 101, 58, 59, 47, 72, 73, 1, 82, 57, 57, 73, 75, 91, 42, 31, 45, 130, 107, 43]),
  ])
}
