import Testing
import Workbench

/// Who may import whom. Everyone may import Bytes, Glibc or Musl, and Dispatch.
@Suite struct ImportTableTests {
  static let everyone: Set<String> = ["Bytes", "Glibc", "Musl", "Dispatch"]
  static let rooms: [String: Set<String>] = [
    "Bytes": ["CDigest"],
    "Records": ["CHTSlib"],
    "Features": ["Records"],
    "Arrays": [],
    "Bags": ["Records", "Features", "Arrays"],
    "Tensors": ["Arrays", "CBLAS", "CKernels", "Synchronization"],
    "Models": ["Tensors", "Arrays"],
    "Training": ["Models", "Tensors", "Arrays"],
    "Scoring": ["Models", "Tensors", "Arrays"],
    "Attribution": ["Models", "Tensors", "Arrays", "Scoring"],
    "Evaluation": [],
    "Figures": [],
    "ModelSupport": ["Records", "Features", "Bags", "Arrays", "Models"],
    "CommandSupport": ["Records", "Features", "Bags", "Arrays", "ArgumentParser", "Synchronization"],
  ]
  /// What the tools may import besides CommandSupport and ArgumentParser: any room, but no C library.
  static let tools: Set<String> = Set(rooms.keys).union(["ArgumentParser"])
  /// The tools that never compute with OpenBLAS, and so do not load it.
  static let plain = ["seqfeat", "pairgen", "normalize", "metrics", "docgen"]

  @Test func everyImportIsInTheTable() {
    var seen: Set<String> = []
    for file in Repository.files(below: "Sources", ending: ".swift") {
      let module = String(file.split(separator: "/")[1])
      seen.insert(module)
      let allowed = Self.everyone.union(Self.rooms[module] ?? Self.tools)
      for (line, imported) in imports(of: file) where imported != module {
        #expect(allowed.contains(imported), "\(file):\(line): \(module) may not import \(imported)")
      }
    }
    let missing = Set(Self.rooms.keys).union(Tools.names).subtracting(seen)
    #expect(missing.isEmpty, "no sources of \(missing.sorted())")
  }

  @Test func roomsAreNamedInTheTable() {
    let others = Set(Tools.names).union(["docgen", "CBLAS", "CDigest", "CHTSlib", "CKernels"])
    for file in Repository.files(below: "Sources") {
      let module = String(file.split(separator: "/")[1])
      #expect(Self.rooms[module] != nil || others.contains(module), "\(file): no place in the house for \(module)")
    }
  }

  /// What a tool needs at run time, read from the executable itself: system modules are linked where they are imported.
  @Test(.enabled(if: Tools.has("readelf"), "readelf is not installed"))
  func plainToolsDoNotLoadOpenBLAS() {
    let bench = Workbench()
    for tool in Self.plain {
      let needed = bench.run("readelf -d \"$BIN/\(tool)\"")
      #expect(needed.status == 0, "\(tool): \(needed.errors)")
      #expect(!needed.output.contains("blas"), "\(tool) loads OpenBLAS")
    }
  }

  /// The modules a file imports, with their lines.
  private func imports(of file: String) -> [(line: Int, module: String)] {
    var found: [(line: Int, module: String)] = []
    let access = ["public", "internal", "package", "private", "fileprivate"]
    let lines = (Repository.text(file) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      var words = line.split(separator: " ").map(String.init)
      while let first = words.first, first.hasPrefix("@") || access.contains(first) {
        words.removeFirst()
      }
      guard words.count >= 2, words[0] == "import" else { continue }
      let kinds = ["struct", "class", "enum", "func", "protocol", "var", "let", "typealias"]
      let module = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
      found.append((index + 1, String(module.prefix { $0 != "." })))
    }
    return found
  }
}
