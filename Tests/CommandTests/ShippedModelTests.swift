import Testing
import Workbench

/// The model of human protein pairs that the repository ships: it scores FASTA, and as well as its card says.
@Suite struct ShippedModelTests {
  private static let folder = Repository.root + "/Examples/human-pairs"

  private func bench() -> Workbench {
    let bench = Workbench()
    bench.copy(Self.folder + "/human-pairs.safetensors")
    bench.copy(Self.folder + "/validation.pairs.tsv.gz")
    bench.copy(Self.folder + "/validation.pep.fa.gz")
    return bench
  }

  /// A thirtieth of the validation pairs, whose proteins training did not see.
  @Test func figuresAreThoseOfItsCard() {
    let outcome = bench().run(
      """
      zcat validation.pairs.tsv.gz | awk 'NR == 1 || NR % 30 == 0' > pairs.tsv
      mil-score --model human-pairs.safetensors --pairs pairs.tsv --sequences validation.pep.fa.gz -O tsv > scores.tsv
      cut -f 9 scores.tsv | sort -u
      metrics --quiet --only auroc,auprc --at-least auroc=0.60 --at-least auprc=0.59 scores.tsv > figures && echo held
      """)
    #expect(outcome.status == 0 && outcome.output == "both-unseen\npart\nheld\n", "\(outcome)")
  }

  /// On the fly the bytes are those of tables that seqfeat wrote, and a screen gives what its pairs give.
  @Test func scoresAreThoseOfTables() {
    let outcome = bench().run(
      """
      zcat validation.pep.fa.gz | awk '/^>/ { n++ } n > 40 { exit } { print }' > some.fa
      awk 'BEGIN { OFS = "\\t"; print "gene_a", "gene_b" } /^>/ { id[++n] = substr($1, 2) }
        END { for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) print id[i], id[j] }' some.fa > pairs.tsv
      seqfeat --encode aac --encode loglength --encode hydropathy --encode windows --encode complexity --encode charge \
        --encode moments some.fa > lite.tsv
      seqfeat --encode regions --encode motifs --encode ends some.fa > rest.tsv
      score() { mil-score --model human-pairs.safetensors -O tsv "$@"; }
      score --pairs pairs.tsv --sequences some.fa > fly.tsv
      score --pairs pairs.tsv --block lite=concat:lite.tsv --block rest=concat:rest.tsv | cmp - fly.tsv && echo same
      score --pairs pairs.tsv --sequences some.fa --reuse 0 --threads 2 | cmp - fly.tsv && echo same
      score --pairs all --sequences some.fa --top 5 | sed 1d | cut -f 5 > best
      sed 1d fly.tsv | cut -f 5 | sort -gr | head -5 | cmp - best && echo best
      wc -l < fly.tsv | tr -d ' '
      """)
    #expect(outcome.status == 0 && outcome.output == "same\nsame\nbest\n781\n", "\(outcome)")
  }

  /// Two megabytes at most; it says where it comes from.
  @Test func itIsSmallAndHasACard() {
    #expect((Files.bytes(Self.folder + "/human-pairs.safetensors")?.count ?? .max) <= 2_000_000)
    let outcome = bench().run(
      "mil-score --model human-pairs.safetensors --describe | grep -cE '^(encoders|members|history of seen genes)'")
    #expect(outcome.output.contains("3"), "\(outcome)")
    #expect(Repository.text("Examples/human-pairs/README.md")?.contains("MIT") == true)
  }
}
