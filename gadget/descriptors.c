// SPDX-License-Identifier: GPL-2.0-or-later
#include "descriptors.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <linux/usb/functionfs.h>
#include <string.h>
#include <unistd.h>

#include "iiobridge/protocol.h"

#define ENGLISH 0x0409

#define DESCRIPTORS_SIZE 1024 /* enough for all endpoints at three speeds */

/* Microsoft OS descriptors, version 1.0: a compatible id and the properties of the interface */
#define MS_OS_DESCRIPTORS 2

struct speed {
	uint16_t max_packet;
	int has_companion;
};

/* USB 2.0 chapter 5.8.3, USB 3.2 chapter 8.12.1: bulk packets of full, high and super speed */
static const struct speed speeds[] = { { 64, 0 }, { 512, 0 }, { 1024, 1 } };

#define SPEEDS (sizeof(speeds) / sizeof(speeds[0]))

static uint8_t *append(uint8_t *to, const void *data, size_t size)
{
	memcpy(to, data, size);
	return to + size;
}

static uint8_t *append_le32(uint8_t *to, uint32_t value)
{
	uint32_t little = htole32(value);

	return append(to, &little, sizeof(little));
}

static uint8_t *append_interface(uint8_t *to, unsigned int endpoint_count)
{
	struct usb_interface_descriptor descriptor = {
		.bLength = sizeof(descriptor),
		.bDescriptorType = USB_DT_INTERFACE,
		.bNumEndpoints = (uint8_t)endpoint_count,
		.bInterfaceClass = IIOBRIDGE_CLASS,
		.bInterfaceSubClass = IIOBRIDGE_SUBCLASS,
		.bInterfaceProtocol = IIOBRIDGE_PROTOCOL,
		.iInterface = 1,
	};

	return append(to, &descriptor, sizeof(descriptor));
}

static uint8_t *append_endpoint(uint8_t *to, uint8_t address, const struct speed *speed,
				unsigned int burst)
{
	struct usb_endpoint_descriptor_no_audio descriptor = {
		.bLength = sizeof(descriptor),
		.bDescriptorType = USB_DT_ENDPOINT,
		.bEndpointAddress = address,
		.bmAttributes = USB_ENDPOINT_XFER_BULK,
		.wMaxPacketSize = htole16(speed->max_packet),
	};
	struct usb_ss_ep_comp_descriptor companion = {
		.bLength = sizeof(companion),
		.bDescriptorType = USB_DT_SS_ENDPOINT_COMP,
		.bMaxBurst = (uint8_t)burst,
	};

	to = append(to, &descriptor, sizeof(descriptor));
	return speed->has_companion ? append(to, &companion, sizeof(companion)) : to;
}

/* What Windows asks for to know the driver of an interface: WinUSB. */
static uint8_t *append_compatible_id(uint8_t *to, uint16_t version)
{
	struct usb_ext_compat_desc id = {
		.bFirstInterfaceNumber = 0, /* of the function; the kernel puts the true one */
		.Reserved1 = 1,
		.CompatibleID = "WINUSB",
	};
	struct usb_os_desc_header header = {
		.dwLength = htole32(sizeof(header) + sizeof(id)),
		.bcdVersion = htole16(version),
		.wIndex = htole16(4),
		.bCount = 1,
	};

	to = append(to, &header, sizeof(header));
	return append(to, &id, sizeof(id));
}

/*
 * The class under which programs find the interface then. Text here is UTF-8; the kernel makes it
 * UTF-16. DeviceInterfaceGUIDs, a list, would be the newer name, but composite_setup() refuses to
 * answer with a property that is a list (fill_ext_prop() in drivers/usb/gadget/composite.c).
 */
static uint8_t *append_interface_guid(uint8_t *to, uint16_t version)
{
	static const char name[] = "DeviceInterfaceGUID", guid[] = IIOBRIDGE_INTERFACE_GUID;
	uint32_t size =
		sizeof(struct usb_ext_prop_desc) + sizeof(name) + sizeof(uint32_t) + sizeof(guid);
	struct usb_ext_prop_desc property = {
		.dwSize = htole32(size),
		.dwPropertyDataType = htole32(1), /* text that ends in a NUL */
		.wPropertyNameLength = htole16(sizeof(name)),
	};
	struct usb_os_desc_header header = {
		.dwLength = htole32(sizeof(header) + size),
		.bcdVersion = htole16(version),
		.wIndex = htole16(5),
		.wCount = htole16(1),
	};

	to = append(to, &header, sizeof(header));
	to = append(to, &property, sizeof(property));
	to = append(to, name, sizeof(name));
	to = append_le32(to, sizeof(guid));
	return append(to, guid, sizeof(guid));
}

static size_t assemble(uint8_t *buffer, const struct function_layout *layout, int events,
		       uint16_t os_version)
{
	unsigned int endpoint_count = layout->endpoint_count;
	uint8_t *end = buffer;

	assert(endpoint_count <= GADGET_MAX_ENDPOINTS);
	end = append_le32(end, FUNCTIONFS_DESCRIPTORS_MAGIC_V2);
	end = append_le32(end, 0); /* the length, see below */
	end = append_le32(end, FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC |
				       FUNCTIONFS_HAS_SS_DESC | FUNCTIONFS_HAS_MS_OS_DESC |
				       (events < 0 ? 0 : FUNCTIONFS_EVENTFD));
	if (events >= 0)
		end = append_le32(end, (uint32_t)events);
	for (size_t i = 0; i < SPEEDS; i++)
		end = append_le32(end, 1 + endpoint_count * (speeds[i].has_companion ? 2 : 1));
	end = append_le32(end, MS_OS_DESCRIPTORS);
	for (size_t i = 0; i < SPEEDS; i++) {
		end = append_interface(end, endpoint_count);
		for (unsigned int e = 0; e < endpoint_count; e++)
			end = append_endpoint(end, layout->endpoints[e], &speeds[i], layout->burst);
	}
	end = append_compatible_id(end, os_version);
	end = append_interface_guid(end, os_version);
	append_le32(buffer + sizeof(uint32_t), (uint32_t)(end - buffer));
	assert(end - buffer <= DESCRIPTORS_SIZE);
	return (size_t)(end - buffer);
}

int descriptors_write(int ep0, const struct function_layout *layout, int events)
{
	/*
	 * Version 1.00 of Microsoft's OS descriptors. Kernels before 6.4 take only the number 1
	 * for it (__ffs_do_os_desc_header() in f_fs.c), and later ones warn of that.
	 */
	static const uint16_t os_versions[] = { 0x0100, 0x0001 };
	uint8_t buffer[DESCRIPTORS_SIZE];
	int error = 0;

	for (size_t i = 0; i < sizeof(os_versions) / sizeof(os_versions[0]); i++) {
		if (write(ep0, buffer, assemble(buffer, layout, events, os_versions[i])) >= 0)
			return 0;
		error = errno;
		if (error != EINVAL)
			break;
	}
	return -error;
}

int descriptors_write_strings(int ep0)
{
	uint16_t language = htole16(ENGLISH);
	uint8_t buffer[DESCRIPTORS_SIZE];
	uint8_t *end = buffer;

	end = append_le32(end, FUNCTIONFS_STRINGS_MAGIC);
	end = append_le32(end, 0); /* the length, see below */
	end = append_le32(end, 1); /* strings in each language */
	end = append_le32(end, 1); /* languages */
	end = append(end, &language, sizeof(language));
	end = append(end, IIOBRIDGE_INTERFACE_NAME, sizeof(IIOBRIDGE_INTERFACE_NAME));
	append_le32(buffer + sizeof(uint32_t), (uint32_t)(end - buffer));
	return write(ep0, buffer, (size_t)(end - buffer)) < 0 ? -errno : 0;
}
