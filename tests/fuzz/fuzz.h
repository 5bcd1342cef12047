/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz.h - what the fuzz targets have in common
 *
 * A target is a program that libFuzzer calls with bytes that nobody can foresee, and that ends by
 * a signal when something is found: the sanitizers do, and fuzz_check().
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * LLVMFuzzerTestOneInput() - the one thing that libFuzzer calls
 * @data: the bytes
 * @size: how many
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** fuzz_check() - what must hold whatever the bytes are */
#define fuzz_check(holds) fuzz_check_at(holds, #holds, __FILE__, __LINE__)

static inline void fuzz_check_at(bool holds, const char *text, const char *file, int line)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, text);
	abort();
}

/** struct fuzz_bytes - the bytes that are left */
struct fuzz_bytes {
	const uint8_t *data;
	size_t size;
};

/**
 * fuzz_take() - take the next bytes
 * @bytes: the bytes that are left
 * @to: gets them; what is not there is 0
 * @size: how many
 *
 * Return: how many there were.
 */
static inline size_t fuzz_take(struct fuzz_bytes *bytes, void *to, size_t size)
{
	const size_t part = size < bytes->size ? size : bytes->size;

	memset(to, 0, size);
	if (part == 0)
		return 0;
	memcpy(to, bytes->data, part);
	bytes->data += part;
	bytes->size -= part;
	return part;
}

#endif
