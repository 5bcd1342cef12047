/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what systemd hears
 *
 * sd_notify(3); without systemd all of this does nothing.
 */
#ifndef IIOBRIDGE_SERVICE_H
#define IIOBRIDGE_SERVICE_H

/** service_ready() - the gadget is on the bus */
void service_ready(void);

/**
 * service_reloading() - the configuration is about to be read again
 *
 * Tells nothing before service_ready(), for the end of a reload looks like that.
 */
void service_reloading(void);

/** service_reloaded() - the configuration was read again, whatever came of it */
void service_reloaded(void);

/** service_stopping() - the daemon is about to leave */
void service_stopping(void);

/**
 * service_status() - one line for systemctl status
 * @format: as of printf(3)
 */
void service_status(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
