# fish completion of seqfeat (Millrace 0.1.0), written by docgen: do not edit.
complete -c seqfeat -f
complete -c seqfeat -s h -l help -d 'Show help information.'
