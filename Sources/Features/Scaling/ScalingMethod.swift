/// One way to change numbers; several in a row make a `ScalingChain`.
public enum ScalingMethod: String, Sendable, CaseIterable {
  /// (x − mean) / population standard deviation.
  case zscore
  /// (x − minimum) / (maximum − minimum).
  case minmax
  /// Less the median, over the distance of the quartiles (linear interpolation between ranks: type 7 of Hyndman and Fan
  /// 1996, The American Statistician 50:361; scikit-learn's RobustScaler).
  case robust
  /// Each sample (a column) gets the distribution of all: see `SampleQuantiles`.
  case quantile
  /// log(1 + x), for x above −1.
  case log1p
  /// Each row over its Euclidean norm; a row of zeros stays.
  case unit
  /// Each row over the sum of its absolute values.
  case unitL1 = "unit-l1"
  /// Each row over its largest absolute value.
  case unitMax = "unit-max"
  /// Values below −5 become −5, above 5 they become 5.
  case clip

  /// The largest value that `clip` leaves.
  static let most = 5.0

  /// Whether the method must be fitted to data.
  public var isFitted: Bool { [.zscore, .minmax, .robust, .quantile].contains(self) }

  /// Whether a value's new value depends on the others of its row.
  public var isOfRow: Bool { [.unit, .unitL1, .unitMax].contains(self) }

  /// Why it can't be undone; nil where it can.
  public var obstacle: String? {
    switch self {
    case .unit, .unitL1, .unitMax: "the norm of a row is not kept"
    case .quantile: "a sample's own distribution is not kept"
    case .clip: "values beyond 5 are not kept"
    case .zscore, .minmax, .robust, .log1p: nil
    }
  }
}

/// Methods that follow one another, at most one of them fitted: `log1p,zscore`. None at all leaves values as they are.
public struct ScalingChain: Sendable, Equatable {
  /// The methods before the fitted one; all where none is fitted.
  public let before: [ScalingMethod]
  /// The method whose numbers come from the data.
  public let fitted: ScalingMethod?
  /// The methods after the fitted one.
  public let after: [ScalingMethod]

  /// The word for an empty chain of methods.
  public static let nothing = "none"

  /// The allowed words, for help and completion.
  public static var words: [String] { ScalingMethod.allCases.map(\.rawValue) + [nothing] }

  /// One fitted method alone.
  public init(_ method: ScalingMethod) {
    precondition(method.isFitted, "a method that is fitted")
    (before, fitted, after) = ([], method, [])
  }

  /// Reads `log1p,zscore`, or `none`; throws `ScalingError.badChain` with the reason.
  public init(parsing text: String) throws {
    var methods: [ScalingMethod] = []
    let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if words != [Self.nothing] {
      methods = try words.map { word in
        guard let method = ScalingMethod(rawValue: word) else {
          throw ScalingError.badChain(
            text, word == Self.nothing ? "none stands alone" : "the methods are \(Self.words.joined(separator: ", "))")
        }
        return method
      }
    }
    let fitted = methods.filter(\.isFitted)
    if fitted.count > 1 {
      throw ScalingError.badChain(
        text, "\(fitted[0].rawValue) and \(fitted[1].rawValue) are both fitted to the data, and a chain has one of them"
      )
    }
    if fitted == [.quantile], let norm = methods.first(where: \.isOfRow) {
      throw ScalingError.badChain(text, "\(norm.rawValue) works on rows, quantile on columns")
    }
    let place = methods.firstIndex(where: \.isFitted) ?? methods.endIndex
    before = Array(methods[..<place])
    self.fitted = fitted.first
    after = Array(methods[place...].dropFirst())
  }

  /// All methods in order.
  public var methods: [ScalingMethod] { before + (fitted.map { [$0] } ?? []) + after }

  /// As it is written.
  public var text: String { methods.isEmpty ? Self.nothing : methods.map(\.rawValue).joined(separator: ",") }
}

/// The rule for a column without a spread to divide by.
public enum ConstantRule: String, Sendable, CaseIterable {
  /// Its value, or its median, is taken off, and nothing is divided: a constant column becomes 0.
  case zero
  /// The column is left unchanged.
  case keep
  /// The fit fails with an error that names the column.
  case error
}
