#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reads the small files of the tests.
enum GoldenFiles {
  /// The folder of the fixtures, beside this file.
  static let fixtures =
    "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast()
    .joined(separator: "/") + "/Fixtures/"

  /// The folder of Package.swift.
  static let repository =
    "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/") + "/"

  /// The full reference set outside the repository, where there is one (MILLRACE_SHARED or ../shared); nil elsewhere.
  static let shared: String? = {
    if let place = getenv("MILLRACE_SHARED") {
      let path = String(cString: place) + "/golden/seqfeat/"
      if access(path + "aac.tsv", R_OK) == 0 { return path }
    }
    var folders = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false)
    while folders.count > 1 {
      folders.removeLast()
      let path = folders.joined(separator: "/") + "/../shared/golden/seqfeat/"
      if access(folders.joined(separator: "/") + "/Package.swift", R_OK) == 0 {
        return access(path + "aac.tsv", R_OK) == 0 ? path : nil
      }
    }
    return nil
  }()

  static func text(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
    return String(decoding: bytes, as: UTF8.self)
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
