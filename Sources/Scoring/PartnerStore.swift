/// Kept values of partners by partner number, in bounded memory: the first partners stay; when the memory is full,
/// further ones (the overflow) are held until the next call only.
final class PartnerStore {
  private let width: Int
  private let limit: Int
  private var slots: [Int32] = []
  private var blocks: [UnsafeMutablePointer<Float>] = []
  private var stored = 0
  private var overflow: [Int32: Int] = [:]
  private var overflowMemory: UnsafeMutablePointer<Float>?
  private static let blockSize = 256
  private static let unknown: Int32 = -1

  /// Makes a store of at most `bytes`, with `width` floats per partner.
  init(width: Int, bytes: Int) {
    self.width = width
    limit = bytes / max(1, width * MemoryLayout<Float>.stride)
  }

  deinit {
    for block in blocks { block.deallocate() }
    overflowMemory?.deallocate()
  }

  /// Makes the values of all these partners available until the next call. `make` gets the missing partners' numbers,
  /// in blocks, and writes their values one after another.
  func admit(_ partners: [Int32], _ make: ([Int32], UnsafeMutablePointer<Float>) throws -> Void) throws {
    let new = missing(among: partners)
    guard !new.isEmpty else { return }
    let room = UnsafeMutablePointer<Float>.allocate(capacity: min(Self.blockSize, new.count) * width)
    defer { room.deallocate() }
    let extra = max(0, new.count - (limit - stored))
    overflowMemory?.deallocate()
    overflowMemory = extra == 0 ? nil : .allocate(capacity: extra * width)
    overflow.removeAll(keepingCapacity: true)
    for start in stride(from: 0, to: new.count, by: Self.blockSize) {
      let some = Array(new[start..<min(start + Self.blockSize, new.count)])
      try make(some, room)
      for (place, partner) in some.enumerated() {
        slot(for: partner).update(from: room + place * width, count: width)
      }
    }
  }

  /// Returns the values of a partner that was admitted.
  func kept(_ partner: Int32) -> UnsafePointer<Float> {
    let slot = Int(partner) < slots.count ? Int(slots[Int(partner)]) : -1
    if slot >= 0 { return UnsafePointer(address(slot)) }
    guard let place = overflow[partner], let overflowMemory else { preconditionFailure("a partner that was admitted") }
    return UnsafePointer(overflowMemory + place * width)
  }

  /// Returns the partners that are not stored, each once, in order.
  private func missing(among partners: [Int32]) -> [Int32] {
    var seen: Set<Int32> = []
    var new: [Int32] = []
    for partner in partners {
      let isStored = Int(partner) < slots.count && slots[Int(partner)] != Self.unknown
      if !isStored, seen.insert(partner).inserted { new.append(partner) }
    }
    return new
  }

  private func slot(for partner: Int32) -> UnsafeMutablePointer<Float> {
    guard stored < limit else {
      overflow[partner] = overflow.count
      guard let overflowMemory else { preconditionFailure("memory for the overflow") }
      return overflowMemory + (overflow.count - 1) * width
    }
    while slots.count <= Int(partner) { slots.append(Self.unknown) }
    if stored == blocks.count * Self.blockSize { blocks.append(.allocate(capacity: Self.blockSize * width)) }
    slots[Int(partner)] = Int32(stored)
    stored += 1
    return address(stored - 1)
  }

  private func address(_ slot: Int) -> UnsafeMutablePointer<Float> {
    blocks[slot / Self.blockSize] + slot % Self.blockSize * width
  }
}
