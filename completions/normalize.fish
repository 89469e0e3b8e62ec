# fish completion of normalize (Millrace 0.1.0), written by docgen: do not edit.
complete -c normalize -f
complete -c normalize -s h -l help -d 'Show help information.'
