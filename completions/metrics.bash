# bash completion of metrics (Millrace 0.1.0), written by docgen: do not edit.
_millrace_metrics() {
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
    --threshold) compopt +o default 2>/dev/null; return ;;
    --positive-above) compopt +o default 2>/dev/null; return ;;
    --level) COMPREPLY=($(compgen -W 'bag instance' -- "$current")); return ;;
    --score-column) compopt +o default 2>/dev/null; return ;;
    --label-column) compopt +o default 2>/dev/null; return ;;
    --labels) COMPREPLY=($(compgen -W 'binary number' -- "$current")); return ;;
    --missing) COMPREPLY=($(compgen -W 'error skip' -- "$current")); return ;;
    --input-format) COMPREPLY=($(compgen -W 'auto tsv ndjson fasta' -- "$current")); return ;;
    --columns) compopt +o default 2>/dev/null; return ;;
    --max-line) compopt +o default 2>/dev/null; return ;;
    --only) COMPREPLY=($(compgen -P "$head" -W 'auroc auprc precision recall specificity f1 gmean balanced_accuracy mcc brier ece prevalence tp fp tn fn positives negatives micro_auroc micro_auprc mse rmse mae pearson spearman ci rm2 rm2_printed' -- "${current##*,}")); return ;;
    --per) compopt +o default 2>/dev/null; return ;;
    --top) compopt +o default 2>/dev/null; return ;;
    --bins) compopt +o default 2>/dev/null; return ;;
    --bootstrap) compopt +o default 2>/dev/null; return ;;
    --seed) compopt +o default 2>/dev/null; return ;;
    --at-least) COMPREPLY=($(compgen -W 'auroc= auprc= precision= recall= specificity= f1= gmean= balanced_accuracy= mcc= brier= ece= prevalence= tp= fp= tn= fn= positives= negatives= micro_auroc= micro_auprc= mse= rmse= mae= pearson= spearman= ci= rm2= rm2_printed=' -- "$current")); compopt -o nospace 2>/dev/null; return ;;
    --at-most) COMPREPLY=($(compgen -W 'auroc= auprc= precision= recall= specificity= f1= gmean= balanced_accuracy= mcc= brier= ece= prevalence= tp= fp= tn= fn= positives= negatives= micro_auroc= micro_auprc= mse= rmse= mae= pearson= spearman= ci= rm2= rm2_printed=' -- "$current")); compopt -o nospace 2>/dev/null; return ;;
    --compare) return ;;
    --resample) COMPREPLY=($(compgen -W 'rows partners' -- "$current")); return ;;
    --expect) return ;;
    --calibrate) COMPREPLY=($(compgen -W 'platt isotonic' -- "$current")); return ;;
    --fit-on) return ;;
    --reliability) return ;;
    --annotations) return ;;
    --ontology) return ;;
    --aspect) COMPREPLY=($(compgen -W 'F P C' -- "$current")); return ;;
    --background) return ;;
    --groups) return ;;
    --svg) return ;;
    --html) return ;;
    --title) compopt +o default 2>/dev/null; return ;;
    --log) return ;;
    --attribution) return ;;
    --plot-log) return ;;
    --contact-map) return ;;
    --map-bag) compopt +o default 2>/dev/null; return ;;
    -o|--output) return ;;
    -O|--output-format) COMPREPLY=($(compgen -W 'tsv ndjson' -- "$current")); return ;;
    --errors) COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    --color) COMPREPLY=($(compgen -W 'auto always never' -- "$current")); return ;;
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W '--threshold --positive-above --level --score-column --label-column --labels --missing --input-format --columns --part --max-line --only --per --top --bins --bootstrap --seed --at-least --at-most --compare --resample --expect --calibrate --fit-on --reliability --annotations --ontology --aspect --background --groups --svg --html --title --log --attribution --plot-log --contact-map --map-bag --ascii --pretty -o --output -O --output-format --no-header --line-buffered -q --quiet --errors --color --version -h --help' -- "$current"))
  fi
}
complete -o default -F _millrace_metrics metrics
