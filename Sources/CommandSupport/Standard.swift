import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The form of diagnostics.
enum ErrorForm: String {
  case text, json

  /// The value of `--errors`, found before the arguments are parsed, so that usage faults have this form too.
  init(arguments: [String]) {
    self = .text
    for (i, argument) in arguments.enumerated() {
      if argument == "--" { return }
      if argument == "--errors=json" { self = .json }
      if argument == "--errors", i + 1 < arguments.count, arguments[i + 1] == "json" { self = .json }
    }
  }

  func text(_ diagnostic: Diagnostic, tool: String) -> String {
    switch self {
    case .text: diagnostic.text(tool: tool)
    case .json: diagnostic.json(tool: tool) + "\n"
    }
  }
}

/// The three standard descriptors.
enum Standard {
  /// Standard error; failures to write there are ignored.
  struct ErrorStream {
    func write(_ text: String) {
      let sink = ByteSink(descriptor: STDERR_FILENO, name: "standard error")
      try? sink.write(text)
      try? sink.flush()
    }
  }

  static let error = ErrorStream()

  /// Ends the process; with a status over 128 by the signal of that number, as a shell would see it.
  ///
  /// All that was written has been flushed by its sink, so no exit handler runs: one of a library could wait for
  /// threads that are still at work.
  static func end(_ status: Int32) -> Never {
    if status > 128 { Signals.end(by: status - 128) }
    _exit(status)
  }

  /// Replaces closed standard descriptors by ones that fail, so that no file opened later takes their numbers.
  static func openMissingDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}

/// The largest memory that the process has had at a time, in bytes.
public var peakMemory: Int {
  var usage = rusage()
  #if canImport(Glibc)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  #else
    getrusage(RUSAGE_SELF, &usage)
  #endif
  return usage.ru_maxrss << 10
}

func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }
