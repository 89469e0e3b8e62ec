import Testing
import Workbench

/// Reads the small files of the tests.
enum GoldenFiles {
  /// The folder of the fixtures, beside this file.
  static let fixtures = Repository.root + "/Tests/FeaturesTests/Fixtures/"

  /// The full reference set outside the repository, where there is one; nil elsewhere.
  static let shared = Shared.root.map { $0 + "/golden/seqfeat/" }.flatMap { Files.isFolder($0) ? $0 : nil }

  /// The text of a file; a test whose file is missing fails.
  static func text(_ path: String) -> String {
    if let text = Files.text(path) { return text }
    Issue.record("there is no \(path)")
    return ""
  }

  static func rows(_ path: String) -> [[String]] {
    text(path).split(separator: "\n").map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// Records of a FASTA file; spaces inside sequences are dropped.
  static func fasta(_ path: String) -> [(id: String, sequence: String)] {
    var records: [(id: String, sequence: String)] = []
    for line in text(path).split(separator: "\n") {
      if line.first == ">" {
        records.append((String(line.dropFirst().prefix { $0 != " " }), ""))
      } else {
        records[records.count - 1].sequence += line.filter { $0 != " " }
      }
    }
    return records
  }
}

/// Relative difference, absolute near 0.
func difference(_ a: Double, _ b: Double) -> Double {
  a == b ? 0 : abs(a - b) / max(abs(a), abs(b), 1e-300)
}
