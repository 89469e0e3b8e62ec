import Bytes
import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The messages of a running tool: warnings, counts at the end, progress. All are written to standard error.
///
/// Warnings may come from the thread that reads ahead while another one works.
public final class ToolContext {
  /// The name of the tool.
  public let tool: String
  /// Whether only errors are reported.
  public let isQuiet: Bool
  /// Whether figures on standard output have colours.
  public let hasColor: Bool
  /// Whether standard error is a terminal.
  public let isStderrTerminal = isatty(STDERR_FILENO) == 1
  /// Whether standard output is a terminal.
  public let isStdoutTerminal = isatty(STDOUT_FILENO) == 1

  private let form: ErrorForm
  private var topics: [(key: String, count: Int)] = []
  private var topicIndex: [String: Int] = [:]
  private var notes: [(text: String, count: Int)] = []
  private var meter: ProgressMeter?
  private static let named = 5
  private let turn = DispatchSemaphore(value: 1)

  init(tool: String, options: CommonOptions) {
    self.tool = tool
    isQuiet = options.quiet
    form = ErrorForm(rawValue: options.errors.rawValue) ?? .text
    switch options.color {
    case .always: hasColor = true
    case .never: hasColor = false
    case .auto: hasColor = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
    }
  }

  /// Warns: at once where the diagnostic has no topic; of a topic the first five are named and the rest are counted.
  public func warn(_ diagnostic: Diagnostic) {
    if let topic = diagnostic.topic { return counted(topic, diagnostic) }
    inTurn { emit(diagnostic) }
  }

  /// Warns of a case that may be frequent: the first five are named, the rest are counted at the end.
  public func counted(_ key: String, _ example: @autoclosure () -> Diagnostic) {
    inTurn {
      let i: Int
      if let known = topicIndex[key] {
        i = known
      } else {
        i = topics.count
        topics.append((key, 0))
        topicIndex[key] = i
      }
      topics[i].count += 1
      if topics[i].count <= ToolContext.named { emit(example()) }
    }
  }

  /// Counts cases that were repaired or left out, reported once at the end as `N text`, unless `--quiet`.
  public func note(_ text: String, count: Int = 1) {
    guard count > 0 else { return }
    inTurn {
      if let i = notes.firstIndex(where: { $0.text == text }) {
        notes[i].count += count
      } else {
        notes.append((text, count))
      }
    }
  }

  /// Writes a line of information, unless `--quiet`.
  public func say(_ text: String) { inTurn { emit(Diagnostic(.success, text)) } }

  /// Makes a progress meter, shown on a terminal only; `total` is the number of all units, where known, and `before`
  /// that of units from an earlier run, which count as done, but not for the rate.
  public func progress(_ what: String, total: Int? = nil, before: Int = 0) -> ProgressMeter {
    let made = ProgressMeter(
      what, total: total, before: before, isVisible: isStderrTerminal && !isQuiet && form == .text)
    meter = made
    return made
  }

  /// Reports the counts.
  func finish() {
    meter?.finish()
    for topic in topics where topic.count > ToolContext.named {
      emit(Diagnostic(.success, "\(topic.count - ToolContext.named) more: \(topic.key)"))
    }
    for note in notes { emit(Diagnostic(.success, "\(note.count) \(note.text)")) }
    topics = []
    topicIndex = [:]
    notes = []
  }

  private func inTurn(_ body: () -> Void) {
    turn.wait()
    defer { turn.signal() }
    body()
  }

  private func emit(_ diagnostic: Diagnostic) {
    if isQuiet { return }
    meter?.clear()
    Standard.error.write(form.text(diagnostic, tool: tool))
  }
}

/// Count, rate and time left, on one line of a terminal, at most five times a second.
public final class ProgressMeter {
  private let turn = DispatchSemaphore(value: 1)
  private let what: String
  private let total: Int?
  private var before: Int
  private let isVisible: Bool
  private var began = ProgressMeter.now()
  private var last = 0
  private var drawn = 0.0
  private var isOnScreen = false

  init(_ what: String, total: Int?, before: Int, isVisible: Bool) {
    self.what = what
    self.total = total
    self.before = before
    last = before
    self.isVisible = isVisible
  }

  /// Shows the number of units that are done; `detail` follows the figures.
  public func update(_ done: Int, detail: @autoclosure () -> String = "") {
    guard isVisible else { return }
    turn.wait()
    defer { turn.signal() }
    let time = ProgressMeter.now()
    // A count that falls belongs to a new attempt, which has a rate of its own.
    if done < last { (began, before) = (time, done) }
    last = done
    guard time - drawn >= 0.2 else { return }
    drawn = time
    let seconds = max(1e-9, time - began)
    let rate = Double(done - before) / seconds
    var line = "\(done)"
    if let total { line += "/\(total)" }
    line += " \(what), \(NumberText.fixed(rate, digits: rate < 10 ? 1 : 0))/s"
    if let total, done > before, total > done {
      line += ", \(ProgressMeter.clock(Double(total - done) / rate)) left"
    }
    let more = detail()
    if !more.isEmpty { line += ", " + more }
    Standard.error.write("\r\u{1B}[K" + line)
    isOnScreen = true
  }

  /// Removes the line from the terminal.
  public func finish() { clear() }

  func clear() {
    turn.wait()
    defer { turn.signal() }
    guard isOnScreen else { return }
    isOnScreen = false
    Standard.error.write("\r\u{1B}[K")
  }

  private static func clock(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9))
    func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    return whole >= 3600
      ? "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))" : "\(whole / 60):\(two(whole % 60))"
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
