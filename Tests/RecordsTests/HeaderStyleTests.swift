import Bytes
import Records
import Testing
import Workbench

@Suite struct HeaderStyleTests {
  private func names(_ style: HeaderStyle, _ header: String) throws -> HeaderNames {
    let reader = try FastaReader(MemorySource(Array((">" + header + "\nACGT\n").utf8), name: "in"))
    #expect(try reader.next())
    return try style.names(of: reader.record)
  }

  @Test func gencode() throws {
    let transcript =
      "ENST00000456328.2|ENSG00000223972.5|OTTHUMG00000000961.2|OTTHUMT00000362751.1|RP11-34P13.1-002|DDX11L1|1657|"
      + "processed_transcript|"
    let expected = HeaderNames(
      isoform: "ENST00000456328.2", geneId: "ENSG00000223972.5", geneSymbol: "DDX11L1")
    #expect(try names(.gencodeTranscript, transcript) == expected)
    // Coding transcripts have their parts in place of a kind, translations the protein in front.
    let parts = transcript.replacing("processed_transcript|", with: "UTR5:1-60|CDS:61-1038|UTR3:1039-1657|")
    #expect(try names(.gencodeTranscript, parts) == expected)
    let protein = "ENSP00000493376.2|ENST00000641515.2|ENSG00000186092.7|OTTHUMG1.4|OTTHUMT2.1|OR4F5-201|OR4F5|326"
    #expect(
      try names(.gencodeTranscript, protein)
        == HeaderNames(isoform: "ENST00000641515.2", geneId: "ENSG00000186092.7", geneSymbol: "OR4F5"))
    let twin = "ENSMUST00000000001.4|ENSMUSG00000000001.13_PAR_Y|-|-|X-201|X|10|"
    #expect(try names(.gencodeTranscript, twin).geneId == "ENSMUSG00000000001.13_PAR_Y")
    let onY = "ENSTR0000302805.7|ENSGR0000168939.11|OTTHUMG1.1|OTTHUMT1.1|SPRY3-001|SPRY3|9019|protein_coding|"
    #expect(
      try names(.gencodeTranscript, onY)
        == HeaderNames(isoform: "ENSTR0000302805.7", geneId: "ENSGR0000168939.11", geneSymbol: "SPRY3"))
    for other in ["ENST00000456328.2", "ENST00000456328.2|ENSG00000223972.5", "a|b|c|d|e|f|1|", "sp|P31946|A_HUMAN"] {
      #expect(throws: RecordError.self, "\(other)") { try names(.gencodeTranscript, other) }
    }
  }

  @Test func ensembl() throws {
    let coding =
      "ENST00000377263.5 cdna chromosome:GRCh38:1:9848276:9910263:-1 gene:ENSG00000178585.14 "
      + "gene_biotype:protein_coding transcript_biotype:protein_coding gene_symbol:CTNNBIP1 "
      + "description:catenin gene:no gene_symbol:no [Source:HGNC Symbol;Acc:HGNC:16913]"
    #expect(
      try names(.ensembl, coding)
        == HeaderNames(isoform: "ENST00000377263.5", geneId: "ENSG00000178585.14", geneSymbol: "CTNNBIP1"))
    let protein = "ENSP00000366466.1 pep chromosome:GRCh38:1:1:2:1 gene:ENSG00000178585.14 transcript:ENST00000377263.5"
    #expect(
      try names(.ensembl, protein)
        == HeaderNames(isoform: "ENST00000377263.5", geneId: "ENSG00000178585.14", geneSymbol: nil))
    #expect(try names(.ensembl, "YAL001C_mRNA cds chromosome:R64:I:1:2:-1 gene:YAL001C").geneId == "YAL001C")
    #expect(throws: RecordError.self) { try names(.ensembl, "ENST00000377263.5 cdna chromosome:GRCh38") }
    #expect(throws: RecordError.self) { try names(.ensembl, "ENST1 cdna gene:") }
  }

  @Test func refseq() throws {
    let cases: [(String, HeaderNames)] = [
      (
        "NM_020248.3 Homo sapiens catenin beta interacting protein 1 (CTNNBIP1), transcript variant 1, mRNA",
        HeaderNames(isoform: "NM_020248.3", geneId: nil, geneSymbol: "CTNNBIP1")
      ),
      (
        "XM_011541.2 PREDICTED: Homo sapiens solute carrier family 25 (ANT), member 4 (SLC25A4), mRNA; nuclear",
        HeaderNames(isoform: "XM_011541.2", geneId: nil, geneSymbol: "SLC25A4")
      ),
      (
        "NP_064633.1 beta-catenin-interacting protein 1 [Homo sapiens]",
        HeaderNames(isoform: "NP_064633.1", geneId: nil, geneSymbol: nil)
      ),
      (
        "lcl|NC_000001.11_cds_NP_001005484.2_1 [gene=OR4F5] [db_xref=CCDS:CCDS30547.2,Ensembl:ENST0,GeneID:79501] "
          + "[protein=olfactory receptor 4F5] [protein_id=NP_001005484.2] [location=join(65565..65573)] [gbkey=CDS]",
        HeaderNames(isoform: "NP_001005484.2", geneId: "79501", geneSymbol: "OR4F5")
      ),
      (
        "lcl|NC_000001.11_mrna_NM_001005484.2_4 [gene=OR4F5] [db_xref=GeneID:79501] [product=[a] b, (c)] "
          + "[transcript_id=NM_001005484.2] [gbkey=mRNA]",
        HeaderNames(isoform: "NM_001005484.2", geneId: "79501", geneSymbol: "OR4F5")
      ),
      (
        "lcl|NC_000913.3_cds_15 [gene=x] [locus_tag=b0240] [pseudo=true] [gbkey=CDS]",
        HeaderNames(isoform: "NC_000913.3_cds_15", geneId: "b0240", geneSymbol: "x")
      ),
      (
        "NM_000014.6:71-4495 A2M [organism=Homo sapiens] [GeneID=2] [transcript=1] [region=cds]",
        HeaderNames(isoform: "NM_000014.6", geneId: "2", geneSymbol: "A2M")
      ),
      (
        "NM_079297.4 Drosophila melanogaster enhancer of zeste (E(z)), transcript variant A, mRNA",
        HeaderNames(isoform: "NM_079297.4", geneId: nil, geneSymbol: "E(z)")
      ),
      (
        "NR_1.1 x (mod(mdg4)), (E(spl)m8-HLH), ncRNA",
        HeaderNames(isoform: "NR_1.1", geneId: nil, geneSymbol: "E(spl)m8-HLH")
      ),
      (
        "NP_004554.3 phosphoenolpyruvate carboxykinase (GTP), mitochondrial isoform 1 [Homo sapiens]",
        HeaderNames(isoform: "NP_004554.3", geneId: nil, geneSymbol: nil)
      ),
      (
        "NC_000017.11:c7687490-7668421 TP53 [organism=Homo sapiens] [GeneID=7157] [chromosome=17]",
        HeaderNames(isoform: "NC_000017.11:c7687490-7668421", geneId: "7157", geneSymbol: "TP53")
      ),
      (
        "gi|568815597|ref|NM_020248.3| Homo sapiens catenin (CTNNBIP1), mRNA",
        HeaderNames(isoform: "NM_020248.3", geneId: nil, geneSymbol: "CTNNBIP1")
      ),
    ]
    for (header, expected) in cases { #expect(try names(.refseq, header) == expected, "\(header)") }
    for other in ["ENST00000377263.5 cdna", "NM_ x", "nm_020248.3 x", "gi|1|gb|AB_1| x", "chr1"] {
      #expect(throws: RecordError.self, "\(other)") { try names(.refseq, other) }
    }
  }

  @Test func uniprot() throws {
    let entry = "sp|P31946|1433B_HUMAN 14-3-3 protein beta/alpha OS=Homo sapiens OX=9606 GN=YWHAB PE=1 SV=3"
    #expect(
      try names(.uniprot, entry) == HeaderNames(isoform: "P31946", geneId: "P31946", geneSymbol: "YWHAB"))
    let isoform = "sp|P31946-2|1433B_HUMAN Isoform Short of 14-3-3 OS=Homo sapiens OX=9606 GN=YWHAB"
    #expect(
      try names(.uniprot, isoform) == HeaderNames(isoform: "P31946-2", geneId: "P31946", geneSymbol: "YWHAB"))
    let blank = "tr|A0A024R161|A0A024R161_HUMAN G OS=Homo sapiens GN=DNAJC25 GNG10 hCG_19 PE=3 SV=1"
    #expect(try names(.uniprot, blank).geneSymbol == "DNAJC25 GNG10 hCG_19")
    #expect(try names(.uniprot, "tr|A0A024R161|A0A024R161_HUMAN x OS=Homo").geneSymbol == nil)
    for other in ["P31946", "sp|P31946", "xx|P31946|A", "sp|p31946|A", "sp|P31946|"] {
      #expect(throws: RecordError.self, "\(other)") { try names(.uniprot, other) }
    }
  }

  @Test func versions() {
    let cases = [
      ("ENST00000456328.2", "ENST00000456328"), ("NM_1.12", "NM_1"), ("a.b", "a.b"), ("a.", "a."), (".1", ".1"),
      ("a", "a"), ("ENSG00000182378.13_PAR_Y", "ENSG00000182378_PAR_Y"), ("x.1.2", "x.1"),
      ("ENST00000452496.1_1", "ENST00000452496"), ("ENSG00000182378.15_2_PAR_Y", "ENSG00000182378_PAR_Y"),
      ("ENSG00000182378.15_PAR_Y_2", "ENSG00000182378_PAR_Y"), ("ENSMUST00000000001.5_3", "ENSMUST00000000001"),
      ("ENSG00000182378_PAR_Y", "ENSG00000182378_PAR_Y"), ("ENSG1_1", "ENSG1_1"), ("ENSG1.", "ENSG1."),
      ("lcl|NC_000001.11_cds_NP_001005484.2_1", "lcl|NC_000001.11_cds_NP_001005484.2_1"), ("", ""),
      ("_PAR_Y", "_PAR_Y"),
    ]
    for (id, bare) in cases { #expect(IdentifierParts.version.cut(from: id) == bare) }
  }

  @Test func aHeaderThatDoesNotFit() {
    do {
      _ = try names(.ensembl, "chr1 whole chromosome")
      Issue.record("it was taken")
    } catch let error as Diagnosable {
      #expect(
        error.diagnostic.text(tool: "t")
          == "t: in:1: the header 'chr1 whole chromosome' is not one of ensembl\n"
          + "  hint: expected is ID cdna … gene:ID …; --id-from says who wrote the headers\n")
    } catch {
      Issue.record("\(error)")
    }
  }

  /// Whole files of both projects; skipped where they are absent.
  @Test(.enabled(if: Shared.root != nil, "needs the data beside the repository"))
  func realFiles() throws {
    for (file, style, count) in [
      ("ensembl93", HeaderStyle.ensembl, 1110), ("gencode28", .gencodeTranscript, 1373),
    ] {
      let path = try #require(Shared.root) + "/data/fasta-headers/specimen.\(file).chr1_1_10M.cdna.fa.gz"
      let reader = try FastaReader(Input.open(path))
      var found = 0
      while try reader.next() {
        let names = try style.names(of: reader.record)
        #expect(names.isoform.hasPrefix("ENST") && names.geneId?.hasPrefix("ENSG") == true)
        #expect(names.geneSymbol?.isEmpty == false)
        found += 1
      }
      #expect(found == count)
    }
  }
}
