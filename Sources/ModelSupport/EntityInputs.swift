import Bags
import Bytes
import Features
import Models
import Records

extension MethodChoice {
  /// Whether the method reads graphs, sequences or rows of the partners, not features of pairs.
  public var takesEntities: Bool { inputs.contains { $0.side != .pair } }
  /// Whether its instances are pairs of the nodes of two graphs.
  public var takesNodePairs: Bool { inputs.contains { $0.side == .both } }
}

extension EntityInput {
  /// The inputs that a method reads, made of these blocks. Throws `BagsError` for blocks of other forms.
  public init(_ blocks: [PairBlock], for choice: MethodChoice, _ tally: NoticeCounter = NoticeCounter()) throws {
    self =
      choice.takesNodePairs ? .nodes(try NodePairs(blocks)) : .sides(try EntityPorts(blocks, for: choice, tally))
  }

  /// The inputs of a model, made of the blocks of a source of bags, whose columns must be those of the model. Throws
  /// `EntityMismatch`, and `BagsError` for blocks of other forms.
  init(of file: ModelFile, path: String, _ source: any BagSource, _ tally: NoticeCounter) throws {
    guard let blocks = (source as? PairBags)?.blocks ?? (source as? NoBags)?.blocks else {
      throw EntityMismatch(path: path, reason: nil)
    }
    try self.init(blocks, for: file.card.choice, tally)
    for port in file.card.ports {
      let features = self.features(of: port.name)
      guard let found = ports.first(where: { $0.name == port.name }) else {
        throw EntityMismatch(path: path, reason: "no block gives its input \(port.name)")
      }
      if found == port.spec, features == port.features { continue }
      let other = zip(features, port.features).first { $0 != $1 }
      throw EntityMismatch(
        path: path,
        reason: other.map { "feature '\($0)' of \(port.name) where the model has '\($1)'" }
          ?? "\(port.name) has \(found.width) columns where the model has \(port.spec.width)",
        neighbours: (other?.1).flatMap(Self.neighbours))
    }
  }
}

extension EntityInput {
  /// The number of neighbours of graphs of residues by a name of an edge's column: 20 for near.distance, 10 for
  /// near-k10.distance; nil for other names.
  private static func neighbours(_ column: String) -> Int? {
    let name = column.prefix { $0 != "." }
    return name == "near" ? 20 : name.hasPrefix("near-k") ? Int(name.dropFirst("near-k".count)) : nil
  }
}

extension EntityPorts {
  /// The inputs that a method reads, made of these blocks. Throws `BagsError` for blocks of other forms.
  init(_ blocks: [PairBlock], for choice: MethodChoice, _ tally: NoticeCounter) throws {
    for block in blocks { try Self.check(block, blocks, choice) }
    try self.init(blocks, tally: tally) { side in
      for input in choice.inputs where input.side.rawValue == side.rawValue {
        guard case .tokens(let name, _, let length) = input.form else { continue }
        guard let alphabet = TokenAlphabet.named(name) else { preconditionFailure("an alphabet of this name") }
        return Tokens(alphabet, length: length)
      }
      return nil
    }
  }
}

extension EntityPorts {
  /// The form of a block in words, or that of what a method reads of a side.
  private static func words(_ isGraph: Bool) -> String { isGraph ? "graphs" : "sequences" }

  /// Throws `BagsError` for a block of another form than the method reads of its side.
  private static func check(_ block: PairBlock, _ blocks: [PairBlock], _ choice: MethodChoice) throws {
    guard let entities = block.entities else { return }
    /// Whether a side is read as graphs; nil where it is not read.
    func takesGraphs(_ side: Side) -> Bool? {
      choice.inputs.first { $0.side.rawValue == side.rawValue }.map { $0.form == .graph }
    }
    let isGraph = entities.form != .sequence
    for side in block.spec.kind.sides where takesGraphs(side) != isGraph {
      var hint: String?
      let areExchanged = blocks.allSatisfy { block in
        guard let entities = block.entities, block.spec.kind.sides.count == 1 else { return false }
        return takesGraphs(block.spec.kind == .a ? .b : .a) == (entities.form != .sequence)
      }
      if areExchanged {
        let exchanged = blocks.map { "--block \($0.spec.name)=\($0.spec.kind == .a ? "b" : "a"):\($0.spec.file)" }
        hint = "are the sides exchanged? " + exchanged.joined(separator: " ")
      } else if !isGraph {
        hint = "molfeat --graph graphdta \(block.spec.file) makes graphs of SMILES"
      } else {
        hint = "give the sequences themselves: FASTA, or a table with the columns id and smiles"
      }
      throw BagsError(
        .otherForm(
          block: block.spec.name, holds: words(isGraph), side: side, takes: takesGraphs(side).map(words), hint: hint),
        at: SourceLocation(source: block.spec.file))
    }
  }
}

/// The error that blocks do not give the graphs and sequences that a model reads.
public struct EntityMismatch: Diagnosable {
  let path: String
  let reason: String?
  /// The neighbours of a residue in the graphs of the model, where that is what differs.
  var neighbours: Int?

  /// Status 65 with the model file.
  public var diagnostic: Diagnostic {
    Diagnostic(
      .data,
      reason.map { "the blocks are not those of the model: \($0)" }
        ?? "the model reads graphs or sequences, which a stream of bags does not hold",
      at: SourceLocation(source: path),
      hint: neighbours.map { "resfeat --graph neighbours=\($0) makes graphs for this model" }
        ?? "--pairs FILE with --block NAME=a:FILE and --block NAME=b:FILE, the files of the kind that trained it")
  }
}
