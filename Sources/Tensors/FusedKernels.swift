import CKernels

/// The fused kernels of one instruction set; all of them give the same bits (see CKernels.h).
///
/// The table behind it is constant, so it may be shared between threads.
public struct FusedKernels: @unchecked Sendable {
  /// Instruction sets, weakest first.
  public enum Strength: Int32, Sendable, CaseIterable {
    case plain, avx2, avx512
  }

  /// The instruction set of these kernels.
  public let strength: Strength
  let table: UnsafePointer<ck_kernels>

  /// The best instruction set of this processor.
  public static var strongest: Strength { Strength(rawValue: ck_strongest()) ?? .plain }

  /// The best kernels of this processor.
  static let best = FusedKernels(strength: strongest, table: ck_kernels_of(ck_strongest()))

  private init(strength: Strength, table: UnsafePointer<ck_kernels>) { (self.strength, self.table) = (strength, table) }

  /// Nil where this processor cannot run them.
  public init?(_ strength: Strength = FusedKernels.strongest) {
    guard strength.rawValue <= Self.strongest.rawValue, let table = ck_kernels_of(strength.rawValue) else { return nil }
    (self.strength, self.table) = (strength, table)
  }

  /// The instances that a worker passes through the kernels together: their rows stay in the second-level cache.
  static let group = 4

  /// The instances of a chunk, the unit of partial sums: a function of the number of instances alone, so that any
  /// number of threads adds the same sums in the same order; a multiple of `group`, at most 64, for about 32 chunks.
  static func chunk(_ instances: Int) -> Int {
    min(64, max(group, (instances + 32 * group - 1) / (32 * group) * group))
  }
}

extension DropoutMask {
  /// The mask in the kernels' form; nil when nothing is dropped.
  var kernel: ck_dropout? { threshold == 0 ? nil : numbers }

  /// The mask's parameters in the kernels' form.
  var numbers: ck_dropout { ck_dropout(first: first, second: second, threshold: threshold, scale: scale) }
}
