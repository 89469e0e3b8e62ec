import Testing
import Workbench

/// Every tool against its golden cases. MILLRACE_UPDATE=1 writes what the tools do now into the cases: read the
/// difference before you keep it.
@Suite struct CommandCaseTests {
  @Test(arguments: CommandCase.all) func holds(_ golden: CommandCase) {
    // A case that needs a program this machine lacks says nothing.
    guard golden.needs.allSatisfy(Tools.has) else { return }
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

  /// A case file that cannot be read, or has no script, would pass as an empty one.
  @Test func casesHaveScripts() {
    #expect(!CommandCase.all.isEmpty)
    for golden in CommandCase.all {
      #expect(golden.part("run") != nil, "\(golden.path) has no part 'run'")
      #expect(!golden.title.isEmpty, "\(golden.path) does not say what it shows")
    }
  }
}
