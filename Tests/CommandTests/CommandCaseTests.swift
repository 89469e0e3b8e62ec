import Testing
import Workbench

/// All tools against their golden cases. With MILLRACE_UPDATE=1 the outcomes are written to the cases: read the
/// difference before you keep it.
@Suite struct CommandCaseTests {
  /// The programs that cases need and this machine lacks.
  static let missing = Set(CommandCase.all.flatMap(\.needs).filter { !Tools.has($0) })

  @Test(arguments: CommandCase.all.filter { missing.isDisjoint(with: $0.needs) }) func holds(_ golden: CommandCase) {
    let found = golden.run()
    if environment("MILLRACE_UPDATE") != nil {
      Files.write(golden.text(with: found), to: Repository.root + "/" + golden.path)
      return
    }
    let expected = golden.expected
    #expect(found.status == expected.status)
    #expect(found.output == expected.output)
    #expect(found.errors == expected.errors)
  }

  /// Skipped, with the reason, where cases are left out.
  @Test(.enabled(if: missing.isEmpty, "cases are left out that need \(missing.sorted().joined(separator: ", "))"))
  func everyCaseCanRun() {
    #expect(CommandCase.all.allSatisfy { $0.needs.allSatisfy(Tools.has) })
  }

  /// A case file that cannot be read, or has no script, would pass as an empty one.
  @Test func casesHaveScripts() {
    #expect(!CommandCase.all.isEmpty)
    for golden in CommandCase.all {
      #expect(golden.part("run") != nil, "\(golden.path) has no part 'run'")
      #expect(!golden.title.isEmpty, "\(golden.path) does not say what it shows")
    }
  }
}
