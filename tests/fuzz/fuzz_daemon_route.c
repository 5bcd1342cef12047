// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Control requests and what happens to routes, in every order: requests of hosts, completions and
 * failures of blocks, devices that refuse or hold them, hosts and converters that come and go. The
 * daemon's routes, rings, plans, records and requests are real, the ports are those of
 * fuzz_ports.h, which look at each block that they get.
 */
#include "fuzz_ports.h"

#include <endian.h>

#include "core/log.h"
#include "daemon/control.h"

#define ROUTES 4

static const struct ports_route shapes[ROUTES] = {
	{ .from = "", .to = "" },
	{ .from = "adc", .to = "" },
	{ .from = "", .to = "dac" },
	{ .from = "adc", .to = "dac" },
};

static struct bench {
	sd_event *event;
	struct route_config configs[ROUTES];
	struct route *routes[ROUTES];
	struct records *records;
	struct tuning *tuning;
	struct bridge_config config; /* of @tuning */
	struct control control;
	bool configured;
} bench;

static void on_fault(void *userdata, unsigned int number, const struct error *error)
{
	(void)userdata;
	fuzz_check(error->number < 0);
	control_note_fault(&bench.control, number, error);
}

static void on_meanwhile(void *userdata)
{
	(void)userdata;
	for (unsigned int i = 0; i < ROUTES; i++)
		route_kick(bench.routes[i]);
	records_kick(bench.records);
}

static void kick(void)
{
	for (unsigned int i = 0; i < ROUTES; i++)
		route_go_on(bench.routes[i]);
	on_meanwhile(NULL);
}

static void on_started(void *userdata, unsigned int number, const struct error *error)
{
	(void)userdata;
	control_started(&bench.control, number, error);
}

static void on_looked(void *userdata, unsigned int number, const struct error *error)
{
	(void)userdata;
	control_looked(&bench.control, number, error);
}

static const struct route_ops route_ops = {
	.fault = on_fault,
	.started = on_started,
	.looked = on_looked,
	.meanwhile = on_meanwhile,
};

static void on_tuning_begins(void *userdata, unsigned int route, bool rate)
{
	(void)userdata;
	route_begin_tuning(bench.routes[route], rate);
}

static void on_tuning_ends(void *userdata, unsigned int route, bool rate, uint64_t rate_millihertz)
{
	(void)userdata;
	route_end_tuning(bench.routes[route], rate, rate_millihertz);
}

static const struct tuning_ops tuning_ops = { on_tuning_begins, on_tuning_ends };

static bool uses_usb(unsigned int route)
{
	return !shapes[route].from[0] || !shapes[route].to[0];
}

static void run_events(unsigned int turns)
{
	while (turns-- && sd_event_run(bench.event, 0) > 0)
		ports_check();
}

static void begin(void)
{
	unsigned int endpoint = 0;

	bench = (struct bench){ 0 };
	ports_reset();
	fuzz_check(sd_event_new(&bench.event) >= 0);
	fuzz_check(tuning_new(&bench.tuning, bench.event, &bench.config, &tuning_ops, NULL) == 0);
	fuzz_check(records_new(&bench.records, bench.event, NULL, 15) == 0);
	for (unsigned int i = 0; i < ROUTES; i++) {
		struct route_config *config = &bench.configs[i];

		*config = (struct route_config){
			.name = { 'r', (char)('0' + i) },
			.block_size = 16384,
			.block_count = 4,
			.heap = "auto",
		};
		config->from.usb = !shapes[i].from[0];
		config->to.usb = !shapes[i].to[0];
		strcpy(config->from.device, shapes[i].from);
		strcpy(config->to.device, shapes[i].to);
		fuzz_check(route_new(&bench.routes[i], bench.event, config, i, &route_ops, NULL) ==
			   0);
		fuzz_check(route_connect(bench.routes[i], NULL, bench.records, &endpoint) == 0);
	}
	bench.control = (struct control){
		.records = bench.records,
		.routes = bench.routes,
		.route_count = ROUTES,
		.tuning = bench.tuning,
	};
}

static void end(void)
{
	for (unsigned int i = 0; i < ROUTES; i++)
		route_stop(bench.routes[i]);
	ports_check();
	for (unsigned int i = 0; i < ROUTES; i++)
		route_free(bench.routes[i], 0);
	tuning_free(bench.tuning, 0);
	records_free(bench.records);
	sd_event_unref(bench.event);
	ports_check_all_is_given_back();
}

/* A request that is over was answered, and what was refused is told. */
static void check_answer(void)
{
	if (bench.control.waiting)
		return;
	ports_check_answered();
	if (ports_answer_was_stall())
		fuzz_check(bench.control.error.message[0]);
}

/* Another event of ep0 takes back a request that is not answered yet. */
static void give_up(void)
{
	if (bench.control.waiting)
		control_give_up(&bench.control);
	fuzz_check(!bench.control.waiting);
}

/* A host asks. Most requests have good form: others have a test of their own. */
static void ask(struct fuzz_bytes *bytes)
{
	struct usb_ctrlrequest setup;
	uint8_t code, value;

	fuzz_take(bytes, &code, 1);
	fuzz_take(bytes, &value, 1);
	if (code & 0x80) {
		fuzz_take(bytes, &setup, sizeof(setup));
	} else {
		setup = (struct usb_ctrlrequest){ .bRequest = code % 14 };
		setup.bRequestType = 0xc1;
		switch (setup.bRequest) {
		case IIOBRIDGE_GET_DEVICE:
			setup.wLength = htole16(sizeof(struct iiobridge_device_info));
			break;
		case IIOBRIDGE_GET_ROUTE:
			setup.wLength = htole16(sizeof(struct iiobridge_route_info));
			break;
		case IIOBRIDGE_GET_CHANNEL:
			setup.wLength = htole16(sizeof(struct iiobridge_channel_info));
			break;
		case IIOBRIDGE_GET_STATISTICS:
			setup.wLength = htole16(sizeof(struct iiobridge_statistics));
			break;
		case IIOBRIDGE_GET_ERROR:
			setup.wLength = htole16(sizeof(struct iiobridge_error));
			break;
		case IIOBRIDGE_SET_PARAMETERS:
			setup.wLength = htole16(sizeof(struct iiobridge_parameters));
			setup.bRequestType = 0x41;
			break;
		case IIOBRIDGE_FINISH:
			setup.wLength = htole16(sizeof(struct iiobridge_finish));
			setup.bRequestType = 0x41;
			break;
		case IIOBRIDGE_GET_CONTROL:
			setup.wLength = htole16(sizeof(struct iiobridge_control_info));
			break;
		case IIOBRIDGE_GET_CHANGES:
			setup.wLength = htole16(IIOBRIDGE_MAX_CONTROLS);
			break;
		case IIOBRIDGE_GET_TIME:
			setup.wLength = htole16(sizeof(struct iiobridge_time));
			break;
		case IIOBRIDGE_SET_CONTROL:
			setup.wLength = htole16(sizeof(struct iiobridge_control_value));
			setup.bRequestType = 0x41;
			break;
		default:
			setup.bRequestType = 0x41;
		}
		if (setup.bRequest != IIOBRIDGE_GET_DEVICE &&
		    setup.bRequest != IIOBRIDGE_GET_ERROR &&
		    setup.bRequest != IIOBRIDGE_GET_CHANGES && setup.bRequest != IIOBRIDGE_GET_TIME)
			setup.wValue = htole16((uint16_t)(value % ROUTES | (value >> 6) << 8));
		if (setup.bRequest != IIOBRIDGE_GET_CHANNEL)
			setup.wValue &= htole16(0xff);
	}
	give_up();
	ports_expect_answer(&setup, bytes);
	control_handle(&bench.control, &setup);
	if (ports_are_receiving()) {
		union {
			struct iiobridge_finish finish;
			struct iiobridge_parameters parameters;
			struct iiobridge_control_value value;
		} data;

		/* They come from a thread, and blocks go on. */
		run_events(value >> 6);
		if (ports_send(&data, le16toh(setup.wLength)))
			control_received(&bench.control, &data);
		else
			control_give_up(&bench.control);
	}
	check_answer();
}

/* A thread has done something. */
static void work(unsigned int thread)
{
	bool waited = bench.control.waiting;

	if (ports_work(thread) && waited)
		check_answer();
}

/* The host leaves, or comes, as the bridge handles it. */
static void change(bool configured)
{
	give_up();
	records_close(bench.records);
	for (unsigned int i = 0; i < ROUTES; i++)
		if (uses_usb(i) && !route_is_repeating(bench.routes[i]))
			route_stop(bench.routes[i]);
	bench.configured = configured;
	ports_set_configured(configured);
	if (configured)
		records_open(bench.records);
}

/* The administrator changes what the next start is to use. */
static void configure(struct fuzz_bytes *bytes)
{
	struct {
		uint8_t route, block_size, block_count, modes;
	} choice;
	struct route_config *config;

	fuzz_take(bytes, &choice, sizeof(choice));
	config = &bench.configs[choice.route % ROUTES];
	config->block_size = 4096u * (1 + choice.block_size % 8);
	config->block_count = BLOCKS_MIN + choice.block_count % 7;
	config->transfer = choice.modes % 3;
	config->cyclic = config->from.usb && !config->to.usb ? choice.modes / 3 % 2 : 0;
}

static void lose_converter(struct fuzz_bytes *bytes)
{
	uint8_t which;

	fuzz_take(bytes, &which, 1);
	ports_lose_converter(which & 1 ? "dac" : "adc", which & 2);
	for (unsigned int i = 0; !(which & 2) && i < ROUTES; i++)
		route_lose_converter(bench.routes[i], which & 1 ? "dac" : "adc");
}

static void check_statistics(void)
{
	for (unsigned int i = 0; i < ROUTES; i++) {
		struct iiobridge_statistics statistics;
		struct iiobridge_route_info info;
		struct status_route status;

		route_get_statistics(bench.routes[i], &statistics);
		ports_check_statistics(i, &statistics, route_is_running(bench.routes[i]));
		route_describe(bench.routes[i], &info);
		fuzz_check(memchr(info.name, '\0', sizeof(info.name)) != NULL);
		route_get_status(bench.routes[i], &status);
	}
}

/* When nothing is refused any more and all blocks complete, what runs goes on, or ends. */
static void settle(void)
{
	ports_be_good();
	for (unsigned int round = 0; round < 4; round++) {
		uint64_t drained[ROUTES], runs[ROUTES];

		for (unsigned int i = 0; i < 3 * (1 + ROUTES); i++)
			work(i % (1 + ROUTES));
		kick();
		run_events(1000);
		for (unsigned int i = 0; i < ROUTES; i++) {
			drained[i] = ports_drained(i);
			runs[i] = ports_runs(i);
		}
		/* Some need all blocks before they begin. */
		for (unsigned int i = 0; i < 3; i++) {
			ports_complete_all();
			run_events(1000);
		}
		for (unsigned int i = 0; i < ROUTES; i++)
			fuzz_check(!route_is_running(bench.routes[i]) || runs[i] != ports_runs(i) ||
				   ports_repeats(i) || ports_drained(i) > drained[i]);
	}
}

/* What was asked of them is done, or is not and says why. */
static void check_controls(void)
{
	while (ports_work(0))
		;
	for (unsigned int i = 0; i < tuning_count(bench.tuning); i++) {
		const struct iiobridge_control_info *info = tuning_info(bench.tuning, i);

		fuzz_check(info->state == IIOBRIDGE_CONTROL_KNOWN ||
			   (info->state == IIOBRIDGE_CONTROL_FAILED && info->message[0]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };

	begin();
	change(true);
	while (bytes.size > 0) {
		uint8_t what;

		fuzz_take(&bytes, &what, 1);
		switch (what % 12) {
		case 0:
		case 1:
			ask(&bytes);
			break;
		case 2:
			run_events(1 + what / 12);
			break;
		case 3:
			kick();
			break;
		case 4:
			change(what / 12 % 4);
			break;
		case 5:
			configure(&bytes);
			break;
		case 6:
			lose_converter(&bytes);
			break;
		case 7:
		case 8:
			work(what / 12 % (1 + ROUTES));
			break;
		default:
			ports_do(&bytes);
		}
		ports_check();
		check_statistics();
	}
	settle();
	check_controls();
	end();
	return 0;
}
