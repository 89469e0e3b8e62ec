#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Seconds of this thread, of this process, and of the wall.
enum Clock {
  static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  static var thread: Double { seconds(CLOCK_THREAD_CPUTIME_ID) }
  static var process: Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }
  static var wall: Double { seconds(CLOCK_MONOTONIC) }

  /// The largest resident size so far, in MB.
  static var peakMegabytes: Int {
    var usage = rusage()
    getrusage(0, &usage)  // RUSAGE_SELF, whose type differs between C libraries
    return Int(usage.ru_maxrss) / 1024
  }
}

/// Ends the program with a message.
func stop(_ message: String) -> Never {
  _ = message.utf8CString.withUnsafeBytes { write(2, $0.baseAddress, $0.count - 1) }
  exit(1)
}

/// The value in the middle.
func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return .nan }
  return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

/// A number with three digits after the point.
func short(_ value: Double) -> String {
  let whole = Int((value * 1000).rounded())
  let digits = String(1000 + abs(whole) % 1000).dropFirst()
  return "\(whole < 0 ? "-" : "")\(abs(whole) / 1000).\(digits)"
}
