import Bytes
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Matrix products for training and for derivatives, computed by OpenBLAS on the calling thread.
///
/// OpenBLAS is loaded when a product is first asked for, so that a program without one starts and runs without it.
/// It is held to one thread: its own threads would spin, and never be used. Where it finds no memory for a working
/// buffer it tries for ever, so the address space is asked for first.
public enum BLAS {
  /// A row-major matrix in memory, `stride` floats from row to row; `transposed` stands for its transpose.
  struct Operand {
    let start: UnsafePointer<Float>
    let stride: Int
    var transposed = false

    init(_ start: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
      (self.start, self.stride, self.transposed) = (start, stride, transposed)
    }
  }

  /// Loads OpenBLAS and its working buffers for products on `threads` threads at a time.
  /// Throws `BLASFailure` where it is not installed, or where the limit on memory leaves no room for it.
  public static func prepare(threads: Int) throws {
    try library.withLock { library in
      if library.product == nil { try library.load(threads: threads) }
      try library.addBuffers(upTo: threads)
    }
  }

  /// result (m × n) = left (m × k) · right (k × n), added to the values there if `adding`.
  static func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ left: Operand, _ right: Operand, adding: Bool,
    to result: UnsafeMutablePointer<Float>, stride: Int
  ) {
    if m == 0 || n == 0 { return }
    product(
      rowMajor, left.transposed ? transposed : asGiven, right.transposed ? transposed : asGiven, Int32(m), Int32(n),
      Int32(k), 1, left.start, Int32(left.stride), right.start, Int32(right.stride), adding ? 1 : 0, result,
      Int32(stride))
  }

  // MARK: The library

  /// `cblas_sgemm` with 32-bit sizes.
  private typealias Product =
    @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Int32, Float, UnsafePointer<Float>, Int32, UnsafePointer<Float>, Int32, Float,
      UnsafeMutablePointer<Float>, Int32
    ) -> Void
  private typealias Allocate = @convention(c) (Int32) -> UnsafeMutableRawPointer?
  private typealias Free = @convention(c) (UnsafeMutableRawPointer?) -> Void

  /// The values of the enumerations in `cblas.h`.
  private static let (rowMajor, asGiven, transposed): (Int32, Int32, Int32) = (101, 111, 112)
  private static let library = Mutex(Library())

  /// Found once. A caller that has not called `prepare` ends here where OpenBLAS can't be loaded.
  private static let product: Product = {
    do { try prepare(threads: 1) } catch { preconditionFailure("BLAS.prepare is called first, and throws: \(error)") }
    guard let product = library.withLock({ $0.product }) else { preconditionFailure("a product after prepare") }
    return product
  }()

  private struct Library: Sendable {
    /// The address space that loading takes, and each working buffer (128 MiB in builds for many processors).
    static let code = 48 << 20
    static let buffer = (128 << 20) + (1 << 20)

    var product: Product?
    private var allocate: Allocate?
    private var free: Free?
    private var buffers = 0

    mutating func load(threads: Int) throws {
      try BLAS.probe(Self.code + threads * Self.buffer, threads: threads)
      // Read by OpenBLAS when it is loaded; without it a thread would start for every processor.
      setenv("OPENBLAS_NUM_THREADS", "1", 1)
      guard let handle = Self.open(),
        let product = dlsym(handle, "cblas_sgemm")
      else { throw BLASFailure.missing(dlerror().map { String(cString: $0) } ?? "libopenblas.so.0") }
      self.product = unsafeBitCast(product, to: Product.self)
      if let allocate = dlsym(handle, "blas_memory_alloc"), let free = dlsym(handle, "blas_memory_free") {
        self.allocate = unsafeBitCast(allocate, to: Allocate.self)
        self.free = unsafeBitCast(free, to: Free.self)
      }
    }

    /// Opens OpenBLAS. A release older than the processor takes kernels of 2004 for it (Prescott, without AVX), which
    /// take twice as long: where the processor has AVX2 it is opened once more with those of Haswell, with AVX-512 of
    /// Skylake, unless the user has chosen with OPENBLAS_CORETYPE.
    private static func open() -> UnsafeMutableRawPointer? {
      func open() -> UnsafeMutableRawPointer? {
        dlopen("libopenblas.so.0", RTLD_NOW) ?? dlopen("libopenblas.so", RTLD_NOW)
      }
      guard let handle = open() else { return nil }
      typealias Name = @convention(c) () -> UnsafePointer<CChar>?
      guard getenv("OPENBLAS_CORETYPE") == nil, FusedKernels.strongest != .plain,
        let symbol = dlsym(handle, "openblas_get_corename"),
        let name = unsafeBitCast(symbol, to: Name.self)(), strcasecmp(name, "Prescott") == 0
      else { return handle }
      dlclose(handle)
      setenv("OPENBLAS_CORETYPE", FusedKernels.strongest == .avx512 ? "SkylakeX" : "Haswell", 1)
      defer { unsetenv("OPENBLAS_CORETYPE") }
      return open()
    }

    /// Makes OpenBLAS take its working buffers now; it keeps them and uses them for every later product. Without a
    /// limit on the address space they come when they are needed.
    mutating func addBuffers(upTo threads: Int) throws {
      guard threads > buffers, BLAS.isLimited, let allocate, let free else { return }
      var taken: [UnsafeMutableRawPointer?] = []
      defer { for buffer in taken { free(buffer) } }
      for number in 0..<threads {
        if number >= buffers { try BLAS.probe(Self.buffer, threads: threads) }
        taken.append(allocate(0))
      }
      buffers = threads
    }
  }

  #if canImport(Glibc)
    private static let addressSpace = __rlimit_resource_t(RLIMIT_AS.rawValue)
  #else
    private static let addressSpace = RLIMIT_AS
  #endif

  private static var isLimited: Bool {
    var space = rlimit()
    return getrlimit(addressSpace, &space) != 0 || space.rlim_cur != rlim_t.max
  }

  /// Throws unless `bytes` of address space are free at this moment.
  private static func probe(_ bytes: Int, threads: Int) throws {
    guard let place = mmap(nil, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
      place != MAP_FAILED
    else { throw BLASFailure.memory(bytes, threads: threads) }
    munmap(place, bytes)
  }
}

/// OpenBLAS can't be loaded.
public enum BLASFailure: Diagnosable, Equatable {
  /// It is not installed, or not usable; the loader's reason.
  case missing(String)
  /// The number of further bytes of address space that products on `threads` threads need.
  case memory(Int, threads: Int)

  /// Status 74, with what to do.
  public var diagnostic: Diagnostic {
    switch self {
    case .missing(let reason):
      Diagnostic(.io, "OpenBLAS cannot be loaded: \(reason)", hint: "install OpenBLAS (Debian: libopenblas-dev)")
    case .memory(let bytes, let threads):
      Diagnostic(
        .io, "not enough memory: matrix products need \(bytes >> 20) MiB more of address space than the limit leaves",
        hint: threads > 1 ? "--threads 1, or a larger limit (ulimit -v)" : "a larger limit (ulimit -v)")
    }
  }
}
