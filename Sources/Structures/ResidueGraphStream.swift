import Bytes
import Dispatch
import Records

/// Turns structure files into a stream of graphs, one after the other.
public struct ResidueGraphStream {
  /// The options of the graphs.
  public let graph: ResidueGraph
  /// The profiles of columns 0–19, where the graph has them.
  public var profiles: ResidueProfiles?
  /// The residues and models that are taken.
  public var options = StructureOptions()
  /// The form of the files.
  public var format = StructureReader.Format.auto
  /// The counts of what was repaired and left out so far.
  public private(set) var counts = StructureCounts()
  private var ids: Set<String> = []

  /// A stream of graphs of the default rules.
  public init(_ graph: ResidueGraph) { self.graph = graph }

  /// Writes the graph of each file. Memory: `threads` structures and their graphs.
  ///
  /// - Parameters:
  ///   - paths: the files; `-` is standard input.
  ///   - threads: how many graphs are made at a time; the bytes are the same for any number.
  ///   - report: takes warnings.
  /// - Throws: `StructureError`, and what reading and writing throw, after the graphs of all files before.
  public mutating func run(
    _ paths: [String], into writer: GraphWriter, threads: Int = 1, report: (Diagnostic) -> Void
  ) throws {
    let formatters = (0..<max(1, threads)).map { _ in writer.anotherFormatter() }
    var left = paths[...]
    while !left.isEmpty {
      var structures: [Structure] = []
      var failure: (any Error)?
      while structures.count < formatters.count, failure == nil, let path = left.popFirst() {
        do { structures.append(try read(path, report)) } catch { failure = error }
      }
      let work = Work(structures, formatters, graph, profiles)
      DispatchQueue.concurrentPerform(iterations: structures.count) { work.run($0) }
      for line in work.lines { try writer.write(line: line.get()) }
      if let failure { throw failure }
    }
    try writer.finish()
  }

  private mutating func read(_ path: String, _ report: (Diagnostic) -> Void) throws -> Structure {
    var structure = try StructureReader.read(path, format: format, options: options, warn: report)
    structure.id += (options.chains ?? []).map { "_" + $0 }.joined()
    guard ids.insert(structure.id).inserted else {
      throw StructureError(
        .residue, "a structure before this one has the id \(Diagnostic.quoted(structure.id)) too",
        at: SourceLocation(source: structure.source), hint: "ids come from the names of files: give them other names")
    }
    counts.add(structure.counts)
    return structure
  }

  /// Structures that become lines on several threads, each writing its own.
  private final class Work: @unchecked Sendable {
    private let structures: [Structure]
    private let formatters: [GraphFormatter]
    private let graph: ResidueGraph
    private let profiles: ResidueProfiles?
    private(set) var lines: [Result<UnsafeRawBufferPointer, any Error>]
    private let turn = DispatchSemaphore(value: 1)

    init(
      _ structures: [Structure], _ formatters: [GraphFormatter], _ graph: ResidueGraph, _ profiles: ResidueProfiles?
    ) {
      (self.structures, self.formatters, self.graph, self.profiles) = (structures, formatters, graph, profiles)
      lines = structures.map { _ in .success(UnsafeRawBufferPointer(start: nil, count: 0)) }
    }

    /// Makes the line of one structure, which holds until its formatter makes another.
    func run(_ number: Int) {
      let structure = structures[number]
      let line = Result<UnsafeRawBufferPointer, any Error> {
        let profile = try profiles?.values(for: structure)
        return try formatters[number].line(of: graph.record(of: structure, profile: profile))
      }
      turn.wait()
      lines[number] = line
      turn.signal()
    }
  }
}
