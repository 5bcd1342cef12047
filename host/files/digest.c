// SPDX-License-Identifier: GPL-2.0-or-later
#include "digest.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct digest {
	EVP_MD_CTX *context;
	size_t unit;
	size_t partial_size;
	uint8_t partial[]; /* the beginning of a unit */
};

struct digest *digest_new(size_t unit)
{
	struct digest *digest = calloc(1, sizeof(*digest) + unit);

	if (!digest)
		return NULL;
	digest->unit = unit;
	digest->context = EVP_MD_CTX_new();
	if (digest->context && EVP_DigestInit_ex(digest->context, EVP_sha512(), NULL))
		return digest;
	digest_free(digest);
	return NULL;
}

void digest_free(struct digest *digest)
{
	if (!digest)
		return;
	EVP_MD_CTX_free(digest->context);
	free(digest);
}

/* Once SHA-512 was found, at the beginning, there is nothing about it that can fail. */
void digest_add(struct digest *digest, const uint8_t *data, size_t size)
{
	size_t rest;

	if (digest->partial_size > 0) {
		rest = digest->unit - digest->partial_size;
		if (rest > size)
			rest = size;
		memcpy(digest->partial + digest->partial_size, data, rest);
		digest->partial_size += rest;
		data += rest;
		size -= rest;
		if (digest->partial_size < digest->unit)
			return;
		EVP_DigestUpdate(digest->context, digest->partial, digest->unit);
	}
	rest = size % digest->unit;
	EVP_DigestUpdate(digest->context, data, size - rest);
	memcpy(digest->partial, data + size - rest, rest);
	digest->partial_size = rest;
}

const char *digest_finish(struct digest *digest, char text[DIGEST_TEXT_SIZE])
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	EVP_DigestFinal_ex(digest->context, hash, &size);
	for (unsigned int i = 0; i < size && i < DIGEST_TEXT_SIZE / 2; i++)
		sprintf(text + 2 * (size_t)i, "%02x", hash[i]);
	return text;
}
