import Testing
import Workbench

/// The documents in the repository are those the tools' own help and the prose make, and every reader takes them.
@Suite struct DocumentTests {
  static let pages = Tools.names.map { "man/\($0).1" } + ["man/millrace-formats.5"]
  static let completions = Tools.names.flatMap { tool in
    ["completions/\(tool).bash", "completions/_\(tool)", "completions/\(tool).fish"]
  }

  @Test func regenerationChangesNothing() {
    let bench = Workbench()
    let written = bench.run("\"$ROOT/.ci/docs\" \"$BIN\" fresh")
    #expect(written == Outcome())
    for path in Self.pages + Self.completions {
      let difference = bench.run("diff -u \"$ROOT/\(path)\" \"fresh/\(path)\" | head -n 40")
      #expect(difference == Outcome(), "\(path) is not what the help and the prose make: make docs")
    }
  }

  @Test(.enabled(if: Tools.has("mandoc"), "mandoc is not installed"), arguments: pages)
  func pagesAreClean(path: String) {
    let outcome = Workbench().run("mandoc -T lint -W warning \"$ROOT/\(path)\"")
    #expect(outcome.output + outcome.errors == "")
  }

  @Test(arguments: Tools.names) func bashTakesItsScript(tool: String) { check("bash -n", "completions/\(tool).bash") }

  @Test(.enabled(if: Tools.has("zsh"), "zsh is not installed"), arguments: Tools.names)
  func zshTakesItsScript(tool: String) { check("zsh -n", "completions/_\(tool)") }

  @Test(.enabled(if: Tools.has("fish"), "fish is not installed"), arguments: Tools.names)
  func fishTakesItsScript(tool: String) { check("fish -n", "completions/\(tool).fish") }

  @Test func bashOffersOptionsAndValues() {
    let script = """
      source "$ROOT/completions/mil-train.bash"
      COMP_WORDS=(mil-train --loss c); COMP_CWORD=2; _millrace_mil_train; echo "${COMPREPLY[*]}"
      COMP_WORDS=(mil-train --opt); COMP_CWORD=1; _millrace_mil_train; echo "${COMPREPLY[*]}"
      """
    #expect(Workbench().run(script) == Outcome(output: "cfce cce ce\n--optimiser\n"))
  }

  /// Encoders, methods and figures are proposed, those of a list after each comma.
  @Test func bashOffersNamesAndLists() {
    let script = """
      for tool in seqfeat normalize metrics pairgen; do source "$ROOT/completions/$tool.bash"; done
      COMP_WORDS=(seqfeat --encode ct); COMP_CWORD=2; _millrace_seqfeat; echo "${COMPREPLY[*]}"
      COMP_WORDS=(normalize --method log1p,z); COMP_CWORD=2; _millrace_normalize; echo "${COMPREPLY[*]}"
      COMP_WORDS=(metrics --only auroc,mcc,bri); COMP_CWORD=2; _millrace_metrics; echo "${COMPREPLY[*]}"
      COMP_WORDS=(metrics --at-least aur); COMP_CWORD=2; _millrace_metrics; echo "${COMPREPLY[*]}"
      COMP_WORDS=(pairgen --keep-part train,one); COMP_CWORD=2; _millrace_pairgen; echo "${COMPREPLY[*]}"
      """
    let expected = "ct64 ct343 ctdc ctdt ctdd\nlog1p,zscore\nauroc,mcc,brier\nauroc=\ntrain,one-unseen\n"
    #expect(Workbench().run(script) == Outcome(output: expected))
  }

  private func check(_ command: String, _ path: String) {
    let outcome = Workbench().run("\(command) \"$ROOT/\(path)\"")
    #expect(outcome == Outcome())
  }
}
