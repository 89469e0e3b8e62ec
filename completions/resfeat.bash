# bash completion of resfeat (Millrace 0.1.0), written by docgen: do not edit.
_millrace_resfeat() {
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
    --graph) compopt +o default 2>/dev/null; return ;;
    --pssm) return ;;
    --chains) compopt +o default 2>/dev/null; return ;;
    --model) compopt +o default 2>/dev/null; return ;;
    --input-format) COMPREPLY=($(compgen -W 'auto pdb mmcif' -- "$current")); return ;;
    --max-residues) compopt +o default 2>/dev/null; return ;;
    --contacts) compopt +o default 2>/dev/null; return ;;
    --bound-a) return ;;
    --bound-b) return ;;
    --onto-a) return ;;
    --onto-b) return ;;
    --paint) return ;;
    --structure-out) return ;;
    --side) COMPREPLY=($(compgen -W 'a b' -- "$current")); return ;;
    --score-column) compopt +o default 2>/dev/null; return ;;
    --threads) compopt +o default 2>/dev/null; return ;;
    -o|--output) return ;;
    -O|--output-format) COMPREPLY=($(compgen -W 'tsv ndjson' -- "$current")); return ;;
    --errors) COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    --color) COMPREPLY=($(compgen -W 'auto always never' -- "$current")); return ;;
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W '--graph --pssm --chains --model --input-format --max-residues --contacts --bound-a --bound-b --onto-a --onto-b --within --only-contacts --paint --structure-out --side --score-column --threads -o --output -O --output-format --no-header --line-buffered -q --quiet --errors --color --version -h --help' -- "$current"))
  fi
}
complete -o default -F _millrace_resfeat resfeat
