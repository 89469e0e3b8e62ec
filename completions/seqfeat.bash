# bash completion of seqfeat (Millrace 0.1.0), written by docgen: do not edit.
_millrace_seqfeat() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  if [[ $current == "=" ]]; then
    current=
  elif [[ $previous == "=" ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  local head=
  if [[ $current == *,* ]]; then
    head=${current%,*},
  fi
  case $previous in
    -e|--encode) COMPREPLY=($(compgen -W 'ct64 ct343 kmer rckmer aac dpc tpc psednc pseknc paac apaac ctdc ctdt ctdd dac nmbroto ac moran geary socn qso hydropathy moments windows charge complexity regions motifs ends loglength onehot4 onehot blosum62' -- "$current")); return ;;
    --describe) COMPREPLY=($(compgen -W 'ct64 ct343 kmer rckmer aac dpc tpc psednc pseknc paac apaac ctdc ctdt ctdd dac nmbroto ac moran geary socn qso hydropathy moments windows charge complexity regions motifs ends loglength onehot4 onehot blosum62' -- "$current")); return ;;
    --ambiguous) COMPREPLY=($(compgen -W 'skip strip error map' -- "$current")); return ;;
    --mask) COMPREPLY=($(compgen -W 'none lower' -- "$current")); return ;;
    --short) COMPREPLY=($(compgen -W 'null zero skip error' -- "$current")); return ;;
    --duplicates) COMPREPLY=($(compgen -W 'warn error first suffix' -- "$current")); return ;;
    --alphabet) COMPREPLY=($(compgen -W 'nucleotide protein' -- "$current")); return ;;
    --length) compopt +o default 2>/dev/null; return ;;
    --properties) return ;;
    --property-scale) COMPREPLY=($(compgen -W 'standard raw' -- "$current")); return ;;
    --ids) return ;;
    --index) COMPREPLY=($(compgen -W 'check trust none' -- "$current")); return ;;
    --missing-ids) COMPREPLY=($(compgen -W 'error skip' -- "$current")); return ;;
    --genetic-code) compopt +o default 2>/dev/null; return ;;
    --internal-stop) COMPREPLY=($(compgen -W 'keep cut error' -- "$current")); return ;;
    --start-codon) COMPREPLY=($(compgen -W 'residue methionine' -- "$current")); return ;;
    --id-from) COMPREPLY=($(compgen -W 'first-word gencode-transcript ensembl refseq uniprot' -- "$current")); return ;;
    --strip) COMPREPLY=($(compgen -P "$head" -W 'taxon version' -- "${current##*,}")); return ;;
    --write-members) return ;;
    --gene-from) COMPREPLY=($(compgen -W 'id symbol symbol-or-id' -- "$current")); return ;;
    --aggregate) compopt +o default 2>/dev/null; return ;;
    --unmapped) COMPREPLY=($(compgen -W 'error drop keep' -- "$current")); return ;;
    --threads) compopt +o default 2>/dev/null; return ;;
    -o|--output) return ;;
    -O|--output-format) COMPREPLY=($(compgen -W 'tsv ndjson' -- "$current")); return ;;
    --errors) COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    --color) COMPREPLY=($(compgen -W 'auto always never' -- "$current")); return ;;
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W '-e --encode --list --describe --ambiguous --mask --short --duplicates --alphabet --length --properties --property-scale --ids --index --missing-ids --translate --genetic-code --internal-stop --start-codon --id-from --strip --write-members --gene-from --aggregate --unmapped --threads -o --output -O --output-format --no-header --line-buffered --sparse -q --quiet --errors --color --version -h --help' -- "$current"))
  fi
}
complete -o default -F _millrace_seqfeat seqfeat
