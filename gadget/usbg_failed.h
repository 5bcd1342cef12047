/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GADGET_USBG_FAILED_H
#define GADGET_USBG_FAILED_H

/**
 * usbg_failed() - log that a call of libusbgx failed
 * @error: what it returned, enum usbg_error
 * @format: what could not be done, as of printf(3)
 *
 * Return: the negative errno that comes nearest.
 */
int usbg_failed(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
