// What Millrace uses of htslib: hFILE and BGZF for reading plain, gzip and BGZF input.
#include <htslib/bgzf.h>
#include <htslib/faidx.h>
#include <htslib/hfile.h>
#include <htslib/hts.h>
#include <htslib/hts_log.h>

// Exported by the library, declared by its header only inside an inline function.
int hfile_set_blksize(hFILE *fp, size_t bufsiz);
