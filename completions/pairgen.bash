# bash completion of pairgen (Millrace 0.1.0), written by docgen: do not edit.
_millrace_pairgen() {
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
    --input-format) COMPREPLY=($(compgen -W 'auto tsv ndjson fasta' -- "$current")); return ;;
    --columns) compopt +o default 2>/dev/null; return ;;
    --keep) compopt +o default 2>/dev/null; return ;;
    --labels) COMPREPLY=($(compgen -W 'binary number' -- "$current")); return ;;
    --missing) COMPREPLY=($(compgen -W 'error skip zero mean' -- "$current")); return ;;
    --bad-rows) COMPREPLY=($(compgen -W 'error skip' -- "$current")); return ;;
    --max-line) compopt +o default 2>/dev/null; return ;;
    --max-instances) compopt +o default 2>/dev/null; return ;;
    --pairs) return ;;
    --genes) return ;;
    --shard) compopt +o default 2>/dev/null; return ;;
    --pairs-format) COMPREPLY=($(compgen -W 'auto table biogrid mitab string' -- "$current")); return ;;
    --pair-columns) compopt +o default 2>/dev/null; return ;;
    --label-transform) COMPREPLY=($(compgen -W 'pKd:M pKd:uM pKd:nM log10' -- "$current")); return ;;
    --mitab-id) compopt +o default 2>/dev/null; return ;;
    --where) compopt +o default 2>/dev/null; return ;;
    --map-ids) return ;;
    --unmapped) COMPREPLY=($(compgen -W 'error drop keep' -- "$current")); return ;;
    --several) COMPREPLY=($(compgen -W 'error drop all' -- "$current")); return ;;
    --members) return ;;
    --id-from) COMPREPLY=($(compgen -W 'first-word gencode-transcript ensembl refseq uniprot' -- "$current")); return ;;
    --gene-from) COMPREPLY=($(compgen -W 'id symbol symbol-or-id' -- "$current")); return ;;
    --id-until) compopt +o default 2>/dev/null; return ;;
    --strip) COMPREPLY=($(compgen -P "$head" -W 'taxon version' -- "${current##*,}")); return ;;
    --instances) return ;;
    --unknown-gene) COMPREPLY=($(compgen -W 'error drop' -- "$current")); return ;;
    --self-pairs) COMPREPLY=($(compgen -W 'keep drop' -- "$current")); return ;;
    --conflicts) COMPREPLY=($(compgen -W 'first drop error mean median' -- "$current")); return ;;
    --block) compopt +o default 2>/dev/null; return ;;
    --undefined) COMPREPLY=($(compgen -W 'zero drop error' -- "$current")); return ;;
    --missing-isoform) COMPREPLY=($(compgen -W 'drop zero error' -- "$current")); return ;;
    --hold-out) COMPREPLY=($(compgen -W 'genes: a: b: bags:' -- "$current")); compopt -o nospace 2>/dev/null; return ;;
    --keep-part) COMPREPLY=($(compgen -P "$head" -W 'train one-unseen a-unseen b-unseen both-unseen held-out' -- "${current##*,}")); return ;;
    --split-seed) compopt +o default 2>/dev/null; return ;;
    --folds) COMPREPLY=($(compgen -W 'genes: a: b: bags:' -- "$current")); compopt -o nospace 2>/dev/null; return ;;
    --gene-groups) return ;;
    --negatives) compopt +o default 2>/dev/null; return ;;
    --negative-from) COMPREPLY=($(compgen -W 'uniform degree-matched compartment:' -- "$current")); compopt -o nospace 2>/dev/null; return ;;
    --under-sample) compopt +o default 2>/dev/null; return ;;
    --class-weight) compopt +o default 2>/dev/null; return ;;
    -o|--output) return ;;
    -O|--output-format) COMPREPLY=($(compgen -W 'tsv ndjson' -- "$current")); return ;;
    --leak-report) return ;;
    --sequences) return ;;
    --test-pairs) return ;;
    --max-leak) compopt +o default 2>/dev/null; return ;;
    --seed) compopt +o default 2>/dev/null; return ;;
    --errors) COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    --color) COMPREPLY=($(compgen -W 'auto always never' -- "$current")); return ;;
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W '--input-format --columns --part --trust-order --keep --labels --missing --bad-rows --max-line --max-instances --pairs --genes --shard --pairs-format --pair-columns --label-transform --mitab-id --where --map-ids --unmapped --several --members --id-from --gene-from --id-until --strip --instances --tested-only --unknown-gene --self-pairs --conflicts --both-orders --block --undefined --missing-isoform --float32 --hold-out --keep-part --split-seed --folds --gene-groups --negatives --negative-from --under-sample --class-weight -o --output -O --output-format --no-header --line-buffered --sparse --compact --leak-report --sequences --test-pairs --max-leak --seed -q --quiet --errors --color --version -h --help' -- "$current"))
  fi
}
complete -o default -F _millrace_pairgen pairgen
