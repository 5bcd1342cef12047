/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_host_fake.h - a board and a bus in memory
 *
 * Defines the functions of libusb that the host's modules call, so that a test decides what the
 * bus and the board do. To be included by one file of a test program.
 */
#ifndef TEST_HOST_FAKE_H
#define TEST_HOST_FAKE_H

#include "host/device.h"

#include "test_host_fake_records.h"

#include <iiobridge/protocol.h>

#include <libusb-1.0/libusb.h>

#include <endian.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAKE_ENDPOINT	  0x81
#define FAKE_ENDPOINT_2	  0x84
#define FAKE_ENDPOINT_OUT 0x01
#define FAKE_PACKET_SIZE  1024
#define FAKE_TRANSFERS	  512
#define FAKE_RECEIVED	  ((size_t)16 << 20)

/* There is nothing in libusb's objects that the modules could look at. */
struct libusb_context {
	int unused;
};

struct libusb_device {
	int open_error;
	const char *interface_name;
	const char *serial;
	bool wrong_class;
};

struct libusb_device_handle {
	libusb_device *device;
};

static struct {
	/* what the bus shows */
	struct libusb_device devices[4];
	unsigned int device_count;
	int claim_error;
	unsigned int arrives_in; /* turns of the event loop until one more device is there */
	libusb_context *watching;
	libusb_hotplug_callback_fn on_arrival;
	void *on_arrival_data;
	void (*on_turn)(void); /* called once, in the next turn of the event loop */
	void (*on_stop)(void); /* called when a route was stopped */
	struct libusb_config_descriptor *config; /* what each device describes, NULL for a board */

	/* Called each time, when they are set; with true a result of theirs is the function's. */
	bool (*on_request)(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
			   int *result);
	bool (*on_event)(const struct timeval *timeout);
	/* a transfer has got its status and its bytes, and stood in this place in the queue */
	void (*on_complete)(const struct libusb_transfer *transfer, unsigned int place);

	/* what the board answers */
	struct iiobridge_device_info info;
	struct iiobridge_route_info route;
	struct iiobridge_channel_info channel; /* each of them */
	struct iiobridge_statistics statistics;
	struct iiobridge_error error;
	unsigned int refused_request;
	unsigned int short_request;
	int io_errors;	   /* so many requests fail on the bus before the next line holds */
	int control_error; /* of every request, 0 for none */

	/* what the endpoint does; numbers count transfers that were filled, -1 for never */
	bool running;
	bool stale;	  /* sends without having been started */
	int submit_limit; /* memory for so many transfers in flight */
	int short_at;
	int fail_at;
	enum libusb_transfer_status fail_status;
	void (*on_fail)(void); /* fails once, and this happens */
	int stop_at;	       /* the route has a fault: nothing more comes */
	int partial_at_cancel; /* bytes in the oldest transfer when it is taken back */
	bool no_device_memory;
	bool busy;	  /* transfers stay in flight */
	int interrupt_at; /* the user presses Ctrl-C, 0 for never */

	/*
	 * A board may have two routes, for which all of this holds. What one of them does not share
	 * with the other is here of the one that is at hand, and of the other one beside.
	 */
	unsigned int route_at_hand;
	struct fake_other {
		bool running;
		uint32_t counter;
		struct iiobridge_statistics statistics;
		struct fake_records_run records;
	} other;

	/* what the DAC does with what the host sends */
	bool never_ends;	       /* it takes all, and the route does not stop */
	uint64_t drain_short;	       /* bytes that it does not play */
	uint64_t interrupt_at_drained; /* the user presses Ctrl-C, 0 for never */

	/* what happened */
	char log[256];
	uint64_t sent;	   /* bytes in transfers that were put in flight to the board */
	uint64_t received; /* bytes of them that arrived */
	uint64_t finish;   /* what FINISH said, 0 before it */
	uint32_t finish_flags;
	uint64_t sent_at_finish;
	unsigned int queued_at_stop;
	int filled;
	uint8_t next_byte;
	uint32_t counter; /* 16-bit halves of it are the samples, when use_counter */
	bool use_counter;

	struct libusb_transfer *queue[FAKE_TRANSFERS];
	unsigned int queued;
	bool cancelled[FAKE_TRANSFERS];
	unsigned int transfers; /* allocated and not freed */
	unsigned int memories;
} fake;

static uint8_t fake_received[FAKE_RECEIVED];

static inline void fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	fake_records_reset();
	fake.device_count = 1;
	fake.devices[0].interface_name = IIOBRIDGE_INTERFACE_NAME;
	fake.devices[0].serial = "one";
	fake.info.version_major = IIOBRIDGE_PROTOCOL_MAJOR;
	fake.info.route_count = 1;
	fake.info.endpoint_records = FAKE_ENDPOINT_RECORDS;
	fake.route = (struct iiobridge_route_info){
		.endpoint_in = FAKE_ENDPOINT,
		.channel_count = 2,
		.channel_mask = 3,
		.block_size = 65536,
		.block_size_max = 4194304,
		.block_count = 8,
		.bytes_per_scan = 4,
		.name = "rx",
	};
	fake.channel = (struct iiobridge_channel_info){
		.is_signed = 1,
		.bits = 16,
		.storage_bits = 16,
		.id = "voltage0",
	};
	fake.submit_limit = FAKE_TRANSFERS;
	fake.short_at = -1;
	fake.fail_at = -1;
	fake.stop_at = -1;
}

/* Makes the board's route a playback. */
static inline void fake_become_playback(void)
{
	fake.route.direction = IIOBRIDGE_PLAYBACK;
	fake.route.endpoint_in = 0;
	fake.route.endpoint_out = FAKE_ENDPOINT_OUT;
	strcpy(fake.route.name, "tx");
}

/* Gives the board a second route, which is called "ry". */
static inline void fake_add_route(void)
{
	fake.info.route_count = 2;
}

/* Takes one of two routes at hand. */
static inline void fake_take_route(unsigned int route)
{
	const struct fake_other other = fake.other;

	if (route == fake.route_at_hand || route >= fake.info.route_count)
		return;
	fake.other = (struct fake_other){ fake.running, fake.counter, fake.statistics,
					  fake_records.run };
	fake.running = other.running;
	fake.counter = other.counter;
	fake.statistics = other.statistics;
	fake_records.run = other.records;
	fake_records.route = (uint8_t)route;
	fake.route_at_hand = route;
}

static inline unsigned int fake_route_of(const struct libusb_transfer *transfer)
{
	return transfer->endpoint == FAKE_ENDPOINT_2;
}

/* Finds and opens the first board; 0, or -1 as cmocka wants it. */
static inline int fake_open(struct failure *failure, struct device_list **list,
			    struct device **device)
{
	if (device_list_new(failure, list) < 0)
		return -1;
	return device_open_serial(*list, NULL, failure, device) < 0 ? -1 : 0;
}

/* Closes it; 0, or -1 when something was not given back. */
static inline int fake_close(struct device_list *list, struct device *device)
{
	device_close(device);
	device_list_free(list);
	return fake.transfers + fake.memories + fake.queued + fake_records.queued ? -1 : 0;
}

/* A word that repeats itself is logged once. */
static inline void fake_log(const char *word)
{
	size_t used = strlen(fake.log);
	size_t length = strlen(word);

	if (used > length && strncmp(fake.log + used - length - 1, word, length) == 0)
		return;
	snprintf(fake.log + used, sizeof(fake.log) - used, "%s ", word);
}

int libusb_init(libusb_context **context)
{
	*context = calloc(1, sizeof(**context));
	return *context ? 0 : LIBUSB_ERROR_NO_MEM;
}

void libusb_exit(libusb_context *context)
{
	if (context == fake.watching)
		fake.watching = NULL;
	free(context);
}

ssize_t libusb_get_device_list(libusb_context *context, libusb_device ***list)
{
	static libusb_device *devices[4];

	(void)context;
	for (unsigned int i = 0; i < fake.device_count; i++)
		devices[i] = &fake.devices[i];
	*list = devices;
	return fake.device_count;
}

void libusb_free_device_list(libusb_device **list, int unref)
{
	(void)list;
	(void)unref;
}

libusb_device *libusb_ref_device(libusb_device *device)
{
	return device;
}

void libusb_unref_device(libusb_device *device)
{
	(void)device;
}

int libusb_has_capability(uint32_t capability)
{
	return capability == LIBUSB_CAP_HAS_HOTPLUG;
}

int libusb_hotplug_register_callback(libusb_context *context, int events, int flags, int vendor,
				     int product, int class, libusb_hotplug_callback_fn callback,
				     void *data, libusb_hotplug_callback_handle *handle)
{
	(void)events;
	(void)flags;
	(void)vendor;
	(void)product;
	(void)class;
	(void)handle;
	fake.watching = context;
	fake.on_arrival = callback;
	fake.on_arrival_data = data;
	return LIBUSB_SUCCESS;
}

static inline void fake_turn(void)
{
	void (*on_turn)(void) = fake.on_turn;

	fake.on_turn = NULL;
	if (on_turn)
		on_turn();
}

/* A device comes. */
static inline void fake_arrive(void)
{
	if (fake.arrives_in == 0 || --fake.arrives_in > 0)
		return;
	fake.device_count++;
	if (fake.watching)
		fake.on_arrival(fake.watching, NULL, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED,
				fake.on_arrival_data);
}

uint8_t libusb_get_bus_number(libusb_device *device)
{
	(void)device;
	return 1;
}

uint8_t libusb_get_device_address(libusb_device *device)
{
	return (uint8_t)(device - fake.devices + 5);
}

int libusb_get_device_descriptor(libusb_device *device, struct libusb_device_descriptor *descriptor)
{
	(void)device;
	*descriptor = (struct libusb_device_descriptor){ .iSerialNumber = 1 };
	return 0;
}

int libusb_get_active_config_descriptor(libusb_device *device,
					struct libusb_config_descriptor **config)
{
	static const uint8_t addresses[] = { FAKE_ENDPOINT, FAKE_ENDPOINT_2, FAKE_ENDPOINT_OUT,
					     FAKE_ENDPOINT_RECORDS };
	static struct libusb_endpoint_descriptor endpoints[4];
	static struct libusb_interface_descriptor descriptor;
	static const struct libusb_interface interface = { &descriptor, 1 };
	static struct libusb_config_descriptor the_config;

	if (fake.config) {
		*config = fake.config;
		return 0;
	}
	for (int i = 0; i < 4; i++) {
		endpoints[i].bEndpointAddress = addresses[i];
		endpoints[i].bmAttributes = LIBUSB_TRANSFER_TYPE_BULK;
		endpoints[i].wMaxPacketSize = FAKE_PACKET_SIZE;
	}
	descriptor = (struct libusb_interface_descriptor){
		.bInterfaceNumber = 2,
		.bNumEndpoints = 4,
		.bInterfaceClass = device->wrong_class ? 8 : IIOBRIDGE_CLASS,
		.bInterfaceSubClass = IIOBRIDGE_SUBCLASS,
		.bInterfaceProtocol = IIOBRIDGE_PROTOCOL,
		.iInterface = 2,
		.endpoint = endpoints,
	};
	the_config = (struct libusb_config_descriptor){
		.bNumInterfaces = 1,
		.interface = &interface,
	};
	*config = &the_config;
	return 0;
}

void libusb_free_config_descriptor(struct libusb_config_descriptor *config)
{
	(void)config;
}

int libusb_open(libusb_device *device, libusb_device_handle **handle)
{
	if (device->open_error)
		return device->open_error;
	*handle = malloc(sizeof(**handle));
	(*handle)->device = device;
	return 0;
}

void libusb_close(libusb_device_handle *handle)
{
	free(handle);
}

int libusb_get_string_descriptor_ascii(libusb_device_handle *handle, uint8_t index,
				       unsigned char *data, int length)
{
	const char *text = index == 1 ? handle->device->serial : handle->device->interface_name;

	snprintf((char *)data, (size_t)length, "%s", text);
	return (int)strlen((char *)data);
}

int libusb_claim_interface(libusb_device_handle *handle, int number)
{
	(void)handle;
	(void)number;
	return fake.claim_error;
}

int libusb_release_interface(libusb_device_handle *handle, int number)
{
	(void)handle;
	(void)number;
	return 0;
}

static int fake_answer(const void *answer, size_t size, void *data, size_t length)
{
	memcpy(data, answer, size < length ? size : length);
	return (int)(size < length ? size : length);
}

static void fake_start(void)
{
	fake.running = true;
	fake.sent = fake.received = fake.finish = 0;
	fake.finish_flags = 0;
	fake.counter = 0;
	fake.statistics.bytes_drained = fake.statistics.blocks_filled = 0;
	fake_start_records(++fake.statistics.starts);
}

static void fake_stop(void)
{
	if (fake.running)
		fake_record_end(fake.statistics.starts);
	fake.running = false;
}

/* It ignores the channels. */
static void fake_set_block_size(const struct iiobridge_parameters *parameters)
{
	if (parameters->block_size)
		fake.route.block_size = le32toh(parameters->block_size);
}

/* A waveform that repeats plays on whenever somebody looks. */
static void fake_play_on(void)
{
	if (fake.running && fake.finish_flags & IIOBRIDGE_FINISH_REPEAT &&
	    fake.received >= fake.finish && fake.route.repeating != IIOBRIDGE_REPEATING_KERNEL)
		fake.statistics.bytes_drained += fake.route.block_size;
	if (fake.interrupt_at_drained &&
	    fake.statistics.bytes_drained >= fake.interrupt_at_drained) {
		fake.interrupt_at_drained = 0;
		raise(SIGINT);
	}
}

static int fake_answer_route(void *data, size_t length)
{
	struct iiobridge_route_info route = fake.route;

	if (fake.route_at_hand == 1) {
		route.endpoint_in = FAKE_ENDPOINT_2;
		strcpy(route.name, "ry");
	}
	return fake_answer(&route, sizeof(route), data, length);
}

int libusb_control_transfer(libusb_device_handle *handle, uint8_t type, uint8_t request,
			    uint16_t value, uint16_t index, unsigned char *data, uint16_t length,
			    unsigned int timeout)
{
	int result;

	(void)handle;
	(void)type;
	(void)index;
	(void)timeout;
	if (fake.on_request && fake.on_request(request, value, data, length, &result))
		return result;
	if (fake.io_errors > 0) {
		fake.io_errors--;
		return LIBUSB_ERROR_IO;
	}
	if (fake.control_error)
		return fake.control_error;
	if (request == fake.refused_request) {
		fake.error.request = request;
		fake.error.value = value;
		return LIBUSB_ERROR_PIPE;
	}
	if (request == fake.short_request)
		return 1;
	if (request != IIOBRIDGE_GET_DEVICE && request != IIOBRIDGE_GET_ERROR)
		fake_take_route(value & 0xff);

	switch (request) {
	case IIOBRIDGE_GET_DEVICE:
		return fake_answer(&fake.info, sizeof(fake.info), data, length);
	case IIOBRIDGE_GET_ROUTE:
		return fake_answer_route(data, length);
	case IIOBRIDGE_GET_CHANNEL:
		return fake_answer(&fake.channel, sizeof(fake.channel), data, length);
	case IIOBRIDGE_GET_STATISTICS:
		fake_play_on();
		fake.statistics.state = fake.running ? IIOBRIDGE_RUNNING : IIOBRIDGE_STOPPED;
		return fake_answer(&fake.statistics, sizeof(fake.statistics), data, length);
	case IIOBRIDGE_GET_ERROR:
		return fake_answer(&fake.error, sizeof(fake.error), data, length);
	case IIOBRIDGE_SET_PARAMETERS:
		fake_log("parameters");
		fake_set_block_size((const struct iiobridge_parameters *)(void *)data);
		return length;
	case IIOBRIDGE_START:
		fake_log("start");
		fake_start();
		return 0;
	case IIOBRIDGE_STOP:
		fake_log("stop");
		fake_stop();
		fake.queued_at_stop = fake.queued;
		if (fake.on_stop)
			fake.on_stop();
		return 0;
	case IIOBRIDGE_FINISH:
		fake_log("finish");
		fake.finish = le64toh(((struct iiobridge_finish *)(void *)data)->bytes);
		fake.finish_flags = le32toh(((struct iiobridge_finish *)(void *)data)->flags);
		fake.sent_at_finish = fake.sent;
		return length;
	default:
		return LIBUSB_ERROR_PIPE;
	}
}

#include "test_host_fake_transfers.h"

#endif
