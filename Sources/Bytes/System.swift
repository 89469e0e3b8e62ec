#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Repeats a system call while it is interrupted or not ready; returns its result, or the errno of its failure.
@inline(never)
func retrying<Result: SignedInteger>(
  waitingOn descriptor: Int32 = -1, events: Int32 = 0, _ call: () -> Result
) -> (result: Result, error: Int32) {
  var idle = 0
  while true {
    let result = call()
    if result >= 0 { return (result, 0) }
    let error = errno
    if error == EINTR { continue }
    // Something that is not ready: wait for the descriptor; calls without one are tried for about a second.
    guard error == EAGAIN || error == EWOULDBLOCK, descriptor >= 0 || idle < 100 else { return (result, error) }
    idle += 1
    if descriptor >= 0 {
      var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
      _ = poll(&entry, 1, 1000)
    } else {
      usleep(10_000)
    }
  }
}

/// The system's `close`, for types with a method of that name.
func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }

/// A failed system call: the operation, its path, and the errno.
public struct IOFailure: Diagnosable {
  /// The operation, which decides the exit status.
  public enum Operation: String, Sendable {
    case open = "cannot open"
    case read = "cannot read"
    case create = "cannot create"
    case write = "cannot write to"
    case rename = "cannot rename the finished file to"
  }

  /// The operation that failed.
  public let operation: Operation
  /// The path or name of the file.
  public let path: String
  /// The errno.
  public let error: Int32

  /// Makes a failure from an errno.
  public init(_ operation: Operation, path: String, errno error: Int32) {
    self.operation = operation
    self.path = path
    self.error = error
  }

  /// Whether the reader of a pipe has closed it, a reason to end quietly.
  public var isBrokenPipe: Bool { error == EPIPE }

  /// The text, place and exit status of this error.
  public var diagnostic: Diagnostic {
    let code: ExitCode =
      switch operation {
      case .open: .noInput
      case .create, .rename: .cannotCreate
      case .read, .write: .io
      }
    let reason = strerror(error).map { String(cString: $0) } ?? "error \(error)"
    return Diagnostic(code, "\(operation.rawValue) \(path): \(reason)")
  }
}
