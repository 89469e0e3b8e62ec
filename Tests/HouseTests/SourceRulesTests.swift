import Testing
import Workbench

/// What no source file may hold.
@Suite struct SourceRulesTests {
  static let sources = Repository.files(below: "Sources", ending: ".swift")

  /// What writes past our checked sink, reads past our strict readers, or ends the process.
  static let banned = [
    "print(", "debugPrint(", "readLine(", "fatalError(", "try!", "as!", "import Foundation", "FileHandle",
    "TODO", "FIXME",
  ]

  @Test(arguments: sources) func nothingBanned(file: String) {
    for (index, line) in lines(of: file).enumerated() {
      let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
      for word in Self.banned where contains(word, in: code) {
        Issue.record("\(file):\(index + 1): \(word)")
      }
    }
  }

  /// Words of one field of use, which modules that serve every system must not know.
  static let words = ["bag", "gene", "isoform", "drug", "protein", "residue"]
  /// The modules that know units and targets only.
  static let general = ["Training", "Scoring", "Attribution"]

  @Test func generalModulesKnowNoFieldOfUse() {
    for file in Self.sources where Self.general.contains(where: { file.hasPrefix("Sources/\($0)/") }) {
      for (index, line) in lines(of: file).enumerated() {
        for word in Self.words where namesOneOf([word, word + "s"], line) {
          Issue.record("\(file):\(index + 1): \(word)")
        }
        if line.contains("\"x\"") { Issue.record("\(file):\(index + 1): the name of a port") }
      }
    }
  }

  @Test func linesAreShort() {
    for file in Self.sources + Repository.files(below: "Tests", ending: ".swift") {
      for (index, line) in lines(of: file).enumerated() where line.count > 120 {
        Issue.record("\(file):\(index + 1): \(line.count) columns, 120 are allowed")
      }
    }
  }

  @Test func everyToolHasItsDocuments() {
    for tool in Tools.names {
      for path in ["man/\(tool).1", "completions/\(tool).bash", "completions/_\(tool)", "completions/\(tool).fish"] {
        #expect(Repository.text(path) != nil, "\(path) is missing: make docs")
      }
    }
    #expect(Repository.text("man/millrace-formats.5") != nil)
  }

  private func lines(of file: String) -> [Substring] {
    (Repository.text(file) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// Whether a line contains one of these words, in any case, as a whole word.
  private func namesOneOf(_ words: [String], _ line: Substring) -> Bool {
    line.lowercased().split { !$0.isLetter }.contains { words.contains(String($0)) }
  }

  /// Whether code contains a word that is not the end of a longer name.
  private func contains(_ word: String, in code: Substring) -> Bool {
    var rest = code
    while let at = rest.firstRange(of: word) {
      let before = at.lowerBound > code.startIndex ? code[code.index(before: at.lowerBound)] : " "
      if !(before.isLetter || before.isNumber || before == "_" || before == ".") { return true }
      rest = rest[at.upperBound...]
    }
    return false
  }
}
