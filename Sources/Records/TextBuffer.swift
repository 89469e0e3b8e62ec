import Bytes

/// A growing buffer for lines of text, without bounds checks per byte, with fast writing of runs of numbers.
final class TextBuffer {
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0
  private let cache = NumberCache()

  init() {
    capacity = 1 << 12
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  /// The written bytes, valid until the next change.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  var last: UInt8 { count > 0 ? base[count - 1] : 0 }

  /// Whether a number since `clear()` was infinite, and was written as missing.
  private(set) var hasInfinity = false

  func clear() {
    count = 0
    hasInfinity = false
  }

  @inline(__always)
  private func reserve(_ more: Int) {
    if count + more > capacity { grow(more) }
  }

  @inline(never)
  private func grow(_ more: Int) {
    capacity = max(capacity * 2, count + more)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
  }

  func append(byte: UInt8) {
    reserve(1)
    base[count] = byte
    count += 1
  }

  func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress else { return }
    reserve(bytes.count)
    (base + count).update(from: start, count: bytes.count)
    count += bytes.count
  }

  func append(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { append($0) } }

  func append(_ text: StaticString) {
    append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  func append(_ text: String) {
    var text = text
    text.withUTF8 { append($0) }
  }

  func append(quoted text: String) {
    var text = text
    let isPlain = text.withUTF8 { utf8 in
      guard utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) else {
        return false
      }
      append(byte: UInt8(ascii: "\""))
      append(utf8)
      append(byte: UInt8(ascii: "\""))
      return true
    }
    if isPlain { return }
    var bytes: [UInt8] = []
    JSON.append(quoted: text, to: &bytes)
    append(bytes)
  }

  func append(_ value: Int) {
    reserve(NumberText.longest)
    count += NumberText.write(value, to: base + count)
  }

  func append(_ value: Float) {
    reserve(NumberText.longest)
    count += NumberText.write(value, to: base + count)
  }

  func append(_ value: Double) {
    reserve(NumberText.longest)
    count += NumberText.write(value, to: base + count)
  }

  /// Appends numbers with a separator between them; one that is not finite is written `missing`.
  func append(_ values: UnsafeBufferPointer<Double>, separator: UInt8, missing: StaticString) {
    let room = NumberText.longest
    // Eight zeros and their separators: most of a fingerprint.
    var zeros = SIMD16<UInt8>(repeating: UInt8(ascii: "0"))
    for place in 0..<8 { zeros[2 * place + 1] = separator }
    var i = 0
    while i < values.count {
      // Reserves space for a stretch of numbers, so that each only moves the cursor.
      let stretch = min(values.count - i, 64)
      reserve(stretch * (room + 1))
      var p = base + count
      var k = i
      while k < i + stretch {
        if k + 8 <= i + stretch, areZeros(values, k) {
          UnsafeMutableRawPointer(p).storeBytes(of: zeros, as: SIMD16<UInt8>.self)
          (p, k) = (p + 16, k + 8)
          continue
        }
        // The other numbers of a fingerprint need no search either.
        if values[k] == 1 || values[k].bitPattern == 0 {
          (p[0], p[1]) = (UInt8(ascii: "0") + UInt8(values[k]), separator)
          (p, k) = (p + 2, k + 1)
          continue
        }
        var length = cache.write(values[k], to: p)
        if length == 0 { length = make(values[k], missing: missing, at: p) }
        p[length] = separator
        p += length + 1
        k += 1
      }
      count = p - base
      i += stretch
    }
    if values.count > 0 { count -= 1 }
  }

  /// Whether eight numbers from a place on are 0 without a sign.
  private func areZeros(_ values: UnsafeBufferPointer<Double>, _ place: Int) -> Bool {
    guard let start = values.baseAddress else { return false }
    let bits = UnsafeRawPointer(start + place).loadUnaligned(as: SIMD8<UInt64>.self)
    let four = bits.lowHalf | bits.highHalf
    let two = four.lowHalf | four.highHalf
    return two[0] | two[1] == 0
  }

  /// Appends a number; one that is not finite is written `missing`.
  func appendCached(_ value: Double, missing: StaticString) {
    reserve(NumberText.longest)
    let length = cache.write(value, to: base + count)
    count += length > 0 ? length : make(value, missing: missing, at: base + count)
  }

  /// Writes a number that is not cached; returns the length of its text.
  private func make(_ value: Double, missing: StaticString, at p: UnsafeMutablePointer<UInt8>) -> Int {
    if value.isFinite { return cache.make(value, to: p) }
    if value.isInfinite { hasInfinity = true }
    p.update(from: missing.utf8Start, count: missing.utf8CodeUnitCount)
    return missing.utf8CodeUnitCount
  }
}
