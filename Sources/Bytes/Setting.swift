/// A setting of a method or an encoder, given by name in a text such as `paac:lambda=10` or `idmil:kernel=5`.
public struct Setting: Sendable, Equatable {
  /// The kinds of value.
  public enum Kind: Sendable, Equatable {
    /// A whole number; without a default it must be given.
    case integer(ClosedRange<Int>, default: Int?)
    /// A number; without a default it must be given.
    case real(ClosedRange<Double>, default: Double?)
    /// One of some words; the first is the default.
    case choice([String])
    /// Any text, such as a file's path; without a default it must be given.
    case text(default: String?)
  }
  /// The name in the text.
  public let name: String
  /// A shorter name, which texts may use too, and which the names of features use.
  public let short: String
  /// The values that are allowed, and the default.
  public let kind: Kind
  /// A short description for the help.
  public let meaning: String

  /// A setting; its short name is its name unless given.
  public init(_ name: String, short: String? = nil, _ kind: Kind, _ meaning: String) {
    (self.name, self.short, self.kind, self.meaning) = (name, short ?? name, kind, meaning)
  }

  /// A setting that is yes or no.
  public static func flag(_ name: String, default value: Bool, _ meaning: String) -> Setting {
    Setting(name, .choice(value ? ["yes", "no"] : ["no", "yes"]), meaning)
  }

  /// The allowed values, as a user reads them.
  public var allowed: String {
    switch kind {
    case .integer(let range, _): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .real(let range, _):
      "a number from \(NumberText.text(range.lowerBound)) to \(NumberText.text(range.upperBound))"
    case .choice(let values): values.joined(separator: " or ")
    case .text: "any text"
    }
  }

  /// The default as text; nil where the setting must be given.
  public var defaultText: String? {
    switch kind {
    case .integer(_, let value): value.map(String.init)
    case .real(_, let value): value.map(NumberText.text)
    case .choice(let values): values.first
    case .text(let value): value
    }
  }

  /// A line of a guide: name, meaning, allowed values, and the default.
  public var line: String {
    "Setting \(name): \(meaning); \(allowed); \(defaultText.map { "default \($0)" } ?? "must be given")\n"
  }

  /// The value in its normal spelling; nil if it is not allowed.
  public func normal(_ text: String) -> String? {
    var text = text
    switch kind {
    case .integer(let range, _):
      return text.withUTF8 { NumberText.integer($0) }.flatMap { range.contains($0) ? String($0) : nil }
    case .real(let range, _):
      return text.withUTF8 { NumberText.double($0) }.flatMap { range.contains($0) ? NumberText.text($0) : nil }
    case .choice(let values):
      return values.contains(text) ? text : nil
    case .text:
      return text
    }
  }
}

extension [Setting] {
  /// The settings with their defaults, `k=3,weight=0.05`; `-` where there are none.
  public var listed: String {
    isEmpty ? "-" : map { "\($0.name)=\($0.defaultText ?? "")" }.joined(separator: ",")
  }
}

/// A text such as `idmil:kernel=5,attention=no`: a name, and words behind a colon.
public struct SettingText: Sendable, Equatable {
  /// The name before the colon.
  public let name: String
  /// The words between commas behind the colon; those with `=` are settings.
  public let words: [String]

  /// Takes a text apart.
  public init(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    name = String(parts[0])
    words = parts.dropFirst().flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }.map(String.init)
  }
}

/// The values of the settings of one method or encoder, in their normal spelling.
public struct SettingValues: Sendable, Equatable {
  /// The settings, in the order in which they are listed.
  public let settings: [Setting]
  /// The value of each setting by its name.
  public private(set) var values: [String: String]

  /// The defaults of settings that all have one.
  public init(defaultsOf settings: [Setting]) {
    self.settings = settings
    values = Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0.defaultText ?? "") })
  }

  /// The values of words such as `kernel=5`; settings that no word names have those of `defaults`, or their own.
  ///
  /// - Parameters:
  ///   - subject: the method or encoder, for messages.
  ///   - guide: a command that describes it, for hints.
  /// - Throws: `SettingError`.
  public init(
    _ words: [String], of settings: [Setting], subject: String, guide: String, defaults: [String: String] = [:]
  ) throws(SettingError) {
    self.settings = settings
    values = [:]
    for word in words {
      let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard pair.count == 2 else {
        throw SettingError(.unknown(word, known: settings.map(\.name)), subject: subject, guide: guide)
      }
      let (name, value) = try Self.value(pair[0], pair[1], settings, subject, guide)
      if values.updateValue(value, forKey: name) != nil {
        throw SettingError(.twice(name), subject: subject, guide: guide)
      }
    }
    for setting in settings where values[setting.name] == nil {
      if let value = defaults[setting.name] {
        values[setting.name] = try Self.value(setting.name, value, settings, subject, guide).value
      } else if let value = setting.defaultText {
        values[setting.name] = value
      } else {
        throw SettingError(.missing(setting.name), subject: subject, guide: guide)
      }
    }
  }

  private static func value(
    _ name: String, _ text: String, _ settings: [Setting], _ subject: String, _ guide: String
  ) throws(SettingError) -> (name: String, value: String) {
    guard let setting = settings.first(where: { $0.name == name || $0.short == name }) else {
      throw SettingError(.unknown(name, known: settings.map(\.name)), subject: subject, guide: guide)
    }
    guard let value = setting.normal(text) else {
      throw SettingError(.notAllowed(name, text, allowed: setting.allowed), subject: subject, guide: guide)
    }
    return (setting.name, value)
  }

  /// The value of a whole number.
  public func integer(_ name: String) -> Int { values[name].flatMap { Int($0) } ?? 0 }
  /// The value of a number.
  public func real(_ name: String) -> Double { values[name].flatMap { Double($0) } ?? 0 }
  /// The value of a choice or a text.
  public func text(_ name: String) -> String { values[name] ?? "" }
  /// Whether a yes or no is yes.
  public func flag(_ name: String) -> Bool { values[name] == "yes" }

  /// Name and value of all settings, in their order.
  public var members: [(name: String, value: String)] { settings.map { ($0.name, values[$0.name] ?? "") } }

  /// Sets a value of a known setting; false where it is not allowed.
  public mutating func set(_ name: String, to text: String) -> Bool {
    guard let setting = settings.first(where: { $0.name == name }), let value = setting.normal(text) else {
      return false
    }
    values[name] = value
    return true
  }

  /// The values that differ from their defaults as the names of features have them: `-r3-b1024`.
  public var mark: String {
    settings.filter { values[$0.name] != $0.defaultText }.map { "-\($0.short)\(values[$0.name] ?? "")" }.joined()
  }

  /// The values that differ from their defaults, such as `kernel=5,attention=no`; empty where none does.
  public var changed: String {
    settings.filter { values[$0.name] != $0.defaultText }.map { "\($0.name)=\(values[$0.name] ?? "")" }
      .joined(separator: ",")
  }
}

/// An error in the settings of a method or an encoder.
public struct SettingError: Diagnosable, Equatable {
  /// The kinds of error.
  public enum Kind: Equatable, Sendable {
    case unknown(String, known: [String])
    case notAllowed(String, String, allowed: String)
    case twice(String)
    case missing(String)
  }
  /// The reason, with the setting and its value.
  public let kind: Kind
  /// The method or encoder.
  public let subject: String
  /// A command that describes it.
  public let guide: String

  /// An error of this kind.
  public init(_ kind: Kind, subject: String, guide: String) {
    (self.kind, self.subject, self.guide) = (kind, subject, guide)
  }

  /// The message for the user; status 64.
  public var diagnostic: Diagnostic {
    switch kind {
    case .unknown(let name, let known):
      Diagnostic(
        .usage,
        "\(subject) has no setting \(Diagnostic.quoted(name)): "
          + (known.isEmpty ? "it has none" : "it has \(known.joined(separator: ", "))"), hint: guide)
    case .notAllowed(let name, let value, let allowed):
      Diagnostic(.usage, "\(subject): \(name)=\(value) is not allowed: \(name) is \(allowed)", hint: guide)
    case .twice(let name):
      Diagnostic(.usage, "\(subject) is given two values of \(name)", hint: guide)
    case .missing(let name):
      Diagnostic(.usage, "\(subject) needs its setting \(name)", hint: "\(subject):\(name)=… (\(guide))")
    }
  }
}
