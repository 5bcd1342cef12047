/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_usb_fake_devices.h - the devices on the bus in memory, and who opens them
 *
 * Part of test_usb_fake.h, which includes it behind what it needs.
 */
#ifndef TEST_USB_FAKE_DEVICES_H
#define TEST_USB_FAKE_DEVICES_H

#include "test_usb_fake.h"

int libusb_init(libusb_context **context)
{
	*context = calloc(1, sizeof(**context));
	if (!*context)
		return LIBUSB_ERROR_NO_MEM;
	fake_lock();
	fake.contexts++;
	(*context)->next = fake_contexts;
	fake_contexts = *context;
	fake_unlock();
	return 0;
}

void libusb_exit(libusb_context *context)
{
	libusb_context **at = &fake_contexts;

	fake_lock();
	while (*at != context)
		at = &(*at)->next;
	*at = context->next;
	fake.contexts--;
	fake_unlock();
	free(context);
}

int libusb_has_capability(uint32_t capability)
{
	return capability == LIBUSB_CAP_HAS_HOTPLUG && !fake.no_hotplug;
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
	fake_lock();
	context->on_change = callback;
	context->on_change_data = data;
	fake_unlock();
	return LIBUSB_SUCCESS;
}

/* Devices have come or gone: libusb's event loops tell of it. */
static inline void fake_change_locked(void)
{
	for (libusb_context *context = fake_contexts; context; context = context->next)
		context->changes++;
}

static inline void fake_plug(unsigned int device, bool is_there)
{
	fake_lock();
	fake.devices[device].is_there = is_there;
	fake_change_locked();
	fake_unlock();
}

static libusb_device *fake_new_device(libusb_context *context, struct fake_device *device)
{
	libusb_device *usb = calloc(1, sizeof(*usb));

	*usb = (libusb_device){ context, device, 1 };
	fake.references++;
	return usb;
}

ssize_t libusb_get_device_list(libusb_context *context, libusb_device ***list)
{
	libusb_device **devices = calloc(FAKE_DEVICES + 1, sizeof(*devices));
	ssize_t count = 0;

	fake_lock();
	for (unsigned int i = 0; i < FAKE_DEVICES; i++) {
		if (fake.devices[i].is_there)
			devices[count++] = fake_new_device(context, &fake.devices[i]);
	}
	fake_unlock();
	*list = devices;
	return count;
}

libusb_device *libusb_ref_device(libusb_device *usb)
{
	fake_lock();
	usb->references++;
	fake.references++;
	fake_unlock();
	return usb;
}

void libusb_unref_device(libusb_device *usb)
{
	bool last;

	fake_lock();
	last = --usb->references == 0;
	fake.references--;
	fake_unlock();
	if (last)
		free(usb);
}

void libusb_free_device_list(libusb_device **list, int unref)
{
	for (libusb_device **at = list; *at && unref; at++)
		libusb_unref_device(*at);
	free(list);
}

uint8_t libusb_get_bus_number(libusb_device *usb)
{
	(void)usb;
	return 1;
}

uint8_t libusb_get_device_address(libusb_device *usb)
{
	uint8_t address;

	fake_lock();
	address = usb->device->address;
	fake_unlock();
	return address;
}

int libusb_get_device_speed(libusb_device *usb)
{
	(void)usb;
	return LIBUSB_SPEED_SUPER;
}

int libusb_get_device_descriptor(libusb_device *usb, struct libusb_device_descriptor *descriptor)
{
	(void)usb;
	*descriptor = (struct libusb_device_descriptor){ .iSerialNumber = 1 };
	return 0;
}

struct fake_config {
	struct libusb_config_descriptor config; /* first, so that it can be cast */
	struct libusb_interface interface;
	struct libusb_interface_descriptor descriptor;
	struct libusb_endpoint_descriptor endpoints[2 * FAKE_ROUTES + 1];
};

static uint8_t fake_endpoint_address(int number)
{
	if (number < FAKE_ROUTES)
		return (uint8_t)(FAKE_ENDPOINT_IN + number);
	if (number < 2 * FAKE_ROUTES)
		return (uint8_t)(FAKE_ENDPOINT_OUT + number - FAKE_ROUTES);
	return FAKE_ENDPOINT_RECORDS;
}

int libusb_get_active_config_descriptor(libusb_device *usb, struct libusb_config_descriptor **ret)
{
	struct fake_config *config;

	if (fake.config) {
		*ret = fake.config;
		return 0;
	}
	config = calloc(1, sizeof(*config));
	for (int i = 0; i < 2 * FAKE_ROUTES + 1; i++) {
		config->endpoints[i].bEndpointAddress = fake_endpoint_address(i);
		config->endpoints[i].bmAttributes = LIBUSB_TRANSFER_TYPE_BULK;
		config->endpoints[i].wMaxPacketSize = FAKE_PACKET_SIZE;
	}
	fake_lock();
	if (usb->device->endpoint_0)
		config->endpoints[0].bEndpointAddress = 0;
	config->descriptor = (struct libusb_interface_descriptor){
		.bInterfaceNumber = 2,
		.bNumEndpoints = 2 * FAKE_ROUTES + 1,
		.bInterfaceClass = usb->device->wrong_class ? 8 : IIOBRIDGE_CLASS,
		.bInterfaceSubClass = IIOBRIDGE_SUBCLASS,
		.bInterfaceProtocol = IIOBRIDGE_PROTOCOL,
		.iInterface = 2,
		.endpoint = config->endpoints,
	};
	fake_unlock();
	config->interface = (struct libusb_interface){ &config->descriptor, 1 };
	config->config.bNumInterfaces = 1;
	config->config.interface = &config->interface;
	*ret = &config->config;
	return 0;
}

void libusb_free_config_descriptor(struct libusb_config_descriptor *config)
{
	if (config != fake.config)
		free(config);
}

int libusb_open(libusb_device *usb, libusb_device_handle **handle)
{
	int error;

	fake_lock();
	error = usb->device->is_there ? usb->device->open_error : LIBUSB_ERROR_NO_DEVICE;
	fake.handles += error == 0;
	fake_unlock();
	if (error)
		return error;
	*handle = malloc(sizeof(**handle));
	(*handle)->usb = libusb_ref_device(usb);
	return 0;
}

void libusb_close(libusb_device_handle *handle)
{
	libusb_unref_device(handle->usb);
	free(handle);
	fake_set(fake.handles--);
}

int libusb_get_string_descriptor_ascii(libusb_device_handle *handle, uint8_t index,
				       unsigned char *data, int length)
{
	const struct fake_device *device = handle->usb->device;

	fake_lock();
	snprintf((char *)data, (size_t)length, "%s",
		 index == 1 ? device->serial : device->interface_name);
	fake_unlock();
	return (int)strlen((char *)data);
}

int libusb_claim_interface(libusb_device_handle *handle, int number)
{
	int error;

	(void)handle;
	(void)number;
	fake_lock();
	error = fake.claim_error;
	fake.claims += error == 0;
	fake_unlock();
	return error;
}

int libusb_release_interface(libusb_device_handle *handle, int number)
{
	(void)handle;
	(void)number;
	fake_set(fake.claims--);
	return 0;
}

#endif
