// SHA-256 (FIPS 180-4), by the processor's own instructions where it has them: eight times as fast as portable code.
#ifndef CDIGEST_H
#define CDIGEST_H

#include <stdint.h>

// Takes whole blocks of 64 bytes into the state of eight words (6.2.2).
void cd_sha256(uint32_t *state, const void *blocks, long count);
// The same without the processor's own instructions.
void cd_sha256_plain(uint32_t *state, const void *blocks, long count);

#endif
