// SPDX-License-Identifier: GPL-2.0-or-later
#include "usbg_failed.h"

#include <stdarg.h>
#include <stdio.h>
#include <usbg/usbg.h>

#include "core/log.h"

int usbg_failed(int error, const char *format, ...)
{
	static const struct {
		int usbg, error;
	} errors[] = {
		{ USBG_ERROR_NO_MEM, ENOMEM }, { USBG_ERROR_NO_ACCESS, EACCES },
		{ USBG_ERROR_EXIST, EEXIST },  { USBG_ERROR_NO_DEV, ENODEV },
		{ USBG_ERROR_BUSY, EBUSY },    { USBG_ERROR_NOT_FOUND, ENOENT },
	};
	char what[128];
	va_list arguments;
	int ret = -EIO;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	log_error("%s: %s", what, usbg_strerror(error));
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].usbg == error)
			ret = -errors[i].error;
	return ret;
}
