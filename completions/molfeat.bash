# bash completion of molfeat (Millrace 0.1.0), written by docgen: do not edit.
_millrace_molfeat() {
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
    -e|--encode) COMPREPLY=($(compgen -W 'ecfp descriptors' -- "$current")); return ;;
    --graph) COMPREPLY=($(compgen -W 'graphdta' -- "$current")); return ;;
    --describe) COMPREPLY=($(compgen -W 'graphdta ecfp descriptors' -- "$current")); return ;;
    --duplicates) COMPREPLY=($(compgen -W 'warn error first suffix' -- "$current")); return ;;
    --bad-rows) COMPREPLY=($(compgen -W 'error skip' -- "$current")); return ;;
    --input-format) COMPREPLY=($(compgen -W 'auto smi tsv ndjson' -- "$current")); return ;;
    --id-column) compopt +o default 2>/dev/null; return ;;
    --smiles-column) compopt +o default 2>/dev/null; return ;;
    --columns) compopt +o default 2>/dev/null; return ;;
    --keep) compopt +o default 2>/dev/null; return ;;
    --threads) compopt +o default 2>/dev/null; return ;;
    -o|--output) return ;;
    -O|--output-format) COMPREPLY=($(compgen -W 'tsv ndjson' -- "$current")); return ;;
    --errors) COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    --color) COMPREPLY=($(compgen -W 'auto always never' -- "$current")); return ;;
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W '-e --encode --graph --list --describe --largest-fragment --duplicates --bad-rows --input-format --id-column --smiles-column --columns --keep --threads -o --output -O --output-format --no-header --line-buffered --sparse -q --quiet --errors --color --version -h --help' -- "$current"))
  fi
}
complete -o default -F _millrace_molfeat molfeat
