# A line of a table from the output of metrics: the figures of all rows that were not trained on, in name's row.
BEGIN { FS = OFS = "\t" }
function figure(x) { return x == "" || x == "NA" ? "NA" : sprintf("%.3f", x) }
NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
$at["part"] == "all" { value[$1] = $at["value"]; base[$1] = $at["baseline"]; n = $at["n"]; p = $at["positives"] }
END {
  gsub(" ", "\t", name)
  print name, figure(value["precision"]), figure(value["recall"]), figure(value["specificity"]), figure(value["f1"]),
    figure(value["gmean"]), figure(value["balanced_accuracy"]), figure(value["auroc"]), figure(value["auprc"]),
    figure(base["auroc"]), figure(base["auprc"]), figure(value["auroc.total_length"]), n, p
}
