import ArgumentParser
import Bytes
import CommandSupport
import Records
import Structures

extension StructureReader.Format: ExpressibleByArgument {}

@main struct Resfeat: Tool {
  static let toolName = "resfeat"
  static let example = """
    resfeat --graph neighbours=20 1AVX_l_u.pdb.gz 1AVX_r_u.pdb.gz > graphs.ndjson
    resfeat --contacts 6 --bound-a A=1avx.cif --bound-b B=1avx.cif --onto-a l.pdb --onto-b r.pdb > contacts.tsv
    """

  static let configuration = CommandConfiguration(
    commandName: "resfeat",
    abstract: "Turn protein structures into graphs of residues, or a complex into its labelled residue pairs.",
    discussion: """
      PDB and mmCIF files in. With --graph a record out for each: a row of 76 numbers for every residue, edges from \
      its nearest neighbours, and the residues' names. With --contacts a table of residue pairs, 1 where they touch.
      """,
    version: versionLine)

  @Option(
    help: ArgumentHelp(
      "Write the graph of each structure; neighbours=20 joins each residue to its 20 nearest.", valueName: "settings"))
  var graph: String?

  @OptionGroup(title: "Structures") var structures: StructureReadingOptions
  @OptionGroup(title: "Contacts") var contact: ContactOptions
  @OptionGroup(title: "Pictures") var painting: PaintOptions
  @OptionGroup var input: FileArguments
  @OptionGroup var work: ThreadOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  mutating func run(_ context: ToolContext) throws {
    if let scores = painting.paint { return try paint(scores, context) }
    try ToolFailure.refuse(painting.given, without: "--paint")
    switch (graph, contact.contacts) {
    case (let settings?, nil): try writeGraphs(settings, context)
    case (nil, let distance?): try writeContacts(distance, context)
    case (nil, nil):
      throw ToolFailure.usage(
        "neither --graph nor --contacts is given", hint: "resfeat --graph neighbours=20 FILE writes graphs of residues")
    case (_?, _?): throw ToolFailure.usage("--graph and --contacts write different things: run resfeat once for each")
    }
  }

  private func writeGraphs(_ settings: String, _ context: ToolContext) throws {
    try ToolFailure.refuse(contact.given, without: "--contacts")
    if output.outputFormat == .tsv { throw ToolFailure.usage("graphs have no TSV form", hint: "leave out -O tsv") }
    let graph = try ResidueGraph(settings, hasProfile: !structures.pssm.isEmpty)
    let profiles = structures.pssm.map { ChainFile($0) }
    let inputs = input.paths + profiles.map(\.path)
    try checkInputs(inputs)
    if !profiles.isEmpty && input.paths.count > 1 {
      throw ToolFailure.usage(
        "--pssm is of one protein, and there are \(input.paths.count) structures", hint: "run resfeat once for each")
    }
    try input.refuseTerminal()
    var stream = ResidueGraphStream(graph)
    stream.options = try structures.options(chains: structures.chains.map { ChainFile.names($0) })
    stream.format = structures.inputFormat
    if !profiles.isEmpty {
      stream.profiles = try ResidueProfiles(
        profiles.map { ($0.chains, try ResidueProfile(reading: Input.open($0.path))) })
    }
    let (file, _) = try output.open(default: .ndjson)
    do {
      let writer = GraphWriter(
        file.sink, schema: try graph.schema, header: output.header, madeBy: Self.versionLine)
      // Who waits for each graph gets it when it is made, and not when many are.
      let isLive = output.lineBuffered || output.output == "-" && context.isStdoutTerminal
      try stream.run(input.paths, into: writer, threads: isLive ? 1 : work.count, report: context.warn)
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
    for note in stream.counts.notes { context.note(note.text, count: note.count) }
  }

  /// The least share of equal residues between two structures of one protein.
  private static let leastIdentity = 0.3

  private func writeContacts(_ distance: Double, _ context: ToolContext) throws {
    if !input.files.isEmpty {
      throw ToolFailure.usage(
        "--contacts reads no further file, and \(input.files[0]) is one", hint: "--bound-a and --bound-b name the files"
      )
    }
    try ToolFailure.refuse(
      [("--chains", structures.chains != nil), ("--pssm", !structures.pssm.isEmpty)], without: "--graph")
    let files = try contact.files()
    try checkInputs(files.all.map(\.path))
    let (file, format) = try output.open(default: .tsv)
    do {
      var counts = StructureCounts()
      func read(_ file: ChainFile) throws -> Structure {
        var structure = try StructureReader.read(
          file.path, format: structures.inputFormat, options: try structures.options(chains: file.chains),
          warn: context.warn)
        structure.id += (file.chains ?? []).map { "_" + $0 }.joined()
        counts.add(structure.counts)
        return structure
      }
      let a = ContactMap.Side(bound: try read(files.boundA), onto: try files.ontoA.map(read))
      let map: ContactMap
      if let boundB = files.boundB {
        map = try ContactMap(a, .init(bound: read(boundB), onto: files.ontoB.map(read)), nearerThan: distance)
      } else {
        map = try ContactMap(within: a, nearerThan: distance)
      }
      for (name, identity) in [(map.a, map.identity.a), (map.b, map.identity.b)] {
        guard let identity, identity < Self.leastIdentity else { continue }
        context.warn(
          Diagnostic(
            .data,
            "only \(Int(100 * identity)) % of \(Diagnostic.quoted(name)) and the bound structure are the same residues",
            hint: "--onto-a and --onto-b are the same proteins as --bound-a and --bound-b"))
      }
      try ContactTable(map, onlyContacts: contact.onlyContacts).write(
        to: file.sink, format, header: output.header, madeBy: Self.versionLine)
      try file.commit()
      for note in map.notes + counts.notes { context.note(note.text, count: note.count) }
    } catch {
      file.discard()
      throw error
    }
  }

  private func paint(_ scores: String, _ context: ToolContext) throws {
    let others = [("--graph", graph != nil), ("--contacts", contact.contacts != nil)] + contact.given
    if let other = others.first(where: \.1) {
      throw ToolFailure.usage("--paint and \(other.0) write different things: run resfeat once for each")
    }
    guard let path = painting.structureOut else {
      throw ToolFailure.usage("--paint needs the file of the structure to write", hint: "--structure-out scores.pdb")
    }
    if [".gz", ".bgz", ".bz2", ".xz", ".zst"].contains(where: path.lowercased().hasSuffix) {
      throw ToolFailure.usage(
        "--structure-out \(path): structures are written plain", hint: "--structure-out - | gzip > \(path)")
    }
    guard input.paths.count == 1 else {
      throw ToolFailure.usage("--paint is of one structure, and there are \(input.paths.count)")
    }
    try input.refuseTerminal()
    try checkInputs(input.paths + [scores])
    try ToolFailure.refuse(outputs: [("--structure-out", path)], over: input.paths + [scores])
    let options = try structures.options(chains: structures.chains.map { ChainFile.names($0) })
    let structure = try StructureReader.read(
      input.paths[0], format: structures.inputFormat, options: options, warn: context.warn)
    let residues = try ResidueScores(
      reading: TableReader(Input.open(scores)), side: painting.side.rawValue, column: painting.scoreColumn)
    let values = try residues.scores(of: structure)
    let file = try OutputFile.open(path: path)
    do {
      let isCIF = [".cif", ".mmcif"].contains { path.lowercased().hasSuffix($0) }
      try PaintedStructure(structure, values.map { $0.map { 100 * $0 } }).write(to: file.sink, isCIF ? .mmcif : .pdb)
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
    context.note("residues without a score have the B factor 0", count: values.count { $0 == nil })
    for note in structure.counts.notes { context.note(note.text, count: note.count) }
  }

  /// Throws a usage error for two inputs that are standard input, and for an output over an input.
  private func checkInputs(_ paths: [String]) throws {
    if paths.count(where: { $0 == "-" }) > 1 {
      throw ToolFailure.usage("two inputs are standard input", hint: "give the others as files or <(command)")
    }
    try ToolFailure.refuse(outputs: [("--output", output.output)], over: paths)
  }
}
