import Bytes
import Records

/// The lengths of the sequences of some FASTA files, by id.
struct SequenceLengths {
  private var lengths: [String: Int] = [:]

  /// Reads the files, each once. Throws what the reader throws.
  init(of paths: [String]) throws {
    for path in Set(paths).sorted() {
      let reader = try FastaReader(Input.open(path))
      while try reader.next() { lengths[reader.record.id] = reader.record.sequence.count }
    }
  }

  /// The length of a sequence; nil for an id that no file has.
  subscript(id: String) -> Int? { lengths[id] }
}
