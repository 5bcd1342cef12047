// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>

#include "reader.h"

/* Take one number of a list such as "0,2-3" off @text. */
static bool take_cpu(const char **text, unsigned long *cpu)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	*cpu = strtoul(*text, &end, 10);
	*text = end;
	return *cpu < CONFIG_CPUS_MAX;
}

/* As the kernel writes it, see Documentation/admin-guide/cputopology.rst. */
static bool parse_cpus(const char *text, uint64_t *cpus)
{
	for (;;) {
		unsigned long first, last;

		if (!take_cpu(&text, &first))
			return false;
		last = first;
		if (*text == '-') {
			text++;
			if (!take_cpu(&text, &last) || last < first)
				return false;
		}
		for (unsigned long cpu = first; cpu <= last; cpu++)
			cpus[cpu / 64] |= UINT64_C(1) << (cpu % 64);
		if (*text == '\0')
			return true;
		if (*text++ != ',')
			return false;
	}
}

static int read_cpus(struct reader *reader, const config_setting_t *setting, const struct key *key,
		     void *value)
{
	const char *text = config_setting_get_string(setting);

	(void)key;
	if (!text || !parse_cpus(text, value))
		return refuse_value(reader, setting,
				    "a list of processors from 0 to %d, in quotes, such as \"1\" "
				    "or \"0,2-3\"",
				    CONFIG_CPUS_MAX - 1);
	return 0;
}

static const struct key keys[] = {
	{ "priority", read_number, FIELD(struct process_config, priority), .max = 99 },
	{ "cpus", read_cpus, FIELD(struct process_config, cpus) },
	{ 0 },
};

int read_process(struct reader *reader, const config_setting_t *setting, const struct key *key,
		 void *value)
{
	(void)key;
	return read_group(reader, setting, keys, value);
}

void process_config_changes(const struct process_config *before, const struct process_config *after,
			    char *list, size_t size)
{
	list_changes(keys, before, after, list, size);
}
