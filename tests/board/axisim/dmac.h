/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AXI-DMAC: the DMA engine between a converter and memory, and the converter at its other side.
 *
 * Time is virtual. Scan n belongs to the time n / rate after the engine got its first transfer
 * since it was enabled. A transfer gets the next scans if another one was under way when it was
 * started, else those from this moment on: those in between are lost, as a converter never waits.
 * The work is done later, when the time of a piece of it is over.
 *
 * How many scans there were, how many were lost, in how many gaps, and how many a DAC got that did
 * not follow the one before, is in debugfs, axisim/adc and axisim/dac; there "paced" can be taken
 * away, and "rate" changed for the next time that the engine is enabled.
 */
#ifndef AXISIM_DMAC_H
#define AXISIM_DMAC_H

#include <linux/types.h>

struct irq_domain;

enum dmac { DMAC_ADC, DMAC_DAC, DMACS };

/**
 * dmac_init() - makes an engine
 * @domain: where its interrupt is, with the number of @dmac
 * @rate: of its converter, scans per second
 *
 * Return: 0 or a negative errno.
 */
int dmac_init(enum dmac dmac, struct irq_domain *domain, u32 rate);

/**
 * dmac_read() - reads a register, in any context
 */
u32 dmac_read(enum dmac dmac, unsigned int offset);

/**
 * dmac_write() - writes a register, in any context
 *
 * An engine that was disabled touches no memory any more when this returns.
 */
void dmac_write(enum dmac dmac, unsigned int offset, u32 value);

#endif
