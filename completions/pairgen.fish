# fish completion of pairgen (Millrace 0.1.0), written by docgen: do not edit.
complete -c pairgen -f
complete -c pairgen -s h -l help -d 'Show help information'
