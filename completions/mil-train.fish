# fish completion of mil-train (Millrace 0.1.0), written by docgen: do not edit.
complete -c mil-train -f
complete -c mil-train -s h -l help -d 'Show help information'
