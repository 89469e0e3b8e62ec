# fish completion of mil-score (Millrace 0.1.0), written by docgen: do not edit.
complete -c mil-score -f
complete -c mil-score -s h -l help -d 'Show help information'
