import Testing
import Workbench

/// One golden case: a script, its inputs, and the expected standard output, standard error and status.
///
/// The file starts with a line that says what the case shows, followed by parts with a line `--- NAME` as head: `run`
/// (a bash script, with the tools on PATH, in a new folder with the files of Cases/data), `input` (standard input),
/// `file NAME`, `needs PROGRAM`, `status` (0 where missing), `stdout` and `stderr` (empty where missing). In the
/// outputs `{TMP}` is the folder.
struct CommandCase: Sendable, CustomTestStringConvertible {
  var path: String
  var title: String
  var parts: [(name: String, text: String)] = []

  var testDescription: String { "\(path.dropFirst(CommandCase.folder.utf8.count + 1).dropLast(5)): \(title)" }

  static let folder = "Tests/CommandTests/Cases"
  static let all: [CommandCase] = Repository.files(below: folder, ending: ".case").map { CommandCase(path: $0) }

  init(path: String) {
    self.path = path
    title = ""
    // On bytes: to a String's characters CR LF is one.
    for line in (Repository.text(path) ?? "").utf8.split(separator: 10, omittingEmptySubsequences: false) {
      let line = String(line) ?? ""
      if line.hasPrefix("--- ") {
        parts.append((String(line.dropFirst(4)), ""))
      } else if parts.isEmpty {
        title += (title.isEmpty || line.isEmpty ? "" : " ") + line
      } else {
        parts[parts.count - 1].text += line + "\n"
      }
    }
    // The text's last line break leaves one empty line behind it.
    if let last = parts.last { parts[parts.count - 1].text = String(last.text.dropLast()) }
  }

  func part(_ name: String) -> String? { parts.first { $0.name == name }?.text }

  /// The programs that the case needs and a machine may lack.
  var needs: [String] { parts.filter { $0.name.hasPrefix("needs ") }.map { String($0.name.dropFirst(6)) } }

  /// The expected outcome.
  var expected: Outcome {
    Outcome(
      status: part("status").flatMap { Int32($0.dropLast()) } ?? 0, output: part("stdout") ?? "",
      errors: part("stderr") ?? "")
  }

  /// Runs the script and returns its outcome.
  func run() -> Outcome {
    let bench = Workbench()
    for file in Repository.files(below: CommandCase.folder + "/data") { bench.copy(Repository.root + "/" + file) }
    for part in parts where part.name.hasPrefix("file ") {
      bench.write(part.text, to: String(part.name.dropFirst(5)))
    }
    let outcome = bench.run(part("run") ?? "", input: part("input") ?? "")
    return Outcome(
      status: outcome.status, output: outcome.output.replacing(bench.folder, with: "{TMP}"),
      errors: outcome.errors.replacing(bench.folder, with: "{TMP}"))
  }

  /// The case's text with another outcome.
  func text(with outcome: Outcome) -> String {
    var text = title + "\n"
    for part in parts where !["status", "stdout", "stderr"].contains(part.name) {
      text += "--- \(part.name)\n\(part.text)"
    }
    if outcome.status != 0 { text += "--- status\n\(outcome.status)\n" }
    if !outcome.output.isEmpty { text += "--- stdout\n\(outcome.output)" }
    if !outcome.errors.isEmpty { text += "--- stderr\n\(outcome.errors)" }
    return text
  }
}

extension String {
  /// The text with every occurrence of another put in place of it, byte for byte.
  fileprivate func replacing(_ old: String, with new: String) -> String {
    let bytes = Array(utf8)
    let old = Array(old.utf8)
    var result: [UInt8] = []
    var i = 0
    while i < bytes.count {
      if bytes[i...].starts(with: old) {
        result += new.utf8
        i += old.count
      } else {
        result.append(bytes[i])
        i += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
