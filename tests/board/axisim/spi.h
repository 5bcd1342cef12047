/* SPDX-License-Identifier: GPL-2.0-only */
/* The SPI controller with the converters, each of which has an identity and registers. */
#ifndef AXISIM_SPI_H
#define AXISIM_SPI_H

struct platform_driver;

extern struct platform_driver spi_driver;

#endif
