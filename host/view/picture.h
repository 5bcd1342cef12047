/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * picture.h - a recording, as a picture
 */
#ifndef HOST_VIEW_PICTURE_H
#define HOST_VIEW_PICTURE_H

struct analysis;
struct failure;
struct sample_file_info;

/**
 * picture_write() - draw a recording, and write the picture
 * @path: a PNG file, which is created or replaced
 * @title: what stands above it
 * @info: what is known about the recording
 * @analysis: what is seen in it
 * @failure: gets the reason of an error
 *
 * Spectrum, spectrogram and the first samples, below each other; of more than 8 channels the first
 * 8.
 *
 * Return: 0 or negative errno.
 */
int picture_write(const char *path, const char *title, const struct sample_file_info *info,
		  const struct analysis *analysis, struct failure *failure);

#endif
