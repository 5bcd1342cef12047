/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest.h - the SHA-512 of what passes
 *
 * By OpenSSL's libcrypto, whose code for it is about half as fast again as that of the smaller
 * libraries; a fast bus needs it.
 */
#ifndef HOST_FILES_DIGEST_H
#define HOST_FILES_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* 128 hexadecimal digits */
#define DIGEST_TEXT_SIZE 129

struct digest;

/** digest_new() - begin a hash of whole units of @unit bytes, at least 1; NULL: no memory */
struct digest *digest_new(size_t unit);

/** digest_free() - release a digest; NULL does no harm */
void digest_free(struct digest *digest);

/** digest_add() - add data behind what was added before */
void digest_add(struct digest *digest, const uint8_t *data, size_t size);

/** digest_finish() - the hash of all whole units, in lower case; ends the digest; returns @text */
const char *digest_finish(struct digest *digest, char text[DIGEST_TEXT_SIZE]);

#endif
