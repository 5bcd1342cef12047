/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_file.h - records as text, one line for each block
 *
 * The columns stand between blanks; lines with # are for people:
 *
 *	block         number of the block in the run, from 0
 *	first_sample  place of its first sample on the converter's clock
 *	samples       samples in it
 *	lost          samples that were lost, or missed, just before it
 *	filled_ns     when it was full, nanoseconds on the board's clock
 *	drained_ns    when the host had it, or the DAC had played it
 *	flags         gap, late, both with a comma between, or -
 *
 * Errors are those of output_open(), output_write() and output_close().
 */
#ifndef HOST_FILES_RECORD_FILE_H
#define HOST_FILES_RECORD_FILE_H

#include <iiobridge/iiobridge.h>

struct failure;
struct record_file;

/** record_file_open() - create or truncate a file, or write to standard output where it is "-" */
int record_file_open(const char *path, struct failure *failure, struct record_file **file);

/** record_file_write() - write a record; those that are missing before it, and the end, with # */
int record_file_write(struct record_file *file, const struct iiobridge_block_record *record);

/** record_file_break() - write that the board went away behind so many samples of the data */
int record_file_break(struct record_file *file, uint64_t place);

/** record_file_close() - write what is not yet written, close and release; NULL does no harm */
int record_file_close(struct record_file *file);

#endif
