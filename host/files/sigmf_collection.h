/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sigmf_collection.h - a file that says which SigMF recordings belong together
 *
 * See the SigMF specification, version 1.2.5: NAME.sigmf-collection names its recordings in the
 * order of their streams, each with the SHA-512 of its metadata.
 */
#ifndef HOST_FILES_SIGMF_COLLECTION_H
#define HOST_FILES_SIGMF_COLLECTION_H

#include <stddef.h>

struct failure;

#define SIGMF_COLLECTION_SUFFIX ".sigmf-collection"

/**
 * sigmf_collection_write() - write a collection of finished recordings
 * @name: name of the collection, with or without the suffix of a recording's file
 * @recordings: names of the recordings, in the same folder, with or without such a suffix
 * @count: their number
 * @description: what they have in common, or NULL
 * @failure: gets the reason of an error
 *
 * Return: 0; -ENOMEM; or a negative errno of open(2), read(2), write(2).
 */
int sigmf_collection_write(const char *name, const char *const *recordings, size_t count,
			   const char *description, struct failure *failure);

#endif
