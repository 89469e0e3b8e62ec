import Bytes
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The value our reader gives for a text.
func read(_ text: String) -> Double? {
  Array(text.utf8).withUnsafeBufferPointer { NumberText.double($0) }
}

/// How many random numbers a fuzz test tries: MILLRACE_FUZZ, or a number that takes about a second.
let fuzzCount = getenv("MILLRACE_FUZZ").flatMap { Int(String(cString: $0)) } ?? 200_000

@Suite struct NumberTextTests {
  @Test func grammarIsThatOfJSON() {
    for good in [
      "0", "-0", "1", "-1", "10", "0.5", "-0.5e3", "1E5", "1e+5", "1e-5", "0e0", "0.0", "123456789012345678901",
    ] {
      #expect(read(good) == strtod(good, nil), "\(good)")
    }
    for bad in [
      "", "-", "+1", ".5", "5.", "01", "-01", "00", "1e", "1e+", "0x10", "nan", "NaN", "inf", "Infinity", "-inf", "0,5",
      "1 ", " 1", "1_0", "1e999", "-1e999", "١", "1.5.2", "--1", "1e5.5", "NA", "null", "1d5", "0x1p3",
    ] { #expect(read(bad) == nil, "\(bad)") }
  }

  @Test func zeroKeepsItsSign() {
    #expect(read("-0")!.sign == .minus)
    #expect(read("-0.000")!.sign == .minus)
    #expect(read("0e-999")!.sign == .plus)
    #expect(read("-0.00000000000000000000000000")!.sign == .minus)
  }

  @Test func hardCasesAreRoundedRight() {
    let hard = [
      "4.9e-324", "5e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "2.2250738585072011e-308",
      "2.2250738585072014e-308", "1.7976931348623157e308", "9007199254740993", "9007199254740992.5",
      "9007199254740993.0000000000000000000000001", "18446744073709551615", "18446744073709551616", "1e22", "1e23",
      "0.1", "0.30000000000000004", "123456789012345678e-27", "9999999999999999999e-27", "1e-27", "1e-22", "1e-23",
      "9007199254740993e-1", "4503599627370496.5", "4503599627370497.5",
      "0.500000000000000166533453693773481063544750213623046875",
      String(repeating: "9", count: 300), "0." + String(repeating: "0", count: 4000) + "1",
      "1." + String(repeating: "3", count: 5000),
    ]
    for text in hard {
      #expect(read(text)?.bitPattern == strtod(text, nil).bitPattern, "\(text.prefix(60))")
      #expect(read("-" + text)?.bitPattern == strtod("-" + text, nil).bitPattern, "-\(text.prefix(60))")
    }
  }

  @Test func agreesWithStrtod() {
    var random = RandomStream(seed: 1, 2)
    var wrong: [String] = []
    for i in 0..<fuzzCount {
      var text = random.below(2) == 0 ? "-" : ""
      switch i % 6 {
      case 4:  // below the smallest normal number
        text += String(random.next() >> UInt64(random.below(64))) + "e-" + String(308 + random.below(35))
      case 5:  // eight digits at a time: runs of any length, with zeros at either end
        text += "0." + String(repeating: "0", count: random.below(9))
        for _ in 0..<(1 + random.below(34)) { text += String(random.below(4) == 0 ? 0 : random.below(10)) }
        if random.below(3) == 0 { text += "E+" + String(random.below(30)) }
      case 0:
        let value = Double(bitPattern: random.next())
        guard value.isFinite else { continue }
        text = value.description
      case 1:  // what our tools write
        text = NumberText.text(random.normal() * [1e-8, 1e-3, 1, 1e6][random.below(4)])
      case 2:
        text += String(random.next() >> UInt64(random.below(60))) + "e" + String(random.below(80) - 50)
      default:
        text += String(random.below(1000)) + "."
        for _ in 0..<(1 + random.below(24)) { text += String(random.below(10)) }
      }
      if read(text)?.bitPattern != strtod(text, nil).bitPattern { wrong.append(text) }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(5))")
  }

  @Test func halfwayCasesAgreeWithStrtod() {
    // Midpoints between neighbouring doubles with 10^-k: the mantissa is odd · 2^j, where the remainder decides.
    var random = RandomStream(seed: 3)
    var wrong: [String] = []
    for _ in 0..<fuzzCount / 4 {
      let odd = (random.next() >> 10) | 1 | 1 << 53
      for text in ["\(odd).0", "\(odd)e-1", "\(odd * 5)e-1", "\(odd * 25)e-2", "\(odd * 125)e-3"]
      where read(text)?.bitPattern != strtod(text, nil).bitPattern { wrong.append(text) }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(5))")
  }

  @Test func tiesWithAllTheirDigitsAgreeWithStrtod() {
    var random = RandomStream(seed: 5)
    var wrong: [String] = []
    for i in 0..<fuzzCount / 500 {
      // Between c · 2^q and its successor lies (2c + 1) · 2^(q-1) = (2c + 1) · 5^(1-q) · 10^(q-1).
      // Every third is subnormal.
      let bits = random.next() >> 1
      let value = Double(bitPattern: i % 3 == 0 ? bits >> UInt64(11 + random.below(40)) : bits % (1023 << 52))
      let c = value.isNormal ? value.significandBitPattern | 1 << 52 : value.significandBitPattern
      let power = max(Int(value.exponentBitPattern), 1) - 1075 - 1
      var digits = Decimal(2 * c + 1)
      for _ in 0..<max(0, -power) { digits.multiply(by: 5) }
      for _ in 0..<max(0, power) { digits.multiply(by: 2) }
      let exponent = "e\(min(0, power))"
      let tie = digits.text
      for text in [tie + exponent, tie + ".0000000001" + exponent, String(tie.dropLast()) + "4.9999" + exponent]
      where read(text)?.bitPattern != strtod(text, nil).bitPattern { wrong.append(text) }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(5))")
  }

  @Test func writesTheShortestForm() {
    let cases: [(Double, String)] = [
      (3, "3"), (0, "0"), (-0.0, "-0"), (0.5, "0.5"), (1e-7, "1e-7"), (1.5e-7, "1.5e-7"), (1e16, "1e16"),
      (1e22, "1e22"),
      (1.25e300, "1.25e300"), (.leastNonzeroMagnitude, "5e-324"), (-12, "-12"), (123456, "123456"),
      (1e15, "1000000000000000"),
      (0.1, "0.1"), (1.0 / 3, "0.3333333333333333"), (9.5, "9.5"), (1e100, "1e100"), (-1e-10, "-1e-10"),
      (2147483648, "2147483648"), (-2147483648, "-2147483648"), (0.0001, "0.0001"), (1e-5, "1e-5"),
    ]
    for (value, text) in cases { #expect(NumberText.text(value) == text) }
    var bytes: [UInt8] = []
    for value: Float in [0.1, 3, -0.0, 1e-7, 16_777_216, 0] {
      NumberText.append(value, to: &bytes)
      bytes.append(32)
    }
    #expect(String(decoding: bytes, as: UTF8.self) == "0.1 3 -0 1e-7 16777216 0 ")
    bytes = []
    for value in [0, -1, 12345, Int.max, Int.min] {
      NumberText.append(value, to: &bytes)
      bytes.append(32)
    }
    #expect(String(decoding: bytes, as: UTF8.self) == "0 -1 12345 9223372036854775807 -9223372036854775808 ")
  }

  /// Swift's own text is the shortest and, of those, the nearest: ours has the same digits.
  @Test func writesWhatSwiftFinds() {
    var random = RandomStream(seed: 11)
    var wrong: [Double] = []
    for i in 0..<fuzzCount {
      var value = Double(bitPattern: random.next())
      switch i % 4 {
      case 1: value = random.normal() * [1e-300, 1e-5, 1, 1e5][random.below(4)]
      case 2: value = Double(random.below(1 << 20)) / Double(1 + random.below(2000))
      case 3:
        // Powers of two and their neighbours, where the interval is lopsided; subnormals.
        let exponent = UInt64(random.below(2047)) << 52
        value = Double(bitPattern: exponent &+ UInt64(bitPattern: Int64(random.below(5) - 2)) & (1 << 63 - 1))
      default: break
      }
      if value.isFinite && NumberText.text(value) != compact(value.description) { wrong.append(value) }
      let single = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      if single.isFinite && text(single) != compact(single.description) { wrong.append(Double(single)) }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(5))")
  }

  /// The text without what ours leaves out, with the point where ours has it.
  private func compact(_ description: String) -> String {
    let parts = description.split(separator: "e")
    let isNegative = parts[0].first == "-"
    let mantissa = (isNegative ? parts[0].dropFirst() : parts[0]).split(separator: ".")
    let exponent = parts.count > 1 ? Int(parts[1])! : 0
    var digits = mantissa[0] + (mantissa.count > 1 ? mantissa[1] : "")
    var point = mantissa[0].count + exponent
    while digits.first == "0" {
      digits.removeFirst()
      point -= 1
    }
    while digits.last == "0" { digits.removeLast() }
    let sign = isNegative ? "-" : ""
    if digits.isEmpty { return sign + "0" }
    if point > 16 || point < -3 {
      return sign + digits.prefix(1) + (digits.count > 1 ? "." + digits.dropFirst() : "") + "e\(point - 1)"
    }
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
    if digits.count <= point { return sign + digits + String(repeating: "0", count: point - digits.count) }
    return sign + digits.prefix(point) + "." + digits.dropFirst(point)
  }

  private func text(_ value: Float) -> String {
    var bytes: [UInt8] = []
    NumberText.append(value, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func whatIsWrittenReadsBack() {
    var random = RandomStream(seed: 7)
    var wrong = 0
    for _ in 0..<fuzzCount / 4 {
      let value = Double(bitPattern: random.next())
      let single = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      if value.isFinite && read(NumberText.text(value))?.bitPattern != value.bitPattern { wrong += 1 }
      var bytes: [UInt8] = []
      if single.isFinite {
        NumberText.append(single, to: &bytes)
        let back = bytes.withUnsafeBufferPointer { NumberText.double($0) }
        if back.map({ Float($0).bitPattern }) != single.bitPattern { wrong += 1 }
      }
    }
    #expect(wrong == 0)
  }

  @Test func fixedAndIntegers() {
    #expect(NumberText.fixed(0.125, digits: 2) == "0.12")
    #expect(NumberText.fixed(-0.001, digits: 2) == "0.00")
    #expect(NumberText.fixed(12.3456, digits: 3) == "12.346")
    #expect(NumberText.fixed(.nan, digits: 3) == "NA")
    func integer(_ text: String) -> Int? { Array(text.utf8).withUnsafeBufferPointer { NumberText.integer($0) } }
    #expect(integer("12") == 12)
    #expect(integer("-12") == -12)
    #expect(integer("9223372036854775807") == .max)
    #expect(integer("-9223372036854775808") == .min)
    for bad in ["", "-", "+1", "01", "1.0", "9223372036854775808", "1e3", " 1"] {
      #expect(integer(bad) == nil, "\(bad)")
    }
  }
}

/// A whole number of any size as nine digits an element, the lowest first.
private struct Decimal {
  private var parts: [UInt64]

  init(_ value: UInt64) {
    parts = [value % 1_000_000_000, value / 1_000_000_000 % 1_000_000_000, value / 1_000_000_000_000_000_000]
  }

  mutating func multiply(by factor: UInt64) {
    var carry: UInt64 = 0
    for i in parts.indices {
      let product = parts[i] * factor + carry
      parts[i] = product % 1_000_000_000
      carry = product / 1_000_000_000
    }
    if carry > 0 { parts.append(carry) }
  }

  var text: String {
    let all = parts.reversed().map { part in
      let digits = String(part)
      return String(repeating: "0", count: 9 - digits.count) + digits
    }
    return String(all.joined().drop { $0 == "0" })
  }
}
