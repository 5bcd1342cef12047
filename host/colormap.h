/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * colormap.h - the colours of a spectrogram
 *
 * From nearly black over violet and orange to a pale yellow. The lightness grows evenly, so what is
 * stronger is lighter, in print without colours and to eyes that see few of them, too.
 */
#ifndef HOST_COLORMAP_H
#define HOST_COLORMAP_H

#include <stdint.h>

/**
 * colormap_get() - the colour of a value
 * @value: from 0 to 1; what is beyond is that end, and so is what is no number at all: 0
 *
 * Return: 0xRRGGBB.
 */
uint32_t colormap_get(float value);

#endif
