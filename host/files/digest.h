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

/** struct digest - a hash that grows; opaque */
struct digest;

/**
 * digest_new() - begin with nothing
 * @unit: what counts in the end are whole units of so many bytes; larger than 0
 *
 * Return: the digest, to be given to digest_free(), or NULL when there is no memory.
 */
struct digest *digest_new(size_t unit);

/** digest_free() - release a digest; NULL does no harm */
void digest_free(struct digest *digest);

/**
 * digest_add() - add data behind what was added before
 * @digest: the digest, not yet finished
 * @data: the data
 * @size: bytes in @data
 */
void digest_add(struct digest *digest, const uint8_t *data, size_t size);

/**
 * digest_finish() - get the hash of all whole units that were added
 * @digest: the digest, which takes no more then
 * @text: gets the hash as hexadecimal digits in lower case
 *
 * Return: @text.
 */
const char *digest_finish(struct digest *digest, char text[DIGEST_TEXT_SIZE]);

#endif
