#include <cblas.h>
#include <sys/resource.h>

// What the pthread build of OpenBLAS has, and others lack: ends the threads that it starts when it is loaded.
extern int blas_thread_shutdown_(void) __attribute__((weak));

// Holds BLAS to the calling thread. Its own threads would spin for some 60 ms, and never be used.
// Where address space is limited they are left: starved of memory they would not end, and be waited for for ever.
static inline void cblas_use_one_thread(void) {
  openblas_set_num_threads(1);
  struct rlimit space;
  int is_free = getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur == RLIM_INFINITY;
  if (is_free && blas_thread_shutdown_) blas_thread_shutdown_();
}
