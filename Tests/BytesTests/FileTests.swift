import Bytes
import Testing
import Workbench

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct FileTests {
  @Test func aFileAppearsWholeOrNotAtAll() throws {
    let folder = Scratch.folder()
    let path = folder + "/out.txt"
    let first = try OutputFile.open(path: path)
    try first.sink.write("hello\n")
    #expect(access(path, F_OK) != 0)
    try first.commit()
    #expect(try contents(of: path) == Array("hello\n".utf8))
    let second = try OutputFile.open(path: path)
    try second.sink.write("lost")
    second.discard()
    #expect(try contents(of: path) == Array("hello\n".utf8))
    do {
      let third = try OutputFile.open(path: path)
      try third.sink.write("also lost")
    }
    #expect(Files.names(in: folder) == ["out.txt"])
    #expect(try contents(of: path) == Array("hello\n".utf8))
    chmod(path, 0o640)
    let fourth = try OutputFile.open(path: path)
    try fourth.commit()
    var status = stat()
    stat(path, &status)
    #expect(status.st_mode & 0o777 == 0o640)
    #expect(status.st_size == 0)
  }

  /// Where the file system has files without a name there is nothing that a killed process could leave.
  @Test func noTemporaryFileIsLeft() throws {
    let folder = Scratch.folder()
    let nameless = open(folder, O_WRONLY | O_DIRECTORY | 0o20_000_000, 0o600)  // O_TMPFILE
    close(nameless)
    let output = try OutputFile.open(path: folder + "/x")
    #expect(Files.names(in: folder).count == (nameless >= 0 ? 0 : 1))
    output.discard()
    #expect(Files.names(in: folder).isEmpty)
  }

  @Test func aNewFileHasTheModeThatTheUserMaskLeaves() throws {
    let folder = Scratch.folder()
    let mask = umask(0)
    umask(mask)
    try OutputFile.open(path: folder + "/x").commit()
    var status = stat()
    stat(folder + "/x", &status)
    #expect(status.st_mode & 0o777 == 0o666 & ~mask && status.st_nlink == 1)
  }

  /// Whoever takes the name while the file is written loses it, and nobody sees half a file.
  @Test func aNameThatIsTakenMeanwhile() throws {
    let folder = Scratch.folder()
    let (first, second) = (try OutputFile.open(path: folder + "/x"), try OutputFile.open(path: folder + "/x"))
    try first.sink.write("first")
    try second.sink.write("second")
    try second.commit()
    try first.commit()
    #expect(try contents(of: folder + "/x") == Array("first".utf8))
    #expect(Files.names(in: folder) == ["x"])
  }

  @Test func linksDirectoriesAndDevices() throws {
    let folder = Scratch.folder()
    #expect(throws: IOFailure.self) { try OutputFile.open(path: folder) }
    #expect(throws: IOFailure.self) { try OutputFile.open(path: folder + "/none/x") }
    #expect(throws: IOFailure.self) { try OutputFile.open(path: "") }
    #expect(throws: IOFailure.self) { try OutputFile.open(path: folder + "/") }
    let old = try OutputFile.open(path: folder + "/real")
    try old.commit()
    symlink("real", folder + "/link")
    let through = try OutputFile.open(path: folder + "/link")
    try through.sink.write("x")
    try through.commit()
    #expect(try contents(of: folder + "/real") == Array("x".utf8))
    var status = stat()
    lstat(folder + "/link", &status)
    #expect(status.st_mode & S_IFMT == S_IFLNK)
    symlink("nowhere", folder + "/dangling")
    #expect(throws: IOFailure.self) { try OutputFile.open(path: folder + "/dangling") }
    let null = try OutputFile.open(path: "/dev/null")
    try null.sink.write("x")
    try null.commit()
  }

  @Test func aFullDeviceIsAFailure() throws {
    let full = try OutputFile.open(path: "/dev/full")
    try full.sink.write("x")
    do {
      try full.commit()
      Issue.record("a full device took the bytes")
    } catch let failure as IOFailure {
      #expect(failure.diagnostic.code == .io)
      #expect(failure.diagnostic.message == "cannot write to /dev/full: No space left on device")
    }
    #expect(throws: IOFailure.self) { try full.sink.write("x") }
  }

  @Test func missingInputs() {
    do {
      _ = try DescriptorSource(path: "/nowhere/at/all")
      Issue.record("opened")
    } catch {
      #expect((error as? IOFailure)?.diagnostic.code == .noInput)
    }
    #expect(throws: IOFailure.self) { try DescriptorSource(path: "/tmp") }
  }

  @Test func bigWritesArriveInOrder() throws {
    let path = Scratch.folder() + "/big"
    let output = try OutputFile.open(path: path)
    var expected: [UInt8] = []
    for i in 0..<3000 {
      let piece = [UInt8](repeating: UInt8(i % 251), count: (i * 37) % 400)
      expected += piece
      try output.sink.write(piece)
      if i == 1500 {
        let large = [UInt8](repeating: 7, count: 200_000)
        expected += large
        try output.sink.write(large)
      }
      try output.sink.write(byte: 10)
      expected.append(10)
    }
    try output.commit()
    #expect(try contents(of: path) == expected)
  }

  @Test func diagnosticsAreSafeToPrint() {
    let d = Diagnostic(
      .data, "bad \u{1B}[31m value\n", at: Bytes.SourceLocation(source: "a\tb", line: 3, column: 4),
      hint: "use --keep \u{202E}x")
    #expect(d.text(tool: "seqfeat") == "seqfeat: a\\tb:3:4: bad \\x1b[31m value\\n\n  hint: use --keep \\u{202e}x\n")
    #expect(
      Diagnostic(.usage, "no").json(tool: "t") == "{\"tool\":\"t\",\"status\":64,\"message\":\"no\"}")
    #expect(Diagnostic.quoted(String(repeating: "a", count: 100)) == "'" + String(repeating: "a", count: 40) + "…'")
  }
}
