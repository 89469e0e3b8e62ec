# fish completion of metrics (Millrace 0.1.0), written by docgen: do not edit.
complete -c metrics -f
complete -c metrics -s h -l help -d 'Show help information'
