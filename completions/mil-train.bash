# bash completion of mil-train (Millrace 0.1.0), written by docgen: do not edit.
_millrace_mil_train() {
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
    --architecture) COMPREPLY=($(compgen -W 'idmil dmil mlp two-tower logistic linear-svm naive-bayes forest boosted best-feature diip gener graphdta-gin graphdta-gcn graphdta-gat graphdta-gat-gcn deepdta two-logit neia neiwa nea ngf dtnn dcnn sign' -- "$current")); return ;;
    --preset) COMPREPLY=($(compgen -W 'millrace' -- "$current")); return ;;
    --sequences) compopt +o default 2>/dev/null; return ;;
    --member) compopt +o default 2>/dev/null; return ;;
    --describe) COMPREPLY=($(compgen -W 'idmil dmil mlp two-tower logistic linear-svm naive-bayes forest boosted best-feature diip gener graphdta-gin graphdta-gcn graphdta-gat graphdta-gat-gcn deepdta two-logit neia neiwa nea ngf dtnn dcnn sign cfce cce ce mse adam sgd' -- "$current")); return ;;
    --learn-from) COMPREPLY=($(compgen -W 'bag instance both' -- "$current")); return ;;
    --order) COMPREPLY=($(compgen -W 'symmetric ordered roles' -- "$current")); return ;;
    --loss) COMPREPLY=($(compgen -W 'cfce cce ce mse' -- "$current")); return ;;
    --optimiser) COMPREPLY=($(compgen -W 'adam sgd' -- "$current")); return ;;
    --batch) compopt +o default 2>/dev/null; return ;;
    --epochs) compopt +o default 2>/dev/null; return ;;
    --patience) compopt +o default 2>/dev/null; return ;;
    --draw-instances) compopt +o default 2>/dev/null; return ;;
    --seed) compopt +o default 2>/dev/null; return ;;
    --threads) compopt +o default 2>/dev/null; return ;;
    --validation) compopt +o default 2>/dev/null; return ;;
    --choose-by) compopt +o default 2>/dev/null; return ;;
    --cross-validate) compopt +o default 2>/dev/null; return ;;
    --repeat) compopt +o default 2>/dev/null; return ;;
    --grid) compopt +o default 2>/dev/null; return ;;
    --calibrate) COMPREPLY=($(compgen -W 'platt isotonic' -- "$current")); return ;;
    --normalizer) return ;;
    --standardize) COMPREPLY=($(compgen -P "$head" -W 'auto zscore minmax robust log1p unit unit-l1 unit-max clip none' -- "${current##*,}")); return ;;
    -o|--output) return ;;
    --trained-pairs) COMPREPLY=($(compgen -W 'exact filter none' -- "$current")); return ;;
    --log) return ;;
    --checkpoint) compopt +o default 2>/dev/null; return ;;
    --errors) COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    --color) COMPREPLY=($(compgen -W 'auto always never' -- "$current")); return ;;
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W '--input-format --columns --part --trust-order --keep --labels --missing --bad-rows --max-line --max-instances --pairs --genes --shard --pairs-format --pair-columns --label-transform --mitab-id --where --map-ids --unmapped --several --members --id-from --gene-from --id-until --strip --instances --tested-only --unknown-gene --self-pairs --conflicts --both-orders --block --undefined --missing-isoform --float32 --hold-out --keep-part --split-seed --folds --gene-groups --negatives --negative-from --under-sample --class-weight --architecture --preset --sequences --member --list --describe --learn-from --order --loss --optimiser --batch --epochs --patience --draw-instances --seed --threads --validation --choose-by --cross-validate --repeat --grid --calibrate --normalizer --standardize -o --output --trained-pairs --log --dry-run --checkpoint --resume -q --quiet --errors --color --version -h --help' -- "$current"))
  fi
}
complete -o default -F _millrace_mil_train mil-train
