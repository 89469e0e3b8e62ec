# fish completion of explain (Millrace 0.1.0), written by docgen: do not edit.
complete -c explain -f
complete -c explain -s h -l help -d 'Show help information'
