# bash completion of normalize (Millrace 0.1.0), written by docgen: do not edit.
_millrace_normalize() {
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
    --fit) return ;;
    --apply) return ;;
    --inverse) return ;;
    --method) COMPREPLY=($(compgen -P "$head" -W 'zscore minmax robust quantile log1p unit unit-l1 unit-max clip none' -- "${current##*,}")); return ;;
    --group) compopt +o default 2>/dev/null; return ;;
    --sides) COMPREPLY=($(compgen -W 'alike separate' -- "$current")); return ;;
    --constant) COMPREPLY=($(compgen -W 'zero keep error' -- "$current")); return ;;
    --memory) compopt +o default 2>/dev/null; return ;;
    --input-format) COMPREPLY=($(compgen -W 'auto tsv ndjson fasta' -- "$current")); return ;;
    --columns) compopt +o default 2>/dev/null; return ;;
    --keep) compopt +o default 2>/dev/null; return ;;
    --labels) COMPREPLY=($(compgen -W 'binary number' -- "$current")); return ;;
    --missing) COMPREPLY=($(compgen -W 'error skip zero mean' -- "$current")); return ;;
    --bad-rows) COMPREPLY=($(compgen -W 'error skip' -- "$current")); return ;;
    --max-line) compopt +o default 2>/dev/null; return ;;
    --max-instances) compopt +o default 2>/dev/null; return ;;
    -o|--output) return ;;
    -O|--output-format) COMPREPLY=($(compgen -W 'tsv ndjson' -- "$current")); return ;;
    --errors) COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    --color) COMPREPLY=($(compgen -W 'auto always never' -- "$current")); return ;;
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W '--fit --apply --inverse --method --group --sides --constant --memory --input-format --columns --part --trust-order --keep --labels --missing --bad-rows --max-line --max-instances -o --output -O --output-format --no-header --line-buffered --sparse -q --quiet --errors --color --version -h --help' -- "$current"))
  fi
}
complete -o default -F _millrace_normalize normalize
