import Bytes
import Records
import Testing
import Workbench

/// A new file in a new folder under the system's place for temporary files.
func temporaryFile(_ bytes: [UInt8], name: String = "input") throws -> String {
  let folder = Scratch.folder()
  try write(bytes, to: folder + "/" + name)
  return folder + "/" + name
}

/// Writes a file.
func write(_ bytes: [UInt8], to path: String) throws {
  let output = try OutputFile.open(path: path)
  try output.sink.write(bytes)
  try output.commit()
}

/// All bytes of a source, read in blocks of `block`.
func drain(_ source: BlockSource, block: Int = 1 << 16) throws -> [UInt8] {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: block)
  while true {
    let count = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
    if count == 0 { return bytes }
    bytes += buffer[..<count]
  }
}

/// Options with some of them set.
func options(_ set: (inout ReaderOptions) -> Void) -> ReaderOptions {
  var options = ReaderOptions()
  set(&options)
  return options
}

/// All bags of a text.
func bags(_ text: String, _ options: ReaderOptions = ReaderOptions(), block: Int = .max) throws -> [StreamRecord] {
  let reader = try RecordReader(MemorySource(text, name: "in", block: block), options: options)
  var all: [StreamRecord] = []
  while let record = try reader.next() { all.append(record) }
  return all
}

/// The first line of the message that reading a text ends with, and its hint; nil if it is read.
func message(_ text: String, _ options: ReaderOptions = ReaderOptions()) -> String? {
  do {
    _ = try bags(text, options)
    return nil
  } catch let error as Diagnosable {
    return error.diagnostic.text(tool: "t")
  } catch {
    return "another error: \(error)"
  }
}

/// The text that a text becomes when it is read and written again.
func rewritten(_ text: String, as format: OutputFormat? = nil, _ options: ReaderOptions = ReaderOptions()) throws
  -> String
{
  let reader = try RecordReader(MemorySource(text, name: "in"), options: options)
  let sink = ByteSink.memory()
  let writer = RecordWriter(
    sink, format: format ?? reader.format, kind: reader.kind, schema: reader.schema, columns: reader.columns,
    header: true,
    madeBy: "test 1")
  while let record = try reader.next() { try writer.write(record) }
  if !reader.isEmpty { try writer.finish() }
  return String(decoding: sink.bytes, as: UTF8.self)
}
