import Bytes
import CommandSupport
import Features
import Records

/// The options of seqfeat, checked: what remains is to read.
struct SeqfeatPlan {
  let stream: FeatureStream
  /// All files that are read; `-` is standard input.
  let inputs: [String]

  /// - Throws: a usage error for options that don't fit.
  init(_ command: SeqfeatCommand) throws {
    guard !command.encode.isEmpty else {
      throw ToolFailure.usage(
        "no encoder is named", hint: "--encode ct64, for example; seqfeat --list names them all")
    }
    inputs =
      command.input.paths + [command.selection.ids, command.aggregation.map].compactMap { $0 } + command.properties
    if inputs.count(where: { $0 == "-" }) > 1 {
      throw ToolFailure.usage(
        "two inputs are standard input", hint: "give the others as files or <(command)")
    }
    var options = FeatureStream.Options()
    options.encode = command.encode
    options.letters.ambiguous = command.ambiguous
    options.letters.maskLower = command.mask == .lower
    options.short = command.short
    options.duplicates = command.duplicates
    options.translation = try command.translation.translation()
    options.naming = try command.headers.naming()
    options.grouping = try command.aggregation.grouping()
    if command.headers.writeMembers == "-" {
      throw ToolFailure.usage("--write-members takes a file: standard output is for the features")
    }
    if options.grouping != nil && command.headers.writeMembers != nil {
      throw ToolFailure.usage(
        "--write-members names the isoforms of rows, and --aggregate makes rows of whole groups",
        hint: "run seqfeat once for each")
    }
    options.properties = try Self.properties(command)
    if let length = command.length {
      let takers = EncoderCatalog.entries.filter { $0.parameters.contains { $0.name == "length" } }.map(\.name)
      if !command.encode.contains(where: { takers.contains(EncoderCatalog.entry(of: $0)?.name ?? "") }) {
        throw ToolFailure.usage("--length: no encoder here has one", hint: "\(takers.joined(separator: ", ")) do")
      }
      options.defaults["length"] = String(length)
    }
    options.alphabet = command.alphabet
    if let alphabet = command.alphabet, options.translation != nil {
      if alphabet == .protein { throw ToolFailure.usage("--translate reads nucleotides, --alphabet says protein") }
    } else if let alphabet = command.alphabet {
      for text in command.encode {
        let reads = try EncoderCatalog.encoder(text, defaults: options.defaults).alphabet
        if reads != alphabet { throw FeatureError.wrongAlphabet(encoder: text, reads: reads, asked: alphabet) }
      }
    }
    stream = try FeatureStream(options)
  }

  private static func properties(_ command: SeqfeatCommand) throws -> [PropertyTable] {
    if command.properties.isEmpty {
      try ToolFailure.refuse([("--property-scale", command.propertyScale != nil)], without: "--properties")
    }
    let scale = command.propertyScale ?? .standard
    let tables = try command.properties.map { path in
      try PropertyTable(reading: TableReader(try Input.open(path)), scale: scale)
    }
    let asked = command.encode.compactMap { text in
      EncoderCatalog.entry(of: text)?.properties?.subject
    }
    for (place, table) in tables.enumerated() {
      if let other = tables[..<place].firstIndex(where: { $0.subject == table.subject }) {
        throw ToolFailure.usage(
          "\(command.properties[other]) and \(command.properties[place]) are both properties of "
            + table.subject.rawValue)
      }
      if !asked.contains(table.subject) {
        let takers = EncoderCatalog.entries.filter { $0.properties?.subject == table.subject }.map(\.name)
        throw ToolFailure.usage(
          "--properties \(command.properties[place]): no encoder here goes by properties of \(table.subject.rawValue)",
          hint: "\(takers.joined(separator: ", ")) do")
      }
    }
    return tables
  }
}
