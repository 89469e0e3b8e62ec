import Bytes
import Molecules
import Records
import Testing
import Workbench

/// The files of the tests.
enum Golden {
  /// The folder of the fixtures.
  static let fixtures = Repository.root + "/Tests/MoleculesTests/Fixtures/"
  /// The reference set outside the repository, where there is one; nil elsewhere.
  static let shared = Shared.root.map { $0 + "/golden/smiles/" }.flatMap { Files.isFolder($0) ? $0 : nil }

  /// The rows of a table, gzip or not, with its header; a test whose file is missing fails.
  static func rows(_ path: String) throws -> [[String]] {
    let table = try TableReader(Input.open(path))
    var rows: [[String]] = []
    while let row = try table.next() { rows.append((0..<row.count).map { row.field($0) }) }
    #expect(!rows.isEmpty)
    return rows
  }
}

/// The molecule of a SMILES, with its atoms and bonds as the fixtures write them.
struct Described {
  let molecule: Molecule

  init(_ smiles: String) throws { molecule = try Molecule(smiles: smiles) }

  var atoms: String {
    molecule.atoms.enumerated().map { index, atom in
      "\(atom.symbol),\(molecule.degree(of: index)),\(atom.hydrogens),\(atom.impliedHydrogens),\(atom.charge),"
        + (atom.isAromatic ? "1" : "0")
    }.joined(separator: " ")
  }

  var bonds: String {
    if molecule.bonds.isEmpty { return "-" }
    return molecule.bonds.map { "\($0.begin)-\($0.end)-\($0.isAromatic && $0.order < 3 ? 12 : Int($0.order))" }
      .joined(separator: " ")
  }

  /// The features of an encoder.
  func features(_ encoder: any MoleculeEncoder) -> [Double] {
    var values = [Double](repeating: .nan, count: encoder.names.count)
    values.withUnsafeMutableBufferPointer { encoder.encode(molecule, into: $0) }
    return values
  }

  /// The columns that are not 0.
  func columns(_ encoder: any MoleculeEncoder) -> [Int] {
    let values = features(encoder)
    return values.indices.filter { values[$0] != 0 }
  }
}

/// The fault of a SMILES as `position: message`, the position from 1; nil where it is read.
func fault(_ smiles: String) -> String? {
  do {
    _ = try Molecule(smiles: smiles)
    return nil
  } catch {
    return "\(error.offset + 1): \(error.message)"
  }
}

/// The output, the warnings and the error of a stream.
struct Run {
  var text = ""
  var warnings: [String] = []
  var error: String?
  var counts = MoleculeStream.Counts()

  init(
    _ input: String, threads: Int = 1, format: OutputFormat? = nil,
    _ change: (inout MoleculeStream.Options) -> Void = { $0.encode = ["descriptors"] },
    reading: (inout MoleculeReader.Options) -> Void = { _ in }
  ) {
    let sink = ByteSink.memory()
    do {
      var options = MoleculeStream.Options()
      change(&options)
      var readerOptions = MoleculeReader.Options()
      readerOptions.badRows = options.badRows
      reading(&readerOptions)
      var warnings: [String] = []
      defer { self.warnings = warnings }
      var stream = try MoleculeStream(options)
      defer { counts = stream.counts }
      let report = { (diagnostic: Diagnostic) in warnings.append(diagnostic.text(tool: "t")) }
      let reader = try MoleculeReader(
        MemorySource(input, name: "in", block: 100), options: readerOptions, report: report)
      let writer: MoleculeStream.Writer =
        if let schema = stream.graphSchema {
          .graphs(GraphWriter(sink, schema: schema, header: true, madeBy: "t"))
        } else {
          .rows(
            RecordWriter(
              sink, format: format ?? reader.format, kind: .feature, schema: stream.schema, columns: .feature,
              header: true, madeBy: "t"))
        }
      try stream.run(reader, into: writer, threads: threads, report: report)
    } catch let error as Diagnosable {
      self.error = error.diagnostic.text(tool: "t")
    } catch {
      self.error = "another error: \(error)"
    }
    text = String(decoding: sink.bytes, as: UTF8.self)
  }
}
