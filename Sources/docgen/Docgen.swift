import ArgumentParser
import Bytes
import CommandSupport

/// The kinds of document that docgen writes.
enum DocumentForm: String, CaseIterable, ExpressibleByArgument { case man, page, bash, zsh, fish }

@main struct Docgen: Tool {
  static let toolName = "docgen"
  static let example = """
    seqfeat --experimental-dump-help | docgen man --prose man/prose/seqfeat.md --changelog CHANGELOG.md > seqfeat.1
    """
  static let configuration = CommandConfiguration(
    commandName: toolName, abstract: "Write a man page or a completion script from a tool's help and from prose.",
    version: versionLine)

  @Argument(help: "What to write; 'page' is a manual page without a tool and reads no standard input.")
  var form: DocumentForm

  @Option(help: "The hand-written page.", completion: .file())
  var prose: String?

  @Option(help: "Sections that every tool's page ends with.", completion: .file())
  var shared: String?

  @Option(help: "The file whose first heading has version and date.", completion: .file())
  var changelog: String

  @Option(help: "What the installed tools' names start with.")
  var namePrefix = ""

  @OptionGroup var common: CommonOptions

  mutating func run(_ context: ToolContext) throws {
    let output = try OutputFile.open(path: "-")
    try output.sink.write(document())
    try output.commit()
  }

  private func document() throws -> String {
    let release = try Release(changelog: text(changelog))
    let names = ToolNames(prefix: namePrefix)
    switch form {
    case .man, .page:
      guard let prose else { throw ToolFailure.usage("a page needs --prose FILE") }
      return try ManPage.page(
        prose: Prose(text(prose), source: prose),
        shared: try shared.map { try Prose(text($0), source: $0, isFragment: true) },
        help: form == .man ? ToolHelp(bytes("-")) : nil, release: release, names: names)
    case .bash: return try completions(release, names).bash
    case .zsh: return try completions(release, names).zsh
    case .fish: return try completions(release, names).fish
    }
  }

  private func completions(_ release: Release, _ names: ToolNames) throws -> Completions {
    Completions(help: try ToolHelp(bytes("-")), release: release, names: names)
  }

  private func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

  private func bytes(_ path: String) throws -> [UInt8] {
    let source = try DescriptorSource(path: path)
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try block.withUnsafeMutableBytes { try source.read(into: $0) }
      if count == 0 { return bytes }
      bytes += block[..<count]
    }
  }
}
