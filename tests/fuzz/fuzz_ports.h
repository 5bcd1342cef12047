/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_ports.h - devices behind the daemon's routes that do whatever is asked of them
 *
 * In place of endpoints, IIO buffers, converters, heaps, ep0 and the clock. Each port looks at the
 * blocks that it gets: they are attached, nobody else has them, they come in their order, and what
 * is drained was filled before. One that is closed, or has failed, gets nothing.
 */
#ifndef FUZZ_PORTS_H
#define FUZZ_PORTS_H

#include "fuzz.h"

#include <iio.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "config/config.h"
#include "core/bounce.h"
#include "core/fence_list.h"
#include "core/log.h"
#include "core/port.h"
#include "core/ring.h"
#include "core/worker.h"
#include "gadget/binding.h"
#include "gadget/gadget.h"
#include "iio/attributes.h"
#include "iio/controls.h"
#include "iio/converter.h"
#include "iio/iio_port.h"
#include "iio/trigger.h"

#define PORTS_ROUTES   4
#define PORTS_CONTROLS 4
#define PORTS_FENCES   2048

/* The ends of a route: names of converters, "" for the host. */
struct ports_route {
	const char *from, *to;
};

/* What is in a block. */
struct content {
	unsigned int attached; /* a bit for each side */
	unsigned int held;     /* so often a port has it */
	bool is_filled;
	uint64_t sequence; /* it was filled as that one of the run */
};

struct fence_of_port {
	struct content *content;
	uint32_t length;
	bool is_complete;
	struct completion completion;
};

/* What goes wrong next. */
struct faults {
	int open, attach, try, start, reap;
	int submit; /* for so many: */
	unsigned int submits;
	bool repeats;
};

struct sim {
	struct port port;
	unsigned int route; /* PORTS_ROUTES: that of the records */
	bool drains;
	bool is_open, is_started;
	struct fence_of_port fences[PORTS_FENCES];
	uint64_t given, completed, reaped;
	uint64_t given_bytes;
	uint64_t ok, gaps, scans, bytes; /* of what was reaped in this run */
	unsigned int cyclic;
	uint32_t block_size;
	int fd; /* of all blocks, or of the oldest */
	struct faults faults;
};

struct converter {
	const char *name;
};

struct worker {
	struct work *work;
};

static struct ports {
	struct sim *sims[2 * PORTS_ROUTES + 1]; /* that of the records is the first */
	unsigned int count;
	unsigned int contents, converters; /* that are there */
	bool failed[PORTS_ROUTES];
	uint64_t runs[PORTS_ROUTES];
	uint64_t end[PORTS_ROUTES]; /* UINT64_MAX: not known */
	bool repeat[PORTS_ROUTES], alike[PORTS_ROUTES];
	struct port_limits limits[2 * PORTS_ROUTES + 1];
	bool is_lost[2]; /* the ADC and the DAC */
	bool no_memory, no_dmabufs, uncertain;
	unsigned int bounces; /* so many looks find none, and the next one does; 0: all */
	bool configured;
	uint64_t clock_ns;

	/* The request that is being answered */
	struct usb_ctrlrequest setup;
	struct fuzz_bytes *bytes;
	enum { UNANSWERED, ANSWERED, STALLED } answer;
	bool receiving;

	/* The threads of the controls and of the routes, which do something when the target says so
	 */
	struct worker *workers[1 + PORTS_ROUTES];
	unsigned int control_reads; /* of which some fail, and some find another value */

	/* The last record of each route */
	uint32_t record_run[PORTS_ROUTES];
	uint64_t record_sequence[PORTS_ROUTES];
	bool record_end[PORTS_ROUTES];
} ports;

static struct sim *to_sim(struct port *port)
{
	return (struct sim *)port;
}

static struct sim *sim_of(unsigned int route, bool drains)
{
	return ports.sims[1 + 2 * route + drains];
}

static bool is_of_route(const struct sim *sim)
{
	return sim->route < PORTS_ROUTES;
}

/* A failure that is none of those that have a meaning is logged, and the last of its run. */
static int fail(struct sim *sim, const char *what)
{
	if (is_of_route(sim))
		ports.failed[sim->route] = true;
	return error_set(sim->port.error, EIO, "%s: cannot %s", sim->port.name, what);
}

static void new_fd(struct sim *sim)
{
	if (sim->fd >= 0)
		close(sim->fd);
	sim->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	fuzz_check(sim->fd >= 0);
}

static bool oldest_is_complete(const struct sim *sim)
{
	return sim->reaped < sim->given && sim->fences[sim->reaped % PORTS_FENCES].is_complete;
}

static void tell(struct sim *sim)
{
	if (oldest_is_complete(sim))
		fuzz_check(eventfd_write(sim->fd, 1) == 0);
}

static void begin_run(unsigned int route)
{
	ports.failed[route] = false;
	ports.runs[route]++;
	ports.end[route] = UINT64_MAX;
	ports.repeat[route] = ports.alike[route] = false;
	for (unsigned int drains = 0; drains < 2; drains++) {
		struct sim *sim = sim_of(route, drains);

		fuzz_check(!sim->is_open);
		sim->ok = sim->gaps = sim->scans = sim->bytes = 0;
		sim->port.repeats = false;
	}
}

static int sim_open(struct port *port)
{
	struct sim *sim = to_sim(port);
	int fault = sim->faults.open;

	fuzz_check(!sim->is_open);
	if (fault == EAGAIN) {
		sim->faults.open = 0;
		return -EAGAIN;
	}
	/* The port that fills is opened first. */
	if (is_of_route(sim) && !sim->drains)
		begin_run(sim->route);
	fuzz_check(!is_of_route(sim) || !ports.failed[sim->route]);
	sim->faults.open = 0;
	sim->given = sim->completed = sim->reaped = sim->given_bytes = 0;
	sim->cyclic = 0;
	sim->is_started = false;
	sim->is_open = true;
	new_fd(sim);
	return fault ? fail(sim, "open") : 0;
}

static int sim_attach(struct port *port, const struct block *block)
{
	struct sim *sim = to_sim(port);
	struct content *content = block->memory;
	int fault = sim->faults.attach;

	fuzz_check(sim->is_open && !sim->given && !ports.failed[sim->route]);
	sim->faults.attach = 0;
	if (fault == EPERM && !port->copies) {
		port_note_refusal(port, fault);
		ports.failed[sim->route] = true;
		return -EOPNOTSUPP;
	}
	if (fault == EIO) {
		ports.failed[sim->route] = true;
		return -EIO;
	}
	if (fault)
		return fail(sim, "attach");
	content->attached |= 1u << sim->drains;
	sim->block_size = block->size;
	return 0;
}

/* It took a DMABUF, and has no transfer for one. */
static int refuse_late(struct sim *sim)
{
	sim->port.refusal = ENOMEM;
	ports.failed[sim->route] = true;
	return -EOPNOTSUPP;
}

static int sim_try(struct port *port, const struct block *block)
{
	struct sim *sim = to_sim(port);
	const struct content *content = block->memory;
	int fault = sim->faults.try;

	fuzz_check(sim->is_open && !sim->given && !sim->is_started && !ports.failed[sim->route]);
	fuzz_check(content->attached >> sim->drains & 1 && !content->held);
	sim->faults.try = 0;
	return fault && !port->copies ? refuse_late(sim) : 0;
}

static int sim_start(struct port *port)
{
	struct sim *sim = to_sim(port);
	int fault = sim->faults.start;

	fuzz_check(sim->is_open && !sim->is_started && !ports.failed[sim->route]);
	fuzz_check(sim->given > 0 || !port->real_time || !sim->drains);
	sim->faults.start = 0;
	if (fault == EOPNOTSUPP && !sim->drains && !port->copies)
		return refuse_late(sim);
	if (fault)
		return fail(sim, "start");
	sim->is_started = true;
	/* The kernel refuses the second. */
	if (sim->cyclic == PORT_CYCLIC_BLOCKS && sim->faults.repeats) {
		struct fence_of_port *second = &sim->fences[1];

		port->repeats = true;
		second->content->held--;
		sim->given = 1;
	}
	return 0;
}

static uint64_t total_blocks(const struct sim *sim)
{
	uint64_t end = ports.end[sim->route];

	return end / sim->block_size + (end % sim->block_size != 0);
}

/* What a port that drains gets as its next block is what has to come now. */
static void check_drained(const struct sim *sim, const struct content *content, uint32_t length)
{
	uint64_t number = sim->given, end = ports.end[sim->route], total, last;

	fuzz_check(content->is_filled);
	if (end == UINT64_MAX) {
		fuzz_check(content->sequence == number && length == sim->block_size);
		return;
	}
	total = total_blocks(sim);
	last = end - (total - 1) * sim->block_size;
	fuzz_check(ports.repeat[sim->route] || number < total);
	number %= total;
	fuzz_check(content->sequence == number);
	fuzz_check(length ==
		   (ports.alike[sim->route] || number == total - 1 ? last : sim->block_size));
}

static void check_records(const struct block *block, uint32_t length)
{
	const struct iiobridge_record *records = block->memory;

	fuzz_check(length % sizeof(records[0]) == 0);
	for (unsigned int i = 0; i < length / sizeof(records[0]); i++) {
		const struct iiobridge_record *record = &records[i];
		unsigned int route = record->route;

		fuzz_check(route < PORTS_ROUTES);
		fuzz_check(record->run >= ports.record_run[route]);
		if (record->run == ports.record_run[route])
			fuzz_check(!ports.record_end[route] &&
				   record->sequence > ports.record_sequence[route]);
		ports.record_run[route] = record->run;
		ports.record_sequence[route] = record->sequence;
		ports.record_end[route] = record->flags & IIOBRIDGE_RECORD_END;
	}
}

static int submit(struct sim *sim, const struct block *block, uint32_t length)
{
	struct fence_of_port *fence = &sim->fences[sim->given % PORTS_FENCES];
	struct content *content = is_of_route(sim) ? block->memory : NULL;

	fuzz_check(sim->is_open);
	fuzz_check(length > 0 && length <= block->size);
	fuzz_check(sim->given - sim->reaped < PORTS_FENCES);
	if (content) {
		fuzz_check(!ports.failed[sim->route]);
		fuzz_check(content->attached >> sim->drains & 1);
		fuzz_check(!content->held ||
			   (sim->drains && sim->port.copies && ports.repeat[sim->route]));
	}
	if (sim->faults.submits) {
		sim->faults.submits--;
		return sim->faults.submit == EIO ? fail(sim, "submit") : -sim->faults.submit;
	}
	if (!content)
		check_records(block, length);
	else if (sim->drains)
		check_drained(sim, content, length);
	if (content) {
		content->is_filled = sim->drains && ports.repeat[sim->route];
		content->held++;
	}
	*fence = (struct fence_of_port){ .content = content, .length = length };
	sim->given++;
	return 0;
}

static int sim_submit(struct port *port, const struct block *block, uint32_t length)
{
	return submit(to_sim(port), block, length);
}

static int sim_submit_cyclic(struct port *port, const struct block *block, uint32_t length)
{
	struct sim *sim = to_sim(port);
	int ret;

	fuzz_check(port->cyclic && !port->copies && !sim->is_started);
	fuzz_check(sim->given < PORT_CYCLIC_BLOCKS && ports.alike[sim->route]);
	ret = submit(sim, block, length);
	sim->cyclic += ret == 0;
	return ret;
}

static int sim_reap(struct port *port, struct completion *completion)
{
	struct sim *sim = to_sim(port);
	struct fence_of_port *fence = &sim->fences[sim->reaped % PORTS_FENCES];
	uint64_t count;

	/* It is asked of a port that fills also when it is closed, as what repeats needs it no
	 * more. */
	if (!sim->is_open)
		return -EAGAIN;
	if (sim->faults.reap) {
		sim->faults.reap = 0;
		return fail(sim, "reap");
	}
	if (!oldest_is_complete(sim)) {
		if (port->copies)
			eventfd_read(sim->fd, &count);
		return -EAGAIN;
	}
	*completion = fence->completion;
	if (fence->content)
		fence->content->held--;
	sim->reaped++;
	if (!port->copies)
		new_fd(sim);
	if (completion->status < 0) {
		if (is_of_route(sim))
			ports.failed[sim->route] = true;
		return 0;
	}
	sim->ok++;
	sim->gaps += completion->gap;
	sim->scans += completion->scans_lost;
	sim->bytes += fence->length;
	return 0;
}

static int sim_wait_fd(struct port *port)
{
	struct sim *sim = to_sim(port);

	fuzz_check(sim->is_open);
	if (is_of_route(sim))
		fuzz_check(sim->given > sim->reaped);
	tell(sim);
	return sim->fd;
}

/* The next block of a port that is not complete yet; @return: whether there is one. */
static bool complete(struct sim *sim, struct completion completion)
{
	struct fence_of_port *fence = &sim->fences[sim->completed % PORTS_FENCES];

	if (!sim->is_open || sim->completed == sim->given || (is_of_route(sim) && !sim->is_started))
		return false;
	completion.submitted_ns = completion.queued_ns = ports.clock_ns;
	completion.time_ns = ++ports.clock_ns;
	fence->is_complete = true;
	fence->completion = completion;
	if (fence->content && !sim->drains) {
		fence->content->is_filled = completion.status == 0;
		fence->content->sequence = sim->completed;
	}
	sim->completed++;
	tell(sim);
	return true;
}

static void sim_stop(struct port *port)
{
	struct sim *sim = to_sim(port);

	fuzz_check(sim->is_open);
	if (port->repeats)
		complete(sim, (struct completion){ 0 });
	sim->is_started = false;
}

static void sim_close(struct port *port)
{
	struct sim *sim = to_sim(port);

	for (; sim->reaped < sim->given; sim->reaped++) {
		struct content *content = sim->fences[sim->reaped % PORTS_FENCES].content;

		if (content)
			content->held--;
	}
	sim->completed = sim->given;
	sim->is_open = sim->is_started = false;
	if (sim->fd >= 0)
		close(sim->fd);
	sim->fd = -1;
}

static const struct port_ops stoppable_ops = {
	.open = sim_open,
	.attach = sim_attach,
	.start = sim_start,
	.submit = sim_submit,
	.submit_cyclic = sim_submit_cyclic,
	.reap = sim_reap,
	.wait_fd = sim_wait_fd,
	.stop = sim_stop,
	.close = sim_close,
};

static const struct port_ops iio_ops = {
	.open = sim_open,
	.attach = sim_attach,
	.try = sim_try,
	.start = sim_start,
	.submit = sim_submit,
	.submit_cyclic = sim_submit_cyclic,
	.reap = sim_reap,
	.wait_fd = sim_wait_fd,
	.stop = sim_stop,
	.close = sim_close,
};

/* That of DMABUFs ends what is in flight when it is closed. */
static const struct port_ops endpoint_ops = {
	.open = sim_open,
	.attach = sim_attach,
	.start = sim_start,
	.submit = sim_submit,
	.reap = sim_reap,
	.wait_fd = sim_wait_fd,
	.close = sim_close,
};

static struct port *new_sim(const char *name, bool real_time, struct error *error)
{
	struct sim *sim = calloc(1, sizeof(*sim));
	unsigned int number = ports.count;

	fuzz_check(sim && number < 2 * PORTS_ROUTES + 1);
	sim->port = (struct port){
		.ops = real_time ? &iio_ops : &endpoint_ops,
		.name = name,
		.error = error,
		.real_time = real_time,
	};
	sim->route = number ? (number - 1) / 2 : PORTS_ROUTES;
	sim->drains = number % 2 == 0;
	sim->fd = -1;
	ports.sims[ports.count++] = sim;
	return &sim->port;
}

static void free_sim(struct port *port)
{
	struct sim *sim = to_sim(port);

	if (!port)
		return;
	sim_close(port);
	for (unsigned int i = 0; i < ports.count; i++)
		if (ports.sims[i] == sim)
			ports.sims[i] = NULL;
	free(sim);
}

static unsigned int number_of(const struct sim *sim)
{
	return is_of_route(sim) ? 1 + 2 * sim->route + sim->drains : 0;
}

/* What the daemon calls instead of the kernel and its devices. */

__typeof__(endpoint_new) __wrap_endpoint_new;
struct port *__wrap_endpoint_new(struct function *function, unsigned int number, const char *name,
				 struct error *error)
{
	(void)function;
	(void)number;
	return new_sim(name, false, error);
}

__typeof__(endpoint_set_copying) __wrap_endpoint_set_copying;
void __wrap_endpoint_set_copying(struct port *port, bool copying)
{
	fuzz_check(!to_sim(port)->is_open);
	port->copies = copying;
	port->ops = copying ? &stoppable_ops : &endpoint_ops;
}

__typeof__(endpoint_find_limits) __wrap_endpoint_find_limits;
void __wrap_endpoint_find_limits(struct port *port)
{
	port->limits = ports.limits[number_of(to_sim(port))];
}

__typeof__(endpoint_free) __wrap_endpoint_free;
void __wrap_endpoint_free(struct port *port)
{
	free_sim(port);
}

__typeof__(endpoint_address) __wrap_endpoint_address;
uint8_t __wrap_endpoint_address(struct port *port)
{
	return ports.configured ? (uint8_t)(number_of(to_sim(port)) + 1) : 0;
}

__typeof__(iio_port_new) __wrap_iio_port_new;
struct port *__wrap_iio_port_new(const char *name, struct error *error)
{
	return new_sim(name, true, error);
}

__typeof__(iio_port_set_up) __wrap_iio_port_set_up;
void __wrap_iio_port_set_up(struct port *port, const struct iio_port_setup *setup)
{
	fuzz_check(!to_sim(port)->is_open && setup->converter);
	port->cyclic = setup->cyclic && !port->copies;
}

__typeof__(iio_port_set_copying) __wrap_iio_port_set_copying;
void __wrap_iio_port_set_copying(struct port *port, bool copying)
{
	fuzz_check(!to_sim(port)->is_open);
	port->copies = copying;
}

__typeof__(iio_port_set_rate) __wrap_iio_port_set_rate;
void __wrap_iio_port_set_rate(struct port *port, uint64_t millihertz)
{
	(void)port;
	(void)millihertz;
}

__typeof__(iio_port_free) __wrap_iio_port_free;
void __wrap_iio_port_free(struct port *port)
{
	free_sim(port);
}

static bool *is_lost(const char *name)
{
	return &ports.is_lost[strcmp(name, "dac") == 0];
}

__typeof__(converter_open) __wrap_converter_open;
int __wrap_converter_open(struct converter **converter, const char *name, bool output,
			  struct error *error)
{
	(void)output;
	if (*is_lost(name))
		return error_set(error, ENODEV, "no IIO device \"%s\"", name);
	*converter = calloc(1, sizeof(**converter));
	fuzz_check(*converter);
	(*converter)->name = name;
	ports.converters++;
	return 0;
}

__typeof__(converter_close) __wrap_converter_close;
void __wrap_converter_close(struct converter *converter)
{
	ports.converters -= converter != NULL;
	free(converter);
}

__typeof__(converter_is_current) __wrap_converter_is_current;
bool __wrap_converter_is_current(const struct converter *converter)
{
	return !*is_lost(converter->name);
}

__typeof__(converter_exists) __wrap_converter_exists;
bool __wrap_converter_exists(const char *name)
{
	return !*is_lost(name);
}

__typeof__(converter_silence) __wrap_converter_silence;
bool __wrap_converter_silence(const char *name)
{
	(void)name;
	return false;
}

__typeof__(converter_id) __wrap_converter_id;
const char *__wrap_converter_id(const struct converter *converter)
{
	return converter->name;
}

__typeof__(converter_name) __wrap_converter_name;
const char *__wrap_converter_name(const struct converter *converter)
{
	return converter->name;
}

__typeof__(converter_channel_count) __wrap_converter_channel_count;
unsigned int __wrap_converter_channel_count(const struct converter *converter)
{
	(void)converter;
	return 3;
}

__typeof__(converter_describe_channel) __wrap_converter_describe_channel;
void __wrap_converter_describe_channel(const struct converter *converter, unsigned int channel,
				       struct iiobridge_channel_info *info)
{
	fuzz_check(converter && channel < 3);
	memset(info, 0, sizeof(*info));
}

__typeof__(converter_scan_size) __wrap_converter_scan_size;
uint32_t __wrap_converter_scan_size(const struct converter *converter, uint32_t mask)
{
	(void)converter;
	return 4 * (uint32_t)__builtin_popcount(mask);
}

__typeof__(converter_read_rate) __wrap_converter_read_rate;
uint64_t __wrap_converter_read_rate(const struct converter *converter, const char *trigger)
{
	fuzz_check(converter && !trigger[0]);
	return 1000000000;
}

__typeof__(converter_has_dma) __wrap_converter_has_dma;
bool __wrap_converter_has_dma(const struct converter *converter)
{
	fuzz_check(converter);
	return true;
}

__typeof__(trigger_set) __wrap_trigger_set;
int __wrap_trigger_set(const struct route_config *config, const struct converter *converter,
		       struct error *error)
{
	(void)config;
	(void)converter;
	(void)error;
	return 0;
}

__typeof__(worker_new) __wrap_worker_new;
int __wrap_worker_new(struct worker **worker, sd_event *event)
{
	unsigned int route = 0;

	(void)event;
	while (ports.workers[route])
		route++;
	fuzz_check(route <= PORTS_ROUTES);
	ports.workers[route] = *worker = calloc(1, sizeof(**worker));
	fuzz_check(*worker);
	return 0;
}

__typeof__(worker_begin) __wrap_worker_begin;
void __wrap_worker_begin(struct worker *worker, struct work *work)
{
	fuzz_check(!worker->work);
	worker->work = work;
}

__typeof__(worker_free) __wrap_worker_free;
bool __wrap_worker_free(struct worker *worker, uint64_t until_ns)
{
	(void)until_ns;
	free(worker);
	return true;
}

/* A transceiver with one rate for two routes. */
__typeof__(iio_controls_find) __wrap_iio_controls_find;
void __wrap_iio_controls_find(struct iio_controls *controls, const struct bridge_config *config)
{
	static const struct {
		uint8_t role, route;
	} all[PORTS_CONTROLS] = {
		{ IIOBRIDGE_ROLE_SAMPLE_RATE, 1 },
		{ IIOBRIDGE_ROLE_SAMPLE_RATE, 2 },
		{ IIOBRIDGE_ROLE_GAIN, 1 },
		{ IIOBRIDGE_ROLE_RSSI, 1 },
	};

	(void)config;
	for (; controls->count < PORTS_CONTROLS; controls->count++)
		controls->all[controls->count] = (struct iio_control){
			.device = "phy",
			.info = {
				.state = IIOBRIDGE_CONTROL_PENDING,
				.role = all[controls->count].role,
				.route = all[controls->count].route,
				.access = all[controls->count].role == IIOBRIDGE_ROLE_RSSI
						  ? IIOBRIDGE_CONTROL_READ
						  : IIOBRIDGE_CONTROL_READ | IIOBRIDGE_CONTROL_WRITE,
				.name = "x",
			},
		};
}

__typeof__(iio_control_read) __wrap_iio_control_read;
int __wrap_iio_control_read(struct iio_control *control, struct error *error)
{
	unsigned int turn = ports.control_reads++;

	if (turn % 8 == 7)
		return error_set(error, EIO, "cannot read it: %m");
	if (turn % 4 == 2)
		control->info.value.number = turn;
	control->rate_millihertz = (uint64_t)control->info.value.number * 1000;
	return 0;
}

__typeof__(iio_control_write) __wrap_iio_control_write;
int __wrap_iio_control_write(struct iio_control *control,
			     const struct iiobridge_control_value *value, struct error *error)
{
	if (value->number < 0)
		return error_set(error, EINVAL, "cannot set it: %m");
	control->info.value.number = value->number;
	control->rate_millihertz = (uint64_t)value->number;
	return 0;
}

__typeof__(bounce_is_certain) __wrap_bounce_is_certain;
bool __wrap_bounce_is_certain(void)
{
	return !ports.uncertain;
}

__typeof__(bounce_watch_begin) __wrap_bounce_watch_begin;
void __wrap_bounce_watch_begin(struct bounce_watch *watch)
{
	(void)watch;
}

__typeof__(bounce_watch_grew) __wrap_bounce_watch_grew;
bool __wrap_bounce_watch_grew(struct bounce_watch *watch)
{
	watch->meanwhile(watch->userdata);
	return ports.bounces && !--ports.bounces;
}

__typeof__(converter_block_step) __wrap_converter_block_step;
uint32_t __wrap_converter_block_step(const struct converter *converter)
{
	fuzz_check(converter);
	return 8;
}

__typeof__(attributes_rate) __wrap_attributes_rate;
uint64_t __wrap_attributes_rate(const struct attribute_config *attributes, unsigned int count,
				const struct converter *converter)
{
	(void)attributes;
	(void)count;
	(void)converter;
	return 0;
}

__typeof__(attributes_write) __wrap_attributes_write;
int __wrap_attributes_write(const struct attribute_config *attributes, unsigned int count,
			    const struct converter *converter, struct error *error)
{
	(void)attributes;
	(void)converter;
	(void)error;
	return (int)count;
}

__typeof__(binding_udc_name) __wrap_binding_udc_name;
void __wrap_binding_udc_name(char *name, size_t size)
{
	snprintf(name, size, "udc");
}

__typeof__(clock_now_ns) __wrap_clock_now_ns;
uint64_t __wrap_clock_now_ns(void)
{
	return ports.clock_ns;
}

__typeof__(clock_nap) __wrap_clock_nap;
void __wrap_clock_nap(uint32_t ns)
{
	ports.clock_ns += ns;
}

/* An alarm rings at once: time does not pass otherwise. */
__typeof__(sd_event_source_set_time_relative) __real_sd_event_source_set_time_relative;
__typeof__(sd_event_source_set_time_relative) __wrap_sd_event_source_set_time_relative;
int __wrap_sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec)
{
	(void)usec;
	return __real_sd_event_source_set_time_relative(source, 0);
}

__typeof__(blocks_alloc) __wrap_blocks_alloc;
int __wrap_blocks_alloc(const struct block_request *request, const char *heap)
{
	(void)heap;
	if (ports.no_memory)
		return error_set(request->error, ENOMEM, "no memory for blocks");
	for (uint32_t i = 0; i < request->count; i++) {
		struct content *content = calloc(1, sizeof(*content));

		fuzz_check(content && request->blocks[i].fd < 0 && !request->blocks[i].memory);
		request->blocks[i] =
			(struct block){ .fd = -1, .size = request->size, .memory = content };
		ports.contents++;
		request->meanwhile(request->userdata);
	}
	return 0;
}

__typeof__(blocks_can_be_dmabufs) __wrap_blocks_can_be_dmabufs;
bool __wrap_blocks_can_be_dmabufs(const char *heap)
{
	(void)heap;
	return !ports.no_dmabufs;
}

/* As if "auto" had three of them. */
__typeof__(blocks_leave_out) __wrap_blocks_leave_out;
bool __wrap_blocks_leave_out(const char *heap, unsigned int *left_out)
{
	(void)heap;
	if (*left_out == 2)
		return false;
	++*left_out;
	return true;
}

__typeof__(block_map) __wrap_block_map;
int __wrap_block_map(struct block *block, struct error *error)
{
	(void)error;
	fuzz_check(block->memory);
	return 0;
}

__typeof__(block_free) __wrap_block_free;
void __wrap_block_free(struct block *block)
{
	struct content *content = block->memory;

	if (!content)
		return;
	fuzz_check(!content->held);
	free(content);
	ports.contents--;
	*block = (struct block){ .fd = -1 };
}

static unsigned int asked_route(void)
{
	return ports.setup.wValue & 0xff;
}

__typeof__(ring_finish) __real_ring_finish;
__typeof__(ring_finish) __wrap_ring_finish;
int __wrap_ring_finish(struct ring *ring, uint64_t bytes)
{
	unsigned int route = asked_route();
	uint64_t run = ports.runs[route], before = ports.end[route];
	int ret;

	if (before == UINT64_MAX)
		ports.end[route] = bytes;
	ret = __real_ring_finish(ring, bytes);
	fuzz_check(ret == 0 || run == ports.runs[route]);
	if (ret < 0)
		ports.end[route] = before;
	return ret;
}

__typeof__(ring_repeat) __real_ring_repeat;
__typeof__(ring_repeat) __wrap_ring_repeat;
int __wrap_ring_repeat(struct ring *ring, uint64_t bytes, bool alike)
{
	unsigned int route = asked_route();
	uint64_t before = ports.end[route];
	int ret;

	if (before == UINT64_MAX) {
		ports.end[route] = bytes;
		ports.repeat[route] = true;
		ports.alike[route] = alike;
	}
	ret = __real_ring_repeat(ring, bytes, alike);
	if (ret < 0 && before == UINT64_MAX) {
		ports.end[route] = before;
		ports.repeat[route] = ports.alike[route] = false;
	}
	return ret;
}

static void answer(bool stall)
{
	fuzz_check(ports.answer == UNANSWERED);
	ports.answer = stall ? STALLED : ANSWERED;
}

__typeof__(function_reply) __wrap_function_reply;
void __wrap_function_reply(struct function *function, const void *data, size_t size)
{
	const volatile uint8_t *bytes = data;

	(void)function;
	fuzz_check(ports.setup.bRequestType & USB_DIR_IN && size <= ports.setup.wLength);
	for (size_t i = 0; i < size; i++)
		(void)bytes[i];
	answer(false);
}

/* The data come later, or never: ports_send(). */
__typeof__(function_receive) __wrap_function_receive;
void __wrap_function_receive(struct function *function, size_t size)
{
	(void)function;
	fuzz_check(!(ports.setup.bRequestType & USB_DIR_IN) && size == ports.setup.wLength);
	answer(false);
	ports.receiving = true;
}

__typeof__(function_acknowledge) __wrap_function_acknowledge;
void __wrap_function_acknowledge(struct function *function)
{
	(void)function;
	fuzz_check(!(ports.setup.bRequestType & USB_DIR_IN) && !ports.setup.wLength);
	answer(false);
}

__typeof__(function_stall) __wrap_function_stall;
void __wrap_function_stall(struct function *function)
{
	(void)function;
	answer(true);
}

/* What the target asks of the ports. */

static void ports_reset(void)
{
	ports = (struct ports){ .clock_ns = 1 };
}

static void ports_expect_answer(const struct usb_ctrlrequest *setup, struct fuzz_bytes *bytes)
{
	ports.setup = *setup;
	ports.bytes = bytes;
	ports.answer = UNANSWERED;
}

static void ports_check_answered(void)
{
	fuzz_check(ports.answer != UNANSWERED);
}

/* The data of the request. Return: whether the host sends them. */
static bool ports_send(void *data, size_t size)
{
	struct {
		uint8_t blocks, scans, flags, exact;
	} choice;

	ports.receiving = false;
	fuzz_take(ports.bytes, &choice, sizeof(choice));
	if (choice.exact % 8 == 7)
		return false;
	if (choice.exact % 8 == 6) {
		fuzz_take(ports.bytes, data, size);
	} else if (size == sizeof(struct iiobridge_finish)) {
		uint64_t length = choice.blocks % 64 * UINT64_C(4096) + choice.scans * UINT64_C(12);

		/* Whole samples, mostly. */
		if (!(choice.flags & 4))
			length -= length % 12;
		*(struct iiobridge_finish *)data = (struct iiobridge_finish){
			.bytes = length,
			.flags = choice.flags % 4,
		};
	} else {
		*(struct iiobridge_parameters *)data = (struct iiobridge_parameters){
			.channel_mask = choice.flags % 9,
			.block_size = choice.blocks % 9 * 4096,
		};
	}
	return true;
}

static bool ports_are_receiving(void)
{
	return ports.receiving;
}

/* What a thread has to do is done: 0: the controls', or else a route's. Return: whether it was. */
static bool ports_work(unsigned int thread)
{
	struct worker *worker = ports.workers[thread];
	struct work *work = worker->work;

	if (!work)
		return false;
	worker->work = NULL;
	work->run(work);
	work->done(work);
	return true;
}

static bool ports_answer_was_stall(void)
{
	return ports.answer == STALLED;
}

static void ports_set_configured(bool configured)
{
	ports.configured = configured;
}

static void ports_lose_converter(const char *name, bool comes_back)
{
	*is_lost(name) = !comes_back;
}

/* A route that failed has closed its ports. */
static void ports_check(void)
{
	for (unsigned int i = 0; i < PORTS_ROUTES; i++)
		if (ports.failed[i])
			fuzz_check(!sim_of(i, false)->is_open && !sim_of(i, true)->is_open);
}

static uint64_t ports_drained(unsigned int route)
{
	return sim_of(route, true)->ok;
}

static uint64_t ports_runs(unsigned int route)
{
	return ports.runs[route];
}

static bool ports_repeats(unsigned int route)
{
	return sim_of(route, true)->port.repeats;
}

/* Every block is accounted for. */
static void ports_check_statistics(unsigned int route,
				   const struct iiobridge_statistics *statistics, bool running)
{
	const struct sim *fill = sim_of(route, false), *drain = sim_of(route, true);

	fuzz_check(statistics->blocks_filled == fill->ok);
	fuzz_check(statistics->blocks_drained == drain->ok);
	fuzz_check(statistics->bytes_drained == drain->bytes);
	fuzz_check(statistics->gaps == fill->gaps + drain->gaps);
	fuzz_check(statistics->scans_lost == fill->scans + drain->scans);
	fuzz_check(statistics->state == (running ? IIOBRIDGE_RUNNING : IIOBRIDGE_STOPPED));
	if (!running && !drain->port.repeats && fill->ok > drain->ok)
		fuzz_check(statistics->blocks_failed == fill->ok - drain->ok);
	else
		fuzz_check(statistics->blocks_failed == 0);
	if (!running)
		fuzz_check(!fill->is_open && !drain->is_open);
}

static void ports_be_good(void)
{
	for (unsigned int i = 0; i < ports.count; i++)
		ports.sims[i]->faults = (struct faults){ 0 };
	ports.no_memory = false;
	ports.bounces = 0;
}

static void ports_complete_all(void)
{
	for (unsigned int i = 0; i < ports.count; i++)
		while (!ports.sims[i]->port.repeats &&
		       complete(ports.sims[i], (struct completion){ 0 }))
			;
}

static void ports_check_all_is_given_back(void)
{
	fuzz_check(!ports.contents && !ports.converters);
	for (unsigned int i = 0; i < ports.count; i++)
		fuzz_check(!ports.sims[i]);
}

static void set_limits(struct port_limits *limits, unsigned int choice)
{
	static const struct port_limits choices[] = {
		{ 0 },
		{ .refusal = "it never does" },
		{ .whole_entries = true },
		{ .step = 512, .longest_block = 12288 },
		{ .longest_entry = 4096, .entries = 2 },
		{ .no_offsets = true, .cut = 4096, .entries = 3 },
	};

	*limits = choices[choice % (sizeof(choices) / sizeof(choices[0]))];
}

/* What devices do, and what they will refuse. */
static void ports_do(struct fuzz_bytes *bytes)
{
	struct {
		uint8_t port, what, count;
	} choice;
	struct sim *sim;

	fuzz_take(bytes, &choice, sizeof(choice));
	sim = ports.sims[choice.port % ports.count];
	switch (choice.what % 20) {
	default:
		for (unsigned int i = 0; i <= choice.count % 8u && !sim->port.repeats; i++)
			complete(sim, (struct completion){ 0 });
		break;
	case 0:
		complete(sim,
			 (struct completion){ .status = choice.count & 1 ? -EIO : -ESHUTDOWN });
		break;
	case 1:
		complete(sim, (struct completion){ .gap = true, .scans_lost = choice.count });
		break;
	case 2:
	case 3:
		sim->faults.submit = EBUSY;
		sim->faults.submits = choice.count % 8u;
		break;
	case 4:
		sim->faults.submit = EAGAIN;
		sim->faults.submits = choice.count % 8u;
		break;
	case 5:
		sim->faults.submit = EIO;
		sim->faults.submits = 1;
		break;
	case 6:
		sim->faults.open = (const int[]){ 0, EIO, EAGAIN }[choice.count % 3];
		break;
	case 7:
		sim->faults.attach = (const int[]){ EPERM, EIO, ENOSPC }[choice.count % 3];
		break;
	case 8:
		sim->faults.start = choice.count & 1 ? EOPNOTSUPP : EIO;
		sim->faults.try = choice.count & 2;
		break;
	case 9:
		sim->faults.reap = sim->is_open;
		break;
	case 10:
		sim->faults.repeats = choice.count & 1;
		break;
	case 11:
		set_limits(&ports.limits[choice.port % ports.count], choice.count);
		break;
	case 12:
		ports.clock_ns += choice.count * UINT64_C(100000000);
		break;
	case 13:
		ports.no_memory = choice.count & 1;
		ports.no_dmabufs = choice.count & 2;
		ports.uncertain = choice.count & 4;
		ports.bounces = choice.count / 8u;
		break;
	}
}

#endif
