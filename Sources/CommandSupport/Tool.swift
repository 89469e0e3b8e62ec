import ArgumentParser
import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The version of the suite.
public let millraceVersion = "0.1.0"

/// A command-line tool of the suite: options, then a filter from sources to sinks.
///
/// An extension gives `main()`: it parses, writes help through the checked sink, reports errors as `tool: …` with a
/// hint, and exits with the status.
public protocol Tool: ParsableCommand {
  /// The name of the tool.
  static var toolName: String { get }
  /// Example command lines, shown first in the help.
  static var example: String { get }
  /// The options of every tool.
  var common: CommonOptions { get }
  /// Runs the tool; throws `Diagnosable` errors.
  mutating func run(_ context: ToolContext) throws
}

extension Tool {
  /// No example by default.
  public static var example: String { "" }

  /// The line that `--version` prints.
  public static var versionLine: String { "\(toolName) \(millraceVersion) (Millrace)" }

  /// Runs the tool on the arguments of the process and ends the process.
  public static func main() {
    var arguments = CommandLine.arguments
    arguments.removeFirst()
    Standard.end(ToolRunner<Self>.run(arguments))
  }

  /// Runs the tool with a new context; required by `ParsableCommand`, `main()` does not call it.
  public mutating func run() throws {
    let context = ToolContext(tool: Self.toolName, options: common)
    try run(context)
    context.finish()
  }
}

/// An error with a given diagnostic: usage faults that parsing cannot find, failed conditions that the user set.
public struct ToolFailure: Diagnosable {
  /// The text, place and exit status of this error.
  public let diagnostic: Diagnostic

  /// Wraps a diagnostic.
  public init(_ diagnostic: Diagnostic) { self.diagnostic = diagnostic }

  /// A fault in the command line, with status 64.
  public static func usage(_ message: String, hint: String? = nil) -> ToolFailure {
    ToolFailure(Diagnostic(.usage, message, hint: hint))
  }

  /// Throws a usage error where two outputs are one file, or an output is a file of the inputs.
  public static func refuse(outputs: [(name: String, path: String?)], over inputs: [String]) throws {
    let outputs = outputs.compactMap { output in output.path.map { (name: output.name, path: $0) } }
    for (number, output) in outputs.enumerated() {
      if let other = outputs[..<number].first(where: { OutputFile.areOne($0.path, output.path) }) {
        throw usage("\(other.name) and \(output.name) would write to one file, \(output.path)")
      }
      if let input = inputs.first(where: { OutputFile.isFile(output.path, $0 == "-" ? "/dev/stdin" : $0) }) {
        throw usage(
          FileRoles.fault(
            "\(output.name) \(output.path)", replaces: input == "-" ? DescriptorSource.standardInput : input))
      }
    }
  }

  /// Throws a usage error for the first given option, because it has no effect without `cause`.
  public static func refuse(_ options: [(name: String, isGiven: Bool)], without cause: String) throws {
    if let idle = options.first(where: \.isGiven) { throw usage("\(idle.name) does nothing without \(cause)") }
  }
}

/// Thrown where standard input is a terminal and no input is named: short help, status 64.
struct ShortHelp: Error {}

/// Parses arguments, runs a tool, reports its errors, and returns the exit status.
enum ToolRunner<Command: Tool> {
  static func run(_ arguments: [String]) -> Int32 {
    Standard.openMissingDescriptors()
    FileRoles.begin()
    Signals.install()
    let errors = ErrorForm(arguments: arguments)
    var context: ToolContext?
    do {
      var command = try Command.parse(arguments)
      let made = ToolContext(tool: Command.toolName, options: command.common)
      context = made
      try command.run(made)
      made.finish()
      return Bytes.ExitCode.success.rawValue
    } catch let error as Diagnosable {
      context?.finish()
      if (error as? IOFailure)?.isBrokenPipe == true { return Bytes.ExitCode.io.rawValue }
      return report(error.diagnostic, errors)
    } catch is ShortHelp {
      var hint = "\(Command.toolName) --help says more"
      if !Command.example.isEmpty { hint = "for example: " + Command.example.split(separator: "\n")[0] + "; " + hint }
      return report(Diagnostic(.usage, "no input: name a file, or pipe one in", hint: hint), errors)
    } catch {
      context?.finish()
      return parserMessage(error, errors, arguments)
    }
  }

  private static func report(_ diagnostic: Diagnostic, _ form: ErrorForm) -> Int32 {
    Standard.error.write(form.text(diagnostic, tool: Command.toolName))
    return diagnostic.code.rawValue
  }

  /// Writes help and version to standard output, and usage faults of the argument parser in our form.
  private static func parserMessage(_ error: Error, _ form: ErrorForm, _ arguments: [String]) -> Int32 {
    let status = Command.exitCode(for: error)
    if status.isSuccess { return output(Command.fullMessage(for: error), form) }
    let isUsage = status == .validationFailure
    guard isUsage else {
      return report(Diagnostic(.software, "internal error: \(error)", hint: "please report this as a bug"), form)
    }
    if let unknown = UnknownOption(in: arguments, help: Command.helpMessage(includeHidden: true)) {
      let hint = unknown.nearest.map { "did you mean '\($0)'?" } ?? "\(Command.toolName) --help lists the options"
      return report(Diagnostic(.usage, "unknown option '\(unknown.name)'", hint: hint), form)
    }
    var message = Command.message(for: error).split(separator: "\n").joined(separator: " ")
    var hint = negativeValueHint(message, arguments) ?? "\(Command.toolName) --help lists the options"
    for mark in [". Did you mean ", ". did you mean "] {
      guard let range = message.firstRange(of: mark) else { continue }
      hint = "did you mean " + message[range.upperBound...]
      message = String(message[..<range.lowerBound])
    }
    if message.hasSuffix(".") { message.removeLast() }
    return report(Diagnostic(.usage, lowerFirst(message), hint: hint), form)
  }

  /// The hint where the parser took a negative number for an option: `--threshold -2` misses a value.
  private static func negativeValueHint(_ message: String, _ arguments: [String]) -> String? {
    for (option, value) in zip(arguments, arguments.dropFirst())
    where option.hasPrefix("--") && message.contains("'\(option) ") || message.contains("'\(option)'") {
      var digits = value
      if value.hasPrefix("-"), digits.withUTF8({ NumberText.double($0) }) != nil { return "\(option)=\(value)" }
    }
    return nil
  }

  private static func lowerFirst(_ text: String) -> String {
    guard let first = text.first else { return text }
    return first.lowercased() + text.dropFirst()
  }

  /// Prints help, after the example, or a version.
  private static func output(_ text: String, _ form: ErrorForm) -> Int32 {
    var text = text
    if text.hasPrefix("OVERVIEW:") && !Command.example.isEmpty {
      let lines = Command.example.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
      text = "EXAMPLE:\n" + lines.joined(separator: "\n") + "\n\n" + text
    }
    if !text.hasSuffix("\n") { text += "\n" }
    do {
      let sink = ByteSink(descriptor: STDOUT_FILENO, name: "standard output")
      try sink.write(text)
      try sink.close()
      return Bytes.ExitCode.success.rawValue
    } catch let failure as IOFailure {
      if failure.isBrokenPipe { return Bytes.ExitCode.io.rawValue }
      return report(failure.diagnostic, form)
    } catch {
      return Bytes.ExitCode.software.rawValue
    }
  }
}
