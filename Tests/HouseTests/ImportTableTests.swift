import Testing
import Workbench

/// The imports that each module may have. All modules may import Bytes, Glibc or Musl, and Dispatch.
@Suite struct ImportTableTests {
  static let common: Set<String> = ["Bytes", "Glibc", "Musl", "Dispatch"]
  static let modules: [String: Set<String>] = [
    "Bytes": ["CDigest", "Synchronization"],
    "Records": ["CHTSlib"],
    "Features": ["Records"],
    "Molecules": ["Records", "Features"],
    "Structures": ["Records"],
    "Arrays": [],
    "Bags": ["Records", "Features", "Arrays", "Networks"],
    "Tensors": ["Arrays", "CKernels", "Synchronization"],
    "Models": ["Tensors", "Arrays", "Evaluation"],
    "Training": ["Models", "Tensors", "Arrays"],
    "Scoring": ["Models", "Tensors", "Arrays"],
    "Attribution": ["Models", "Tensors", "Arrays", "Scoring"],
    "Evaluation": [],
    "Ontologies": ["Records", "Evaluation"],
    "Figures": [],
    "Networks": ["Tensors", "Evaluation"],
    "ModelSupport": ["Records", "Features", "Bags", "Arrays", "Models"],
    "CommandSupport": ["Records", "Features", "Bags", "Arrays", "ArgumentParser", "Synchronization"],
  ]
  /// The imports that tools may have besides CommandSupport and ArgumentParser: any module of ours, but no C library.
  static let tools: Set<String> = Set(modules.keys).union(["ArgumentParser"])
  @Test func everyImportIsInTheTable() {
    var seen: Set<String> = []
    for file in Repository.files(below: "Sources", ending: ".swift") {
      let module = String(file.split(separator: "/")[1])
      seen.insert(module)
      let allowed = Self.common.union(Self.modules[module] ?? Self.tools)
      for (line, imported) in imports(of: file) where imported != module {
        #expect(allowed.contains(imported), "\(file):\(line): \(module) may not import \(imported)")
      }
    }
    let missing = Set(Self.modules.keys).union(Tools.names).subtracting(seen)
    #expect(missing.isEmpty, "no sources of \(missing.sorted())")
  }

  @Test func modulesAreInTheTable() {
    let others = Set(Tools.names).union(["docgen", "CDigest", "CHTSlib", "CKernels"])
    for file in Repository.files(below: "Sources") {
      let module = String(file.split(separator: "/")[1])
      #expect(Self.modules[module] != nil || others.contains(module), "\(file): there is no entry for \(module)")
    }
  }

  /// OpenBLAS is loaded when a product is first needed: no executable is linked to it.
  @Test(.enabled(if: Tools.has("readelf"), "readelf is not installed"))
  func noToolIsLinkedToOpenBLAS() {
    let bench = Workbench()
    for tool in Tools.names + ["docgen"] {
      let needed = bench.run("readelf -d \"$BIN/\(tool)\"")
      #expect(needed.status == 0, "\(tool): \(needed.errors)")
      #expect(!needed.output.contains("blas"), "\(tool) is linked to OpenBLAS")
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
