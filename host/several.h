/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * several.h - capture from several routes, of one board or of several, at once
 *
 * Each route is a capture of its own, with its own files; all run in one event loop. The records
 * say on the board's clock when the first block of each was delivered, so how far the beginnings of
 * two routes of one board are apart is known better than the host could see it.
 */
#ifndef HOST_SEVERAL_H
#define HOST_SEVERAL_H

struct capture_options;

/**
 * several_capture() - capture from all routes of the options
 * @options: the options, with more than one route
 *
 * Ctrl-C, -n and -t apply to all routes. When one fails, all end, and what arrived stays.
 *
 * Return: enum iiobridge_status, after what there is to tell.
 */
int several_capture(const struct capture_options *options);

#endif
