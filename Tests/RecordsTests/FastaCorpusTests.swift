import Bytes
import Records
import Testing
import Workbench

/// The fixed table of outcomes for real and odd FASTA files of other projects; skipped when they are absent.
@Suite struct FastaCorpusTests {
  /// The files that are refused, each with its place and reason; those called FASTQ are refused as such.
  static let refused: [String: String] = [
    "biofmtspecimens/LICENSE.md": "2:1: text before the first '>': 'T'",
    "biofmtspecimens/f003.fasta": "1:1: text before the first '>': '#'",
    "biofmtspecimens/index.yml": "2:2: text before the first '>': '-'",
    "biopython/LICENSE.rst": "1:1: text before the first '>': 'B'",
    "biopython/aster_blast.pro": "1:1: text before the first '>': '#'",
    "biopython/aster_pearson.pro": "1:1: text before the first '>': 'S'",
    "cutadapt/LICENSE": "1:1: text before the first '>': 'C'",
    "cutadapt/adapter-empty-name.fasta": "3: an empty header",
    "cutadapt/no_indels.fasta": "1:1: text before the first '>': '#'",
    "cutadapt/onlycomment.fasta": "1:1: text before the first '>': '#'",
    "cutadapt/prefix-adapter.fasta": "2:1: '^' in a sequence",
    "cutadapt/rest.fa": "2:19: '1' in a sequence",
    "cutadapt/simple.fasta": "1:1: text before the first '>': '#'",
    "cutadapt/simple.fasta.gz": "1:1: text before the first '>': '#'",
    "cutadapt/suffix-adapter.fasta": "2:12: '$' in a sequence",
    "cutadapt/tooshort.noprimer.fa": "8:1: '2' in a sequence",
    "htslib/LICENSE": "1:1: text before the first '>': '['",
    "htslib/auxf.fa.fai": "1:1: text before the first '>': 'S'",
    "htslib/bgzf_boundaries/bgzf_boundaries1.bam": "1:1: text before the first '>': 'B'",
    "htslib/bgzf_boundaries/bgzf_boundaries2.bam": "1:1: text before the first '>': 'B'",
    "htslib/bgzf_boundaries/bgzf_boundaries3.bam": "1:1: text before the first '>': 'B'",
    "htslib/bgziptest.txt": "1:1: text before the first '>': '1'",
    "htslib/bgziptest.txt.gz": "1:1: text before the first '>': '1'",
    "htslib/bgziptest.txt.gz.gzi": "1:1: text before the first '>': '\\x05'",
    "htslib/c1.fa.fai": "1:1: text before the first '>': 'c'",
    "htslib/c2.fa.fai": "1:1: text before the first '>': 'c'",
    "htslib/ce.fa.fai": "1:1: text before the first '>': 'C'",
    "htslib/faidx/faidx.fa": "1: an empty header",
    "htslib/faidx/faidx.fa.expected.fai": "1:2: text before the first '>': '4'",
    "htslib/xx.fa.fai": "1:1: text before the first '>': 'x'",
    "pyfaidx/LICENSE": "1:1: text before the first '>': '#'",
    "seqkit/LICENSE": "1:1: text before the first '>': 'T'",
    "seqkit/a.fa": "2:2: '1' in a sequence",
    "seqkit/b.fa": "4:2: '1' in a sequence",
    "seqkit/empty_id_and_seq.fa": "6: an empty header",
    "seqkit/empty_id_and_seq2.fa": "5: an empty header",
  ]

  @Test(.enabled(if: Shared.root != nil, "needs the data beside the repository"))
  func everyFileHasItsOutcome() throws {
    let folder = try #require(Shared.root) + "/hostile/"
    let table = try TableReader(Input.open(folder + "MANIFEST.tsv"))
    var counts = (read: 0, fastq: 0, refused: 0)
    while let row = try table.next() {
      let file = row.field(0)
      guard file.hasPrefix("fasta/") else { continue }
      var found: String?
      do {
        let reader = try FastaReader(Input.open(folder + file))
        while try reader.next() {}
      } catch let error as RecordError {
        var place = try #require(error.place)
        place.source = ""
        found = place.text.dropFirst() + ": " + error.message
      }
      if let found, found.contains("FASTQ") {
        counts.fastq += 1
        let fastq = ["fastq", "fq", "s_1_sequence.txt.gz"]
        #expect(fastq.contains { file.contains($0) }, "\(file)")
      } else {
        #expect(found == Self.refused[String(file.dropFirst("fasta/".count))], "\(file)")
        if found == nil { counts.read += 1 } else { counts.refused += 1 }
      }
    }
    #expect(counts.refused == Self.refused.count)
    #expect(counts.read > 100 && counts.fastq > 50)
  }
}
