/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_host_folder.h - a folder of a test program's own, which it runs in
 */
#ifndef TEST_HOST_FOLDER_H
#define TEST_HOST_FOLDER_H

#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/iiobridge-test-XXXXXX";

/* Makes the folder, and goes there; 0, or -1 as cmocka wants it. */
static inline int enter_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

/* Removes it; -1 also when a test has left something there. */
static inline int leave_folder(void **state)
{
	(void)state;
	return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

#endif
