// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configuration files: whatever is in one, it is read and within all limits, or refused with a
 * sentence that begins with file and line.
 */
#include "fuzz.h"

#include <ctype.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/config.h"
#include "core/port.h"

#define fuzz_check_text(text) fuzz_check(memchr(text, '\0', sizeof(text)) != NULL)

static void check_route(const struct route_config *route)
{
	fuzz_check_text(route->name);
	fuzz_check(route->name[0]);
	fuzz_check(route->from.usb == !route->from.device[0]);
	fuzz_check(route->to.usb == !route->to.device[0]);
	fuzz_check(route->channel_count <= IIOBRIDGE_MAX_CHANNELS);
	fuzz_check(route->block_size >= CONFIG_BLOCK_SIZE_MIN &&
		   route->block_size <= CONFIG_BLOCK_SIZE_MAX &&
		   route->block_size % CONFIG_BLOCK_SIZE_STEP == 0);
	fuzz_check(route->block_count >= BLOCKS_MIN && route->block_count <= BLOCKS_MAX);
	fuzz_check_text(route->heap);
	fuzz_check(route->heap[0]);
	fuzz_check(route->attribute_count <= CONFIG_ATTRIBUTES_MAX);
	for (unsigned int i = 0; i < route->attribute_count; i++) {
		fuzz_check_text(route->attributes[i].name);
		fuzz_check_text(route->attributes[i].value);
	}
}

static void check_config(const struct bridge_config *config)
{
	fuzz_check(config->route_count > 0 && config->route_count <= IIOBRIDGE_MAX_ROUTES);
	for (unsigned int i = 0; i < config->route_count; i++)
		check_route(&config->routes[i]);
	fuzz_check(config->gadget.burst <= CONFIG_BURST_MAX);
	fuzz_check(config->gadget.functions.count <= CONFIG_MAX_FUNCTIONS);
	for (unsigned int i = 0; i < config->gadget.functions.count; i++)
		if (config->gadget.functions.functions[i].type == FUNCTION_FFS)
			fuzz_check(config->gadget.functions.functions[i].mount[0] == '/');
	fuzz_check(config->process.priority <= 99);
}

/* "PATH:LINE: SENTENCE"; what a file includes is named instead of it. */
static void check_sentence(const char *error, const char *path)
{
	const char *end = error + strlen(path);

	if (strncmp(error, path, strlen(path)) != 0)
		end = strchr(error, ':');
	fuzz_check(end && *end == ':' && isdigit((unsigned char)end[1]));
	end = strchr(end + 1, ':');
	fuzz_check(end && strlen(end) > 5);
}

/* libconfig loses the text that it was in the middle of when it meets an error. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:strbuf_append\nleak:libconfig_yylex\n";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bridge_config config;
	int file = memfd_create("config", MFD_CLOEXEC);
	char path[32], error[512] = "";

	fuzz_check(file >= 0 && write(file, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (config_load(path, &config, error, sizeof(error)) < 0)
		check_sentence(error, path);
	else
		check_config(&config);
	close(file);
	return 0;
}
