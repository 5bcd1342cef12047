/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: the ends of a route
 *
 * An end is an endpoint, or a converter behind an IIO buffer. Its port passes DMABUFs, or copies
 * where these are refused or not wanted.
 */
#ifndef IIOBRIDGE_END_H
#define IIOBRIDGE_END_H

#include "config/config.h"
#include "gadget/gadget.h"
#include "iio/converter.h"
#include "plan.h"

/**
 * struct end - one end of a route
 * @config: what it is
 * @counter: attribute that counts lost or missed scans, "" for none
 * @output: it drains
 * @converter: opened when first needed, anew by each start; NULL for an endpoint
 * @rate_millihertz: of the converter, when it was last asked for it; 0 when it does not say
 * @port: NULL before end_connect()
 * @beyond_limits: the port copies because no block was within the limits of its device
 */
struct end {
	const struct end_config *config;
	const char *counter;
	bool output;
	struct converter *converter;
	uint64_t rate_millihertz;
	struct port *port;
	bool beyond_limits;
};

/**
 * end_connect() - make the port
 * @end: an end without a port
 * @function: the function; stays the caller's
 * @endpoint: number of the last endpoint that is taken; the end takes the next if it needs one
 * @name: of the route; stays the caller's
 * @error: of the port; stays the caller's
 *
 * Return: 0 or -ENOMEM, not logged.
 */
int end_connect(struct end *end, struct function *function, unsigned int *endpoint,
		const char *name, struct error *error);

/**
 * end_release() - let go of the port and the converter
 * @end: connected or not
 */
void end_release(struct end *end);

/**
 * end_is_known() - whether it needs no converter, or has it open
 * @end: the end
 */
bool end_is_known(const struct end *end);

/**
 * end_need_converter() - open the converter, if there is one and it is not open; may wait
 * @end: the end
 * @error: receives the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int end_need_converter(struct end *end, struct error *error);

/**
 * end_read_rate() - ask the converter for its rate, if it is open; may wait
 * @end: the end
 * @trigger: as for converter_read_rate()
 */
void end_read_rate(struct end *end, const char *trigger);

/**
 * end_take_converter() - change to a converter that is as it was, or was opened anew, with its rate
 * @end: an end whose port is closed
 * @fresh: another end of the same kind; has no converter then
 */
void end_take_converter(struct end *end, struct end *fresh);

/**
 * end_set_up() - tell the port, which is closed, what it will run on
 * @end: with an open converter if it needs one
 * @plan: of the run
 */
void end_set_up(const struct end *end, const struct plan *plan);

/**
 * end_find_limits() - let the port know what its device can do with a block
 * @end: connected
 * @converter: of the end, of the start that is planned; NULL for an endpoint
 */
void end_find_limits(struct end *end, const struct converter *converter);

/* Bytes that do for the name of any end's device. */
#define END_TEXT_SIZE (CONFIG_TEXT_SIZE + 32)

/**
 * end_describe() - name the device of an end, for a message
 * @end: the end
 * @text: receives such as: IIO device "adc"
 * @size: bytes in @text
 */
void end_describe(const struct end *end, char *text, size_t size);

/**
 * end_explain_limits() - why no block is within the limits of the device
 * @end: the end
 * @step: what a block is a multiple of, bytes
 * @heap: that blocks are from
 * @text: receives part of a sentence that begins with the device
 * @size: bytes in @text
 */
void end_explain_limits(const struct end *end, uint32_t step, const char *heap, char *text,
			size_t size);

/**
 * end_explain_refusal() - why the device takes no DMABUFs
 * @end: the end
 * @text: receives part of a sentence that begins with the device
 * @size: bytes in @text
 *
 * Return: true when it is so: its port has a refusal, and passes DMABUFs.
 */
bool end_explain_refusal(const struct end *end, char *text, size_t size);

/**
 * end_set_rate() - the converter has another sample rate from now on
 * @end: an end
 * @millihertz: samples in 1000 seconds, 0 when it is not known at the moment
 */
void end_set_rate(struct end *end, uint64_t millihertz);

/**
 * end_set_copying() - choose whether the port copies from now on
 * @end: an end whose port is closed
 * @copying: false: it passes DMABUFs
 */
void end_set_copying(struct end *end, bool copying);

#endif
