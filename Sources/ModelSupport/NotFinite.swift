import Bytes

/// A value of a model that is infinite or not a number, which no output can hold.
public struct NotFinite: Diagnosable {
  private let value, bag, instance, model: String

  /// - Parameters:
  ///   - value: the value with its article, such as `the logit`.
  ///   - model: the path of the model file.
  public init(_ value: String, bag: String, instance: String, model: String) {
    (self.value, self.bag, self.instance, self.model) = (value, bag, instance, model)
  }

  /// Status 65 with the ids of bag and instance.
  public var diagnostic: Diagnostic {
    Diagnostic(
      .data,
      "\(value) of bag \(Diagnostic.quoted(bag)), instance \(Diagnostic.quoted(instance)) is not a finite number",
      at: SourceLocation(source: model), hint: "look for features far out of range, or for damaged weights in the model"
    )
  }
}
