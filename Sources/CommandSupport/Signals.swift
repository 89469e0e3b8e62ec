import Bytes
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Signals that end a tool: at once, after temporary files are removed, or at a point that the tool chooses.
public enum Signals {
  /// Makes the first SIGINT, SIGTERM or SIGHUP only set `stop`; the next one ends the process at once.
  public static func hold() {
    _ = stop
    install([SIGINT, SIGTERM, SIGHUP]) { caught in
      if !held.compareExchange(expected: 0, desired: caught, ordering: .relaxed).exchanged { Signals.end(by: caught) }
    }
  }

  /// The exit status of the signal that asked the tool to stop; nil where none has come.
  public static var stop: Bytes.ExitCode? {
    let caught = held.load(ordering: .relaxed)
    return caught == 0 ? nil : Bytes.ExitCode(rawValue: 128 + caught)
  }

  /// Makes signals end the process at once.
  static func install() {
    PendingFiles.prepare()
    install([SIGINT, SIGTERM, SIGHUP, SIGPIPE]) { Signals.end(by: $0) }
    // A write beyond the limit on file sizes then fails with EFBIG, and is reported like any other.
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Ends the process by a signal; safe in a handler.
  static func end(by caught: Int32) {
    PendingFiles.unlinkAll()
    signal(caught, SIG_DFL)
    raise(caught)
  }

  private static func install(_ numbers: [Int32], _ handler: @escaping @convention(c) (Int32) -> Void) {
    for number in numbers {
      var old = sigaction()
      sigaction(number, nil, &old)
      // A signal that the parent ignores (nohup, Java) stays ignored.
      if !isIgnored(old) { signal(number, handler) }
    }
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    #if canImport(Glibc)
      let handler = action.__sigaction_handler.sa_handler
    #else
      let handler = action.__sa_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

/// The first signal after `hold`; 0 before.
private let held = Atomic<Int32>(0)
