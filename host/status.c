// SPDX-License-Identifier: GPL-2.0-or-later
#include "status.h"

#include <errno.h>

int status_from_errno(int error)
{
	switch (-error) {
	case 0:
		return STATUS_OK;
	case EINVAL:
		return STATUS_USAGE;
	case ENOENT:
		return STATUS_NO_BOARD;
	case EACCES:
		return STATUS_NO_PERMISSION;
	case EBUSY:
		return STATUS_BUSY;
	case ENODEV:
		return STATUS_GONE;
	case EREMOTEIO:
		return STATUS_REFUSED;
	case EPROTO:
	case ETIMEDOUT:
		return STATUS_PROTOCOL;
	default:
		return STATUS_FAILED;
	}
}
