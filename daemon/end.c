// SPDX-License-Identifier: GPL-2.0-or-later
#include "end.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gadget/binding.h"
#include "iio/iio_port.h"

int end_connect(struct end *end, struct function *function, unsigned int *endpoint,
		const char *name, struct error *error)
{
	end->port = end->config->usb ? endpoint_new(function, ++*endpoint, name, error)
				     : iio_port_new(end->config->device, error);
	return end->port ? 0 : -ENOMEM;
}

void end_release(struct end *end)
{
	if (end->config->usb)
		endpoint_free(end->port);
	else
		iio_port_free(end->port);
	converter_close(end->converter);
}

bool end_is_known(const struct end *end)
{
	return end->config->usb || end->converter;
}

int end_need_converter(struct end *end, struct error *error)
{
	if (end_is_known(end))
		return 0;
	return converter_open(&end->converter, end->config->device, end->output, error);
}

void end_read_rate(struct end *end, const char *trigger)
{
	if (end->converter)
		end->rate_millihertz = converter_read_rate(end->converter, trigger);
}

void end_take_converter(struct end *end, struct end *fresh)
{
	if (end->converter != fresh->converter)
		converter_close(end->converter);
	end->converter = fresh->converter;
	end->rate_millihertz = fresh->rate_millihertz;
	fresh->converter = NULL;
}

void end_set_up(const struct end *end, const struct plan *plan)
{
	struct iio_port_setup setup = {
		.converter = end->converter,
		.rate_millihertz = end->rate_millihertz,
		.channel_mask = plan->channel_mask,
		.bytes_per_scan = plan->bytes_per_scan,
		.block_size = plan->block_size,
		.cyclic = plan->cyclic && end->output,
		.latency_us = plan->latency_us,
		.heap = plan->heap,
		.loss_counter = end->counter,
		.output = end->output,
	};

	if (end->config->usb)
		return;
	iio_port_set_up(end->port, &setup);
}

void end_find_limits(struct end *end, const struct converter *converter)
{
	if (end->config->usb)
		endpoint_find_limits(end->port);
	else
		end->port->limits = (struct port_limits){
			.step = converter_block_step(converter),
			.refusal = converter_has_dma(converter)
					   ? NULL
					   : "the processor fills or empties its buffer",
		};
}

void end_describe(const struct end *end, char *text, size_t size)
{
	char udc[CONFIG_TEXT_SIZE];

	if (!end->config->usb) {
		snprintf(text, size, "IIO device \"%s\"", end->config->device);
		return;
	}
	binding_udc_name(udc, sizeof(udc));
	snprintf(text, size, "USB device controller \"%s\"", udc);
}

void end_explain_limits(const struct end *end, uint32_t step, const char *heap, char *text,
			size_t size)
{
	char device[END_TEXT_SIZE];

	end_describe(end, device, sizeof(device));
	if (end->port->limits.refusal)
		snprintf(text, size, "%s takes no DMABUFs: %s", device, end->port->limits.refusal);
	else
		snprintf(text, size,
			 "%s takes no DMABUF from heap \"%s\" with a multiple of %u bytes: its "
			 "driver could not go through its pieces",
			 device, heap, step);
}

bool end_explain_refusal(const struct end *end, char *text, size_t size)
{
	bool usb = end->config->usb;
	int error = end->port->refusal;
	char device[END_TEXT_SIZE];

	if (!error || end->port->copies)
		return false;
	end_describe(end, device, sizeof(device));
	snprintf(text, size, "%s takes no DMABUFs: %s, %s", device, strerror(error),
		 error == ENOMEM  ? "its DMA engine has no transfer for one"
		 : error != EPERM ? "the kernel does not know the request"
		 : usb		  ? "its driver does no scatter-gather"
				  : "its buffer does not support them");
	return true;
}

void end_set_rate(struct end *end, uint64_t millihertz)
{
	if (!end->config->usb)
		iio_port_set_rate(end->port, millihertz);
}

void end_set_copying(struct end *end, bool copying)
{
	if (end->config->usb)
		endpoint_set_copying(end->port, copying);
	else
		iio_port_set_copying(end->port, copying);
}
