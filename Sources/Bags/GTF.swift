import Bytes
import Records

/// Reads GTF for its transcripts and genes (the format's page at mblab.wustl.edu, and those of GENCODE and Ensembl).
enum GTF {
  /// Whether this line begins a GTF file: a comment, or nine fields with `gene_id` in the last.
  static func isFirstLine(_ line: String) -> Bool {
    if ["##", "#!", "#gtf-version"].contains(where: { line.hasPrefix($0) }) { return true }
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
    return fields.count == 9 && fields[8].contains("gene_id ")
  }

  /// Adds the transcript and the gene of every line that names both, in file order; counts the transcripts without a
  /// gene in any line.
  ///
  /// Throws `BagsError` for GFF3 and for a line that is not GTF.
  static func read(
    _ source: BlockSource, gene naming: GeneNaming, maxLine: Int, into rows: inout MemberRows, tally: NoticeCounter
  ) throws {
    let lines = LineReader(source, maxLine: maxLine)
    var last = ""
    var geneless: [(isoform: String, place: SourceLocation)] = []
    while let line = try lines.next(skipping: .empty) {
      guard let first = line.first else { continue }
      if first == UInt8(ascii: "#") {
        if line.starts(with: "##gff-version".utf8) && !line.starts(with: "##gff-version 2".utf8) {
          throw BagsError(.gff3, at: lines.place())
        }
        continue
      }
      guard let start = attributes(of: line) else { throw BagsError(.notGTF, at: lines.place()) }
      let text = UnsafeBufferPointer(rebasing: line[start...])
      // NCBI's lines of genes have an empty transcript.
      guard let isoform = value(of: "transcript_id", in: text), !isoform.isEmpty, isoform != last else { continue }
      guard let id = value(of: "gene_id", in: text), !id.isEmpty else {
        if geneless.last?.isoform != isoform { geneless.append((isoform, lines.place())) }
        continue
      }
      last = isoform
      let names = HeaderNames(isoform: isoform, geneId: id, geneSymbol: symbol(in: text))
      guard let gene = names.gene(naming) else { throw BagsError(.noSymbol(id), at: lines.place()) }
      try rows.add(names, gene: gene, by: naming, at: lines.place())
    }
    try rows.finish()
    var told: Set<String> = []
    for (isoform, place) in geneless where !rows.has(isoform) && told.insert(isoform).inserted {
      tally.count(
        .genelessTranscript,
        example: Diagnostic(.data, "the transcript \(Diagnostic.quoted(isoform)) has no gene_id", at: place))
    }
  }

  /// The symbol of the gene: `gene_name` of GENCODE and Ensembl, or `gene` of NCBI.
  private static func symbol(in text: UnsafeBufferPointer<UInt8>) -> String? {
    let name = value(of: "gene_name", in: text) ?? value(of: "gene", in: text)
    return name == "" ? nil : name
  }

  /// The index at which the ninth field begins.
  private static func attributes(of line: UnsafeBufferPointer<UInt8>) -> Int? {
    var tabs = 0
    for i in line.indices where line[i] == 0x09 {
      tabs += 1
      if tabs == 8 { return i + 1 }
    }
    return nil
  }

  /// The value of an attribute: `key "value";`, or without quotes up to the semicolon.
  static func value(of key: StaticString, in text: UnsafeBufferPointer<UInt8>) -> String? {
    let size = key.utf8CodeUnitCount
    let space = UInt8(ascii: " ")
    let semicolon = UInt8(ascii: ";")
    let quote = UInt8(ascii: "\"")
    var i = 0
    while i < text.count {
      while i < text.count, text[i] == space || text[i] == semicolon { i += 1 }
      let name = i
      while i < text.count, text[i] != space, text[i] != semicolon { i += 1 }
      let isKey = i - name == size && (0..<size).allSatisfy { text[name + $0] == key.utf8Start[$0] }
      while i < text.count, text[i] == space { i += 1 }
      let isQuoted = i < text.count && text[i] == quote
      if isQuoted { i += 1 }
      let start = i
      while i < text.count, text[i] != (isQuoted ? quote : semicolon) { i += 1 }
      if isKey { return String(decoding: text[start..<i], as: UTF8.self) }
      if isQuoted { i += 1 }
    }
    return nil
  }
}
