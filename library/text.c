// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * text.c - text of a board, which may be anything, as text that can be shown
 */
#include "internal.h"

#include <string.h>

/* Bytes of the UTF-8 sequence that begins with @first, 0 when none does; RFC 3629. */
static unsigned int sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2)
		return 0;
	if (first < 0xe0)
		return 2;
	if (first < 0xf0)
		return 3;
	return first < 0xf5 ? 4 : 0;
}

/* What the first byte leaves open: overlong forms, surrogates, numbers beyond U+10FFFF. */
static bool second_byte_fits(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second <= 0x9f;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second <= 0x8f;
	default:
		return true;
	}
}

/* Bytes of the printable character at @at, 0 when there is none. */
static unsigned int character_length(const unsigned char *at)
{
	const unsigned int length = sequence_length(*at);

	if (length == 0 || *at < 0x20 || *at == 0x7f)
		return 0;
	for (unsigned int i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	}
	/* U+0080 to U+009F are control characters too. */
	if (length > 1 && (!second_byte_fits(at[0], at[1]) || (at[0] == 0xc2 && at[1] <= 0x9f)))
		return 0;
	return length;
}

void text_clean(char *text)
{
	unsigned char *at = (unsigned char *)text;

	while (*at) {
		const unsigned int length = character_length(at);

		if (length == 0)
			*at = '?';
		at += length ? length : 1;
	}
}

bool text_take(char *text, size_t size)
{
	if (!memchr(text, '\0', size))
		return false;
	text_clean(text);
	return true;
}
