# Writes quantiles.tsv: what limma's normalizeQuantiles(ties = TRUE) makes of features.tsv and gaps.tsv.
#
#     apt-get install r-bioc-limma        (R 4.2.2, limma 3.54.1)
#     Rscript make_quantiles.R
#
# normalize.quantiles of preprocessCore 1.60.2 gives the same numbers to 1e-14, ties and missing values too.
# limma fits and changes the same samples. What a fit on four makes of all six is put together from limma's own steps:
# the reference is the mean of the four, each stretched to all ranks, and a value goes to its mean rank in it.
suppressMessages(library(limma))

first <- c("heavy", "offset", "ties", "tiny")

stretched <- function(x, n) {
  x <- sort(x)
  approx((seq_along(x) - 1) / (length(x) - 1), x, (0:(n - 1)) / (n - 1), ties = list("ordered", mean))$y
}

placed <- function(x, reference) {
  n <- length(reference)
  known <- !is.na(x)
  share <- (rank(x[known]) - 1) / (sum(known) - 1)
  x[known] <- approx((0:(n - 1)) / (n - 1), reference, share, ties = list("ordered", mean))$y
  x
}

lines <- function(table, case, x) {
  text <- apply(x, c(1, 2), function(v) if (is.na(v)) "NA" else sprintf("%.17g", v))
  paste(table, case, rownames(x), apply(text, 1, paste, collapse = "\t"), sep = "\t")
}

out <- character()
for (table in c("features", "gaps")) {
  x <- as.matrix(read.delim(paste0(table, ".tsv"), row.names = "id"))
  out <- c(out, lines(table, "quantile", normalizeQuantiles(x, ties = TRUE)))
  out <- c(out, lines(table, "log1p,quantile", normalizeQuantiles(log1p(x), ties = TRUE)))
  reference <- rowMeans(apply(x[, first], 2, stretched, n = nrow(x)))
  stopifnot(all.equal(apply(x[, first], 2, placed, reference), normalizeQuantiles(x[, first]), check.attributes = FALSE,
    tolerance = 1e-15))
  fitted <- apply(x, 2, placed, reference)
  rownames(fitted) <- rownames(x)
  out <- c(out, lines(table, "quantile of four", fitted))
}
names <- colnames(x)
writeLines(c(paste(c("table", "methods", "id", names), collapse = "\t"), out), "quantiles.tsv")
