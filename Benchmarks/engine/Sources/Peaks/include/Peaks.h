// What this processor and its BLAS can do: the measure for kernels.
#ifndef PEAKS_H
#define PEAKS_H

// Runs `rounds` times twelve independent fused multiply-adds of 16 (or 8) floats; returns the floating point
// operations, 0 where the processor lacks the instructions.
double peak_fma512(long rounds, float *sink);
double peak_fma256(long rounds, float *sink);
// c = a · b for square matrices on one thread; returns the floating point operations.
double peak_sgemm(int side, const float *a, const float *b, float *c);
// The kernel family that OpenBLAS chose.
const char *peak_blas_name(void);

#endif
