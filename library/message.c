// SPDX-License-Identifier: GPL-2.0-or-later
#include "board.h"

static _Thread_local struct failure last;

const char *iiobridge_message(void)
{
	return last.message;
}

void message_set(const struct failure *failure)
{
	last = *failure;
}
