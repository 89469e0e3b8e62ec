#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The existing temporary files in a table of C strings that a signal handler can read.
public enum PendingFiles {
  /// One entry of the table.
  struct Ticket {
    fileprivate let slot: Int
  }

  private static let capacity = 64
  private static let longest = 4096

  /// The slots of the table, changed under `lock` only. A path is written before its slot is marked as used, so that
  /// the handler reads complete paths at any time.
  private struct Table: @unchecked Sendable {
    let isUsed: UnsafeMutablePointer<Bool>
    let paths: UnsafeMutablePointer<CChar>
    let lock: UnsafeMutablePointer<pthread_mutex_t>

    init() {
      isUsed = .allocate(capacity: PendingFiles.capacity)
      isUsed.initialize(repeating: false, count: PendingFiles.capacity)
      paths = .allocate(capacity: PendingFiles.capacity * PendingFiles.longest)
      lock = .allocate(capacity: 1)
      lock.initialize(to: pthread_mutex_t())
      pthread_mutex_init(lock, nil)
    }
  }

  private static let table = Table()

  /// Creates the table, so that a signal handler is never the first to access it.
  public static func prepare() { _ = table }

  static func add(_ path: String) -> Ticket {
    // A path from the root, as the working directory may change until the signal comes.
    var full = path
    if !path.hasPrefix("/"), let here = getcwd(nil, 0) {
      full = String(cString: here) + "/" + path
      free(here)
    }
    let bytes = full.utf8CString
    guard bytes.count <= longest else { return Ticket(slot: -1) }
    pthread_mutex_lock(table.lock)
    defer { pthread_mutex_unlock(table.lock) }
    for slot in 0..<capacity where !table.isUsed[slot] {
      bytes.withUnsafeBufferPointer { (table.paths + slot * longest).update(from: $0.baseAddress!, count: $0.count) }
      table.isUsed[slot] = true
      return Ticket(slot: slot)
    }
    return Ticket(slot: -1)
  }

  static func remove(_ ticket: Ticket) {
    guard ticket.slot >= 0 else { return }
    pthread_mutex_lock(table.lock)
    table.isUsed[ticket.slot] = false
    pthread_mutex_unlock(table.lock)
  }

  /// Unlinks every temporary file; safe to call in a signal handler after `prepare()`.
  public static func unlinkAll() {
    for slot in 0..<capacity where table.isUsed[slot] { unlink(table.paths + slot * longest) }
  }
}
