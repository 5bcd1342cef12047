// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-dmabuf - moves one DMABUF over an endpoint, whatever the limits of the controller are
 *
 * usb-dmabuf in|out HEAP SIZE LENGTH: a block of SIZE bytes from HEAP goes to the host or comes
 * from it, LENGTH bytes of it, as the daemon's port would move it. Nobody looks at what the
 * controller's driver can do: what it makes of the block is what is to be seen. The words of the
 * block are numbered. "iiobridged --set-up=root" has made the gadget before.
 *
 * Prints what the host moved, how many of these words are wrong where they arrived, and what the
 * block's fence says: "success", "failure N" or "pending". Ends with 0 when all of that was found
 * out, right or wrong.
 */
#include <errno.h>
#include <libusb-1.0/libusb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <systemd/sd-event.h>

#include "core/log.h"
#include "gadget/binding.h"
#include "gadget/gadget.h"

#define TIMEOUT_MS 3000

/* What the host asks for at once, so that a controller that sends too much shows it. */
#define HOST_MORE 65536u

struct job {
	struct bridge_config config;
	struct error error;
	bool in;
	uint32_t size, length;
	uint8_t address;
	enum function_state state;
	uint8_t *memory; /* of the host */
	int moved;	 /* bytes, by the host */
};

static void on_change(void *userdata, enum function_state state)
{
	struct job *job = userdata;

	job->state = state;
}

/* Nothing is asked of this device. */
static void on_setup(void *userdata, const struct usb_ctrlrequest *request)
{
	(void)userdata;
	(void)request;
}

static void on_nothing(void *userdata)
{
	(void)userdata;
}

static void number_words(void *memory, uint32_t size)
{
	uint32_t *words = memory;

	for (uint32_t i = 0; i < size / sizeof(*words); i++)
		words[i] = i + 1;
}

static unsigned int wrong_words(const void *memory, uint32_t size)
{
	const uint32_t *words = memory;
	unsigned int wrong = 0;

	for (uint32_t i = 0; i < size / sizeof(*words); i++)
		wrong += words[i] != i + 1;
	return wrong;
}

static void *host(void *argument)
{
	struct job *job = argument;
	struct libusb_context *context = NULL;
	struct libusb_device_handle *device = NULL;
	uint32_t asked = job->in ? job->length + HOST_MORE : job->length;

	job->moved = -1;
	if (libusb_init(&context) == 0)
		device = libusb_open_device_with_vid_pid(context,
							 (uint16_t)job->config.gadget.vendor_id,
							 (uint16_t)job->config.gadget.product_id);
	if (device && libusb_claim_interface(device, 0) == 0) {
		job->moved = 0;
		libusb_bulk_transfer(device, job->address, job->memory, (int)asked, &job->moved,
				     TIMEOUT_MS);
	}
	if (device)
		libusb_close(device);
	libusb_exit(context);
	return NULL;
}

/* Return: 0 when the host and the board have done what they could with the block. */
static int move(struct job *job, struct port *port, struct block *block)
{
	struct completion completion;
	pthread_t thread;
	int ret;

	block_begin_access(block, true);
	if (job->in)
		number_words(block->memory, block->size);
	else
		number_words(job->memory, job->size);
	block_end_access(block, true);
	ret = port->ops->open(port);
	if (!ret)
		ret = port->ops->attach(port, block);
	if (!ret)
		ret = port->ops->submit(port, block, job->length);
	if (ret)
		return ret;
	job->address = endpoint_address(port);
	pthread_create(&thread, NULL, host, job);
	pthread_join(thread, NULL);
	if (job->moved < 0)
		return log_errno(ENODEV, "the host cannot use the device");
	ret = port->ops->reap(port, &completion);
	/* What is pending is cancelled: the kernel waits for it before it lets anybody look. */
	port->ops->close(port);
	block_begin_access(block, false);
	printf("host moved %d of %u bytes, %u words wrong, fence: ", job->moved, job->length,
	       job->in ? wrong_words(job->memory, (uint32_t)job->moved)
		       : wrong_words(block->memory, job->length));
	if (ret == -EAGAIN)
		puts("pending");
	else if (completion.status)
		printf("failure %d\n", completion.status);
	else
		puts("success");
	return 0;
}

static int get_block(struct job *job, const char *heap, struct block *block)
{
	int ret = block_alloc(block, job->size, heap, &job->error);

	if (!ret)
		ret = block_map(block, &job->error);
	return ret;
}

static int run(struct job *job, const char *heap)
{
	static const struct function_ops ops = {
		.change = on_change,
		.setup = on_setup,
		.done = on_nothing,
	};
	const struct function_layout layout = {
		.endpoints = { job->in ? USB_DIR_IN | 1 : 1 },
		.endpoint_count = 1,
		.burst = CONFIG_BURST_MAX,
	};
	struct function *function = NULL;
	struct binding *binding = NULL;
	struct port *port = NULL;
	sd_event *event = NULL;
	struct block block = { .fd = -1 };
	int ret = sd_event_new(&event);

	if (ret >= 0)
		ret = function_new(&function, event, &layout, &ops, job);
	if (ret >= 0)
		ret = binding_new(&binding, event, &job->config.gadget, on_nothing, NULL);
	if (ret >= 0)
		ret = binding_bind(binding);
	while (ret >= 0 && job->state != FUNCTION_CONFIGURED)
		ret = sd_event_run(event, UINT64_MAX);
	if (ret >= 0)
		ret = get_block(job, heap, &block);
	if (ret >= 0) {
		port = endpoint_new(function, 1, "usb-dmabuf", &job->error);
		ret = port ? move(job, port, &block) : -ENOMEM;
	}
	endpoint_free(port);
	block_free(&block);
	binding_free(binding);
	function_free(function);
	sd_event_unref(event);
	return ret;
}

int main(int argc, char **argv)
{
	struct job job = { 0 };
	char error[256];
	int ret;

	if (argc != 5) {
		fprintf(stderr, "Usage: usb-dmabuf in|out HEAP SIZE LENGTH\n");
		return 2;
	}
	job.in = strcmp(argv[1], "in") == 0;
	job.size = (uint32_t)strtoul(argv[3], NULL, 10);
	job.length = (uint32_t)strtoul(argv[4], NULL, 10);
	if (config_load(IIOBRIDGE_CONFIG, &job.config, error, sizeof(error)) < 0) {
		fprintf(stderr, "usb-dmabuf: %s\n", error);
		return 1;
	}
	log_open(LOG_INFO);
	job.memory = calloc(1, (size_t)job.size + HOST_MORE);
	ret = job.memory ? run(&job, argv[2]) : -ENOMEM;
	free(job.memory);
	if (ret < 0)
		fprintf(stderr, "usb-dmabuf: %s\n",
			job.error.number == ret ? job.error.text : strerror(-ret));
	return ret < 0;
}
