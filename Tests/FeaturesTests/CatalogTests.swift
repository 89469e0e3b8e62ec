import Bytes
import Features
import Testing
import Workbench

@Suite struct CatalogTests {
  private func message(_ text: String) -> String {
    do {
      _ = try EncoderCatalog.encoder(text)
      return "accepted"
    } catch let error as any Diagnosable {
      #expect(error.diagnostic.code == .usage)
      return error.diagnostic.message
    } catch { return "another error" }
  }

  @Test func whatIsUnknownIsNamedWithWhatIsAllowed() {
    #expect(message("ct65").hasPrefix("no encoder is named 'ct65'; there are ct64, ct343, kmer,"))
    #expect(message("").hasPrefix("no encoder is named ''"))
    #expect(
      message("ct64:fred") == "'fred' is neither a variant nor a setting of ct64: it has freq, count, shen, minmax")
    #expect(message("aac:freq") == "'freq' is neither a variant nor a setting of aac: it has none")
    #expect(message("paac:").hasPrefix("'' is neither a variant"))
    #expect(message("paac:omega=3") == "paac has no setting 'omega': it has lambda, weight")
    #expect(message("ct64:k=3") == "ct64 has no setting 'k': it has none")
    for value in ["0", "-1", "1.5", "x", "", "1e3", "99999"] {
      #expect(
        message("paac:lambda=\(value)")
          == "paac: lambda=\(value) is not allowed: lambda is a whole number from 1 to 1000")
    }
    #expect(message("kmer:k=2,k=3") == "kmer is given two values of k")
    #expect(message("paac:weight=1,w=1") == "paac is given two values of weight")
    #expect(message("ct64:freq,freq") == "ct64 is given two variants freq and freq")
    #expect(message("paac:weight=nan").contains("a number from 0 to 1000"))
  }

  @Test func everyEntryDescribesItself() {
    for entry in EncoderCatalog.entries {
      #expect(!entry.summary.isEmpty && entry.description.contains("Columns:"))
      #expect(entry.description.split(separator: "\n").allSatisfy { $0.utf8.count <= 120 })
    }
  }

  /// The manual page has every encoder, in the order of the catalog.
  @Test func theManualNamesThemAll() {
    let page = GoldenFiles.text(Repository.root + "/man/prose/seqfeat.md")
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    let terms = zip(lines, lines.dropFirst()).filter { $1.hasPrefix(": N. ") || $1.hasPrefix(": P. ") }
    #expect(terms.map { String($0.0) } == EncoderCatalog.entries.map { "`\($0.name)`" })
    for (term, entry) in zip(terms, EncoderCatalog.entries) {
      #expect(term.1.hasPrefix(entry.alphabet == .protein ? ": P." : ": N."))
    }
  }
}
