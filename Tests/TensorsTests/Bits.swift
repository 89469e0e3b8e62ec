/// Values that are told apart bit by bit: 0 from -0, and one that is no number equals itself.
protocol Bits {
  var bits: UInt64 { get }
}

extension Float: Bits {
  var bits: UInt64 { UInt64(bitPattern) }
}

extension Double: Bits {
  var bits: UInt64 { bitPattern }
}

extension UInt8: Bits {
  var bits: UInt64 { UInt64(self) }
}

/// The bits of several rows of values, one behind the other.
func bits(_ values: [any Bits]...) -> [UInt64] { values.flatMap { $0.map(\.bits) } }
