// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_file.h"

#include "failure.h"
#include "output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLAGS_SIZE 40
#define LINE_SIZE  160 /* room for six numbers of 64 bits and the flags */

struct record_file {
	struct output *output;
	size_t used;
	char text[16384];
};

static int flush(struct record_file *file)
{
	const size_t size = file->used;

	file->used = 0;
	return output_write(file->output, (const uint8_t *)file->text, size);
}

static int append(struct record_file *file, const char *line)
{
	const size_t size = strlen(line);
	int r = 0;

	if (size > sizeof(file->text) - file->used)
		r = flush(file);
	memcpy(file->text + file->used, line, size);
	file->used += size;
	return r;
}

int record_file_open(const char *path, struct failure *failure, struct record_file **ret)
{
	struct record_file *file;
	int r;

	file = calloc(1, sizeof(*file));
	if (!file)
		return failure_set(failure, -ENOMEM, "no memory for the file of records");
	r = output_open(path, true, failure, &file->output);
	if (r < 0) {
		free(file);
		return r;
	}
	append(file, "# block first_sample samples lost filled_ns drained_ns flags\n");
	*ret = file;
	return 0;
}

/* Flags that are not known yet are told as a number. */
static const char *format_flags(unsigned int flags, char text[FLAGS_SIZE])
{
	const unsigned int known = IIOBRIDGE_RECORD_HAS_GAP | IIOBRIDGE_RECORD_WAS_LATE |
				   IIOBRIDGE_RECORD_WAS_TUNED | IIOBRIDGE_RECORD_RATE_CHANGED;
	char number[16] = "";

	if (flags & ~known)
		snprintf(number, sizeof(number), ",0x%x", flags & ~known);
	snprintf(text, FLAGS_SIZE, "%s%s%s%s%s", flags & IIOBRIDGE_RECORD_HAS_GAP ? ",gap" : "",
		 flags & IIOBRIDGE_RECORD_WAS_LATE ? ",late" : "",
		 flags & IIOBRIDGE_RECORD_WAS_TUNED ? ",tuned" : "",
		 flags & IIOBRIDGE_RECORD_RATE_CHANGED ? ",rate" : "", number);
	return text[0] ? text + 1 : "-";
}

int record_file_write(struct record_file *file, const struct iiobridge_block_record *record)
{
	char line[LINE_SIZE], flags[FLAGS_SIZE];
	int r = 0;

	if (record->records_missing) {
		snprintf(line, sizeof(line), "# records missing here: %" PRIu64 "\n",
			 record->records_missing);
		r = append(file, line);
	}
	if (record->flags & IIOBRIDGE_RECORD_IS_END)
		snprintf(line, sizeof(line), "# end of the run, blocks: %" PRIu64 "\n",
			 record->sequence);
	else
		snprintf(line, sizeof(line),
			 "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
			 " %s\n",
			 record->sequence, record->first_sample, record->samples,
			 record->samples_lost, record->filled_ns, record->delivered_ns,
			 format_flags(record->flags, flags));
	return r < 0 ? r : append(file, line);
}

int record_file_break(struct record_file *file, uint64_t place)
{
	char line[LINE_SIZE];

	snprintf(line, sizeof(line),
		 "# the board went away: what follows is of another run, from sample %" PRIu64
		 " of the output on\n",
		 place);
	return append(file, line);
}

int record_file_close(struct record_file *file)
{
	int written, closed;

	if (!file)
		return 0;
	written = flush(file);
	closed = output_close(file->output);
	free(file);
	return written < 0 ? written : closed;
}
