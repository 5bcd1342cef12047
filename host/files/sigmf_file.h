/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sigmf_file.h - the file of a recording's metadata while the data are being written
 *
 * While the data are being written there are metadata of what has arrived, so that a recording
 * which was cut off can be read. Those of all of it are written at the end, also when the data have
 * filled the disk: until then there is a file with .part behind its name, with some room.
 */
#ifndef HOST_FILES_SIGMF_FILE_H
#define HOST_FILES_SIGMF_FILE_H

struct failure;
struct sigmf;

/** struct sigmf_file - metadata to be; opaque */
struct sigmf_file;

/**
 * sigmf_file_open() - reserve a file for metadata
 * @name: name of the recording, with or without the suffix of one of its files
 * @failure: gets the reasons of errors, also of later calls; must outlive the file
 * @file: gets the file; to be given to sigmf_file_close()
 *
 * Metadata that the recording has already stay until sigmf_file_begin().
 *
 * Return: 0; -ENOMEM; or a negative errno of open(2), posix_fallocate(3).
 */
int sigmf_file_open(const char *name, struct failure *failure, struct sigmf_file **file);

/**
 * sigmf_file_begin() - say that the data are new: remove metadata of older ones
 * @file: the file
 *
 * Return: 0 or negative errno of unlink(2).
 */
int sigmf_file_begin(struct sigmf_file *file);

/**
 * sigmf_file_keep() - write metadata of what has arrived
 * @file: the file, begun; for one thread at a time, and none that calls other functions meanwhile
 * @text: the metadata, JSON
 *
 * Whoever reads the file finds these metadata or those before them, also when the power fails in
 * the middle.
 *
 * Return: 0 or negative errno of open(2), write(2), rename(2), which is no reason to end: those
 * that were there stay.
 */
int sigmf_file_keep(const struct sigmf_file *file, const char *text);

/**
 * sigmf_file_write() - write the metadata, and give them their name
 * @file: the file
 * @meta: the metadata
 *
 * Return: 0; -ENOMEM; or a negative errno of write(2), close(2), rename(2).
 */
int sigmf_file_write(struct sigmf_file *file, const struct sigmf *meta);

/**
 * sigmf_file_close() - release the file; unless it was written or kept, nothing of it remains
 * @file: from sigmf_file_open(), or NULL
 */
void sigmf_file_close(struct sigmf_file *file);

#endif
