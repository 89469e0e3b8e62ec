# bash completion of mil-score (Millrace 0.1.0), written by docgen: do not edit.
_millrace_mil_score() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  if [[ $current == "=" ]]; then
    current=
  elif [[ $previous == "=" ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $previous in
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W '-h --help' -- "$current"))
  fi
}
complete -o default -F _millrace_mil_score mil-score
