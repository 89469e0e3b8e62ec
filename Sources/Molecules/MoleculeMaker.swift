import Bytes
import Dispatch
import Records

/// Makes the row or the graph of a molecule.
struct MoleculeMaker: Sendable {
  let schema: Schema?
  let graphSchema: GraphSchema?
  private let encoders: [any MoleculeEncoder]
  private let grapher: (any MoleculeGrapher)?
  private let largestFragment: Bool

  init(_ options: MoleculeStream.Options) throws {
    precondition(options.encode.isEmpty != (options.graph == nil))
    encoders = try options.encode.map { try MoleculeCatalog.encoder($0) }
    grapher = try options.graph.map { try MoleculeCatalog.grapher($0) }
    schema = encoders.isEmpty ? nil : try Schema(names: encoders.flatMap(\.names))
    graphSchema = try grapher?.schema
    largestFragment = options.largestFragment
  }

  /// The numbers of a row, or about those of a graph.
  var width: Int { schema?.names.count ?? 40 * (graphSchema?.nodes.count ?? 1) }

  private func molecule(_ text: MoleculeReader.Text) throws -> (molecule: Molecule, isCut: Bool) {
    let molecule = try Molecule(smiles: text.smiles)
    guard largestFragment else { return (molecule, false) }
    let largest = molecule.largestFragment
    return (largest, largest.atoms.count < molecule.atoms.count)
  }

  /// The row of a molecule, and whether fragments were left out; throws a `SMILESFault`.
  func row(_ text: MoleculeReader.Text) throws -> (record: StreamRecord, isCut: Bool) {
    let (molecule, isCut) = try molecule(text)
    var record = StreamRecord(bag: text.id, hasBag: false, place: text.place)
    record.instances = [StreamRecord.Instance(id: text.id)]
    record.kept = text.kept
    let width = schema?.names.count ?? 0
    record.values = [Double](unsafeUninitializedCapacity: width) { values, count in
      var first = 0
      for encoder in encoders {
        let next = first + encoder.names.count
        encoder.encode(molecule, into: UnsafeMutableBufferPointer(rebasing: values[first..<next]))
        first = next
      }
      count = width
    }
    return (record, isCut)
  }

  /// The graph of a molecule, and whether fragments were left out; throws a `SMILESFault`.
  func graph(_ text: MoleculeReader.Text) throws -> (record: GraphRecord, isCut: Bool) {
    guard let grapher else { preconditionFailure("rows are made, not graphs") }
    let (molecule, isCut) = try molecule(text)
    return (try grapher.graph(of: molecule, id: text.id, at: text.place), isCut)
  }
}

/// Molecules that go to a thread together and come back as lines: one thread at a time has them.
final class MoleculePart: @unchecked Sendable {
  var texts: [MoleculeReader.Text] = []
  /// The error that ended the input after these molecules.
  var failure: (any Error)?
  var isLast = false
  /// For each molecule the end of its line in `bytes`, and whether fragments were left out; or its error.
  var results: [Result<(end: Int, isCut: Bool), any Error>] = []
  var bytes: [UInt8] = []
  private let ready = DispatchSemaphore(value: 0)

  /// The number of molecules of a part: enough that threads rarely wait, few enough to stay small.
  static func size(width: Int) -> Int { max(1, min(256, (1 << 18) / max(1, width))) }

  /// Empties the part for the next molecules.
  func clear() {
    texts.removeAll(keepingCapacity: true)
    results.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }

  /// Waits until the lines are made.
  func wait() { ready.wait() }

  func finish() { ready.signal() }
}

/// Makes the lines of parts, one after the other, on the caller's thread or its own.
final class MoleculeWorker: @unchecked Sendable {
  private let maker: MoleculeMaker
  private let rows: RecordFormatter?
  private let graphs: GraphFormatter?
  private let queue = DispatchQueue(label: "millrace.molecules", qos: .userInitiated)

  init(_ maker: MoleculeMaker, _ writer: MoleculeStream.Writer) {
    self.maker = maker
    switch writer {
    case .rows(let writer): (rows, graphs) = (writer.anotherFormatter(), nil)
    case .graphs(let writer): (rows, graphs) = (nil, writer.anotherFormatter())
    }
  }

  /// Begins with a part on a thread of its own.
  func start(_ part: MoleculePart) { queue.async { [self] in work(on: part) } }

  /// Makes the lines of a part.
  func work(on part: MoleculePart) {
    defer { part.finish() }
    part.results.reserveCapacity(part.texts.count)
    for text in part.texts {
      part.results.append(
        Result {
          let isCut = try append(text, to: &part.bytes)
          return (part.bytes.count, isCut)
        })
    }
  }

  private func append(_ text: MoleculeReader.Text, to bytes: inout [UInt8]) throws -> Bool {
    if let rows {
      let (record, isCut) = try maker.row(text)
      bytes.append(contentsOf: try rows.lines(of: record))
      return isCut
    }
    let (record, isCut) = try maker.graph(text)
    if let graphs { bytes.append(contentsOf: try graphs.line(of: record)) }
    return isCut
  }
}
