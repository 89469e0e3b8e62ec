#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The temporary files that exist now, in a form that a signal handler may read: a fixed table of C strings.
public enum PendingFiles {
  /// One entry of the table.
  struct Ticket {
    fileprivate let slot: Int
  }

  private static let capacity = 64

  /// A pointer that concurrent code may hold; the table behind it is changed under `lock` only, by single stores.
  private struct Table: @unchecked Sendable {
    let slots: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    let lock: UnsafeMutablePointer<pthread_mutex_t>

    init() {
      slots = .allocate(capacity: PendingFiles.capacity)
      slots.initialize(repeating: nil, count: PendingFiles.capacity)
      lock = .allocate(capacity: 1)
      lock.initialize(to: pthread_mutex_t())
      pthread_mutex_init(lock, nil)
    }
  }

  private static let table = Table()

  /// Makes the table, so that a signal handler never is the first to touch it.
  public static func prepare() { _ = table }

  static func add(_ path: String) -> Ticket {
    // A path from the root, as the working directory may change until the signal comes. It is never freed: the handler
    // may be reading it.
    var full = path
    if !path.hasPrefix("/"), let here = getcwd(nil, 0) {
      full = String(cString: here) + "/" + path
      free(here)
    }
    pthread_mutex_lock(table.lock)
    defer { pthread_mutex_unlock(table.lock) }
    for slot in 0..<capacity where table.slots[slot] == nil {
      table.slots[slot] = strdup(full)
      return Ticket(slot: slot)
    }
    return Ticket(slot: -1)
  }

  static func remove(_ ticket: Ticket) {
    guard ticket.slot >= 0 else { return }
    pthread_mutex_lock(table.lock)
    table.slots[ticket.slot] = nil
    pthread_mutex_unlock(table.lock)
  }

  /// Unlinks every temporary file; safe to call in a signal handler after `prepare()`.
  public static func unlinkAll() {
    for slot in 0..<capacity {
      if let path = table.slots[slot] { unlink(path) }
    }
  }
}
