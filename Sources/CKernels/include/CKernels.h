// Hot numeric kernels.
