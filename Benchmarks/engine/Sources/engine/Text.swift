import Bytes
import Records

/// Reading and writing records of numbers, as every tool does it: the library's own reader and writer.
enum Text {
  /// Reads all records of a file, TSV or NDJSON, and adds up their values.
  static func read(_ path: String) throws -> String {
    let (wall, cpu) = (Clock.wall, Clock.process)
    var (values, sum) = (0, 0.0)
    let reader = try RecordReader(try Input.open(path))
    while let record = try reader.next() {
      values += record.values.count
      for value in record.values { sum += value }
    }
    return line("read", values, sum, wall, cpu)
  }

  /// Reads a file and writes its records again, in its own form, to /dev/null: the time of the writing alone.
  static func write(_ path: String) throws -> String {
    let reader = try RecordReader(try Input.open(path))
    var records: [StreamRecord] = []
    while let record = try reader.next() { records.append(record) }
    let output = try OutputFile.open(path: "/dev/null")
    let (wall, cpu) = (Clock.wall, Clock.process)
    let writer = RecordWriter(
      output.sink, format: reader.format, kind: reader.kind, schema: reader.schema, digest: reader.digest,
      columns: reader.columns, header: true, madeBy: "engine")
    for record in records { try writer.write(record) }
    try writer.finish()
    return line("write", records.reduce(0) { $0 + $1.values.count }, 0, wall, cpu)
  }

  private static func line(
    _ what: String, _ values: Int, _ sum: Double, _ wall: Double, _ cpu: Double
  ) -> String {
    let seconds = (wall: Clock.wall - wall, cpu: Clock.process - cpu)
    return "{\"what\":\"\(what)\",\"values\":\(values),\"sum\":\(sum),"
      + "\"wall_s\":\(short(seconds.wall)),\"cpu_s\":\(short(seconds.cpu)),\"peak_rss_mb\":\(Clock.peakMegabytes)}"
  }
}
