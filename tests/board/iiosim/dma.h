/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The software DMA engine: a channel for each converter, found by the name of the converter's
 * platform device and the name of the channel, "rx" or "tx". A transfer with DMA_PREP_REPEAT is
 * repeated until one with DMA_PREP_LOAD_EOT is behind it, or not at all, as the module's parameter
 * ignore_repeat says. With the parameter no_vec it takes no lists of DMABUFs' pieces, with dma_bits it
 * reaches only memory whose addresses have so many bits, with bus_width it takes pieces whose address and
 * length are multiples of that, with max_seg_size none that are longer, and with driver its driver has
 * that name.
 */
#ifndef IIOSIM_DMA_H
#define IIOSIM_DMA_H

#include "converter.h"

#define IIOSIM_MAX_CONVERTERS 4 /* of each kind */
#define IIOSIM_ADC_NAME	      "iiosim-adc"
#define IIOSIM_DAC_NAME	      "iiosim-dac"

/**
 * dma_init() - makes the engine and its converters
 *
 * Return: 0 or a negative errno.
 */
int __init dma_init(void);

/**
 * dma_exit() - removes the engine; no channel may be in use
 */
void dma_exit(void);

/**
 * dma_converter() - the converter behind a channel
 * @is_adc: its kind
 * @index: which one, below IIOSIM_MAX_CONVERTERS
 *
 * Return: the converter; it lives until dma_exit().
 */
struct converter *dma_converter(bool is_adc, unsigned int index);

#endif
