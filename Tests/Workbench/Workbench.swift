#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The status and the output of a command.
public struct Outcome: Sendable, Equatable {
  /// The exit status; 128 and the signal's number where one ended it.
  public var status: Int32
  /// Standard output.
  public var output: String
  /// Standard error.
  public var errors: String

  /// Makes an outcome; a command that did its work and said nothing by default.
  public init(status: Int32 = 0, output: String = "", errors: String = "") {
    self.status = status
    self.output = output
    self.errors = errors
  }
}

/// A new empty folder in which commands run; it goes when the workbench goes.
public final class Workbench: Sendable {
  /// Its path.
  public let folder: String

  /// Makes the folder.
  public init() {
    var template = Array("/tmp/millrace-bench-XXXXXX".utf8CString)
    folder = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)!) }
  }

  deinit { Workbench.remove(folder) }

  /// Writes a file into the folder.
  public func write(_ text: String, to name: String) { Files.write(text, to: folder + "/" + name) }

  /// Copies a file into the folder under its own name, so that a script which writes there spares the original.
  public func copy(_ path: String) {
    Files.write(Files.bytes(path) ?? [], to: folder + "/" + (path.split(separator: "/").last ?? ""))
  }

  /// Runs a bash script in the folder with the built tools first on PATH, for at most `seconds`.
  ///
  /// A process killed by a signal, or by the time limit, has a status over 128.
  public func run(_ script: String, input: String = "", seconds: Int = 120) -> Outcome {
    let names = [".script", ".stdin", ".stdout", ".stderr"].map { folder + "/" + $0 }
    Files.write(script, to: names[0])
    Files.write(input, to: names[1])
    let path = Tools.folder + ":" + (environment("PATH") ?? "/usr/bin:/bin")
    let variables = [
      "PATH=\(path)", "HOME=\(folder)", "LANG=C.UTF-8", "TERM=dumb", "SWIFT_BACKTRACE=enable=no", "BIN=\(Tools.folder)",
      "ROOT=\(Repository.root)",
    ]
    let status = spawn(
      ["/usr/bin/env", "-C", folder, "timeout", "-k", "5", "\(seconds)", "bash", names[0]], variables: variables,
      redirect: Array(names[1...]))
    return Outcome(status: status, output: Files.text(names[2]) ?? "", errors: Files.text(names[3]) ?? "")
  }

  private func spawn(_ arguments: [String], variables: [String], redirect: [String]) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, redirect[0], O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, redirect[1], O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, redirect[2], O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    // A test runner may ignore or block signals; what it runs must not inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
    var argv = arguments.map { strdup($0) } + [nil]
    var envp = variables.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var process: pid_t = 0
    guard posix_spawn(&process, arguments[0], &actions, &attributes, &argv, &envp) == 0 else { return 127 }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
  }

  static func remove(_ folder: String) {
    for name in Files.names(in: folder) {
      let path = folder + "/" + name
      if unlink(path) != 0 { remove(path) }
    }
    rmdir(folder)
  }
}

/// Empty folders for tests that run no commands; all go when the test process ends.
public enum Scratch {
  private static let root: String = {
    var template = Array("/tmp/millrace-test-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)!) }
    atexit { Workbench.remove(Scratch.root) }
    return made
  }()

  /// A new one.
  public static func folder() -> String {
    var template = Array("\(root)/XXXXXX".utf8CString)
    return template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)!) }
  }
}

/// The value of an environment variable.
public func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// The built tools.
public enum Tools {
  /// In the order of the data's way.
  public static let names = [
    "seqfeat", "molfeat", "resfeat", "netfeat", "pairgen", "normalize", "mil-train", "mil-score", "metrics", "explain",
  ]

  /// The folder that holds them: beside the test bundle, or what MILLRACE_BIN says.
  public static let folder: String = {
    if let named = environment("MILLRACE_BIN") { return named }
    let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
    let parts = bundle.split(separator: "/", omittingEmptySubsequences: false)
    let end = parts.firstIndex { $0.hasSuffix(".xctest") } ?? parts.count - 1
    return parts[..<end].joined(separator: "/")
  }()

  /// Whether a program is on PATH; for tests that need one that not every machine has.
  public static func has(_ program: String) -> Bool {
    (environment("PATH") ?? "").split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
  }
}

/// The repository these tests came from.
public enum Repository {
  /// Its top folder.
  public static let root: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/")
  }()

  /// All files below a folder of the repository, sorted, as paths from the top.
  public static func files(below folder: String, ending: String = "") -> [String] {
    var found: [String] = []
    for name in Files.names(in: root + "/" + folder).sorted() {
      let path = folder + "/" + name
      if Files.isFolder(root + "/" + path) {
        found += files(below: path, ending: ending)
      } else if name.hasSuffix(ending) {
        found.append(path)
      }
    }
    return found
  }

  /// The text of a file of the repository; nil where it is missing.
  public static func text(_ path: String) -> String? { Files.text(root + "/" + path) }
}

/// The material beside the repository that some tests use where it is there.
public enum Shared {
  /// Its folder, MILLRACE_SHARED or `shared` beside the repository; nil where it is absent.
  public static let root: String? = [environment("MILLRACE_SHARED"), Repository.root + "/../shared"]
    .compactMap { $0 }.first { access($0, R_OK) == 0 }
}

/// The few things tests do with files.
public enum Files {
  /// The text of a file; nil where it cannot be read.
  public static func text(_ path: String) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }

  /// The bytes of a file; nil where it cannot be read.
  public static func bytes(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&block, 1, block.count, file)
      if count == 0 { return bytes }
      bytes += block[..<count]
    }
  }

  /// Writes a file whole.
  public static func write(_ text: String, to path: String) { write(Array(text.utf8), to: path) }

  /// Writes a file whole, and says whether that went well.
  @discardableResult
  public static func write(_ bytes: [UInt8], to path: String) -> Bool {
    guard let file = fopen(path, "wb") else { return false }
    let count = fwrite(bytes, 1, bytes.count, file)
    return fclose(file) == 0 && count == bytes.count
  }

  /// The names in a folder, without `.` and `..`.
  public static func names(in folder: String) -> [String] {
    guard let listing = opendir(folder) else { return [] }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// Whether a path is a folder, not a link to one.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
