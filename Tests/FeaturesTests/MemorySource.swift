import Bytes
import Features
import Records

/// Bytes of a test as an input, handed out in small pieces.
final class MemorySource: BlockSource {
  let name: String
  private let bytes: [UInt8]
  private var given = 0
  private let piece: Int

  init(_ text: String, name: String = "test", piece: Int = 7) {
    self.name = name
    self.piece = piece
    bytes = Array(text.utf8)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = min(piece, buffer.count, bytes.count - given)
    buffer.copyBytes(from: bytes[given..<given + count])
    given += count
    return count
  }
}

/// The output and the error of a run of a filter.
struct Run {
  var text = ""
  var warnings: [String] = []
  var error: Diagnostic?
  var counts = FeatureStream.Counts()

  var lines: [String] { text.split(separator: "\n").map(String.init) }

  /// Turns a FASTA text into features.
  static func features(
    of fasta: String, _ encode: String..., format: OutputFormat = .tsv,
    with change: (inout FeatureStream.Options) -> Void = { _ in }
  ) -> Run {
    features(of: fasta, encode, format: format, with: change)
  }

  /// Turns a FASTA text into features by a list of encoders.
  static func features(
    of fasta: String, _ encode: [String], format: OutputFormat = .tsv, threads: Int = 1, isSparse: Bool = false,
    with change: (inout FeatureStream.Options) -> Void = { _ in }
  ) -> Run {
    var run = Run()
    let sink = ByteSink.memory()
    do {
      var options = FeatureStream.Options()
      options.encode = encode
      change(&options)
      var stream = try FeatureStream(options)
      let writer = RecordWriter(
        sink, format: format, kind: .feature, schema: stream.schema, columns: FeatureStream.columns, header: true,
        form: isSparse ? .sparse : .full, madeBy: "test")
      var warnings: [String] = []
      try stream.run(FastaReader(MemorySource(fasta)), into: writer, threads: threads) { warnings.append($0.message) }
      run.warnings = warnings
      run.counts = stream.counts
    } catch let error as any Diagnosable {
      run.error = error.diagnostic
    } catch {
      run.error = Diagnostic(.software, "\(error)")
    }
    run.text = String(decoding: sink.bytes, as: UTF8.self)
    return run
  }
}
