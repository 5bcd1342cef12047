// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <unistd.h>
#include <usbg/usbg.h>

#include "companions.h"
#include "core/log.h"
#include "core/text.h"
#include "gadget.h"
#include "paths.h"
#include "usbg_failed.h"

#define CONFIGURATION 1	  /* bConfigurationValue */
#define MAX_POWER     250 /* units of 2 mA: 500 mA, what USB 2.0 allows */

/*
 * Request by which Windows asks for Microsoft OS descriptors. composite_setup() in
 * drivers/usb/gadget/composite.c takes it before any function does, so it must be in the protocol
 * of none.
 */
#define MS_VENDOR_CODE 0x4d

/* For sd_id128_get_machine_app_specific(): the serial number must not give the machine's id away */
#define APPLICATION_ID SD_ID128_MAKE(5e, 0b, 7d, 36, 61, 4a, 4b, c8, 9d, 57, 0f, 7e, 2c, 91, 83, e4)

static int make_serial(const struct gadget_config *config, char *serial)
{
	char text[SD_ID128_STRING_MAX];
	sd_id128_t id;
	int ret;

	if (strcmp(config->serial, "auto") != 0) {
		text_copy(serial, CONFIG_TEXT_SIZE, config->serial);
		return 0;
	}
	ret = sd_id128_get_machine_app_specific(APPLICATION_ID, &id);
	if (ret < 0)
		return log_errno(ret, "cannot make a serial number from /etc/machine-id: %m; set "
				      "gadget.serial in the configuration");
	snprintf(serial, CONFIG_TEXT_SIZE, "%.16s", sd_id128_to_string(id, text));
	return 0;
}

static int remove_gadget(usbg_gadget *gadget)
{
	int ret;

	if (usbg_get_gadget_udc(gadget))
		usbg_disable_gadget(gadget);
	ret = usbg_rm_gadget(gadget, USBG_RM_RECURSE);
	return ret ? usbg_failed(ret, "cannot remove gadget \"" GADGET_NAME "\" from " CONFIGFS)
		   : 0;
}

static int create(usbg_state *state, const struct gadget_config *config)
{
	char manufacturer[CONFIG_TEXT_SIZE], product[CONFIG_TEXT_SIZE], serial[CONFIG_TEXT_SIZE];
	char label[] = "c", configuration[] = "iiobridge", signature[] = "MSFT100";
	struct usbg_gadget_attrs attributes = {
		.bcdUSB = 0x0200, /* the kernel raises it for super speed */
		/* Functions of several interfaces are grouped (USB 3.2 chapter 9.6.4). */
		.bDeviceClass = config->functions.count ? USB_CLASS_MISC : 0,
		.bDeviceSubClass = config->functions.count ? 2 : 0,
		.bDeviceProtocol = config->functions.count ? 1 : 0,
		.bMaxPacketSize0 = 64,
		.idVendor = config->vendor_id,
		.idProduct = config->product_id,
		.bcdDevice = 0x0100,
	};
	struct usbg_gadget_strs strings = {
		.manufacturer = manufacturer,
		.product = product,
		.serial = serial,
	};
	struct usbg_config_attrs power = { .bmAttributes = 0x80, .bMaxPower = MAX_POWER };
	struct usbg_config_strs config_strings = { .configuration = configuration };
	struct usbg_gadget_os_descs os_descriptors = {
		.use = true,
		.b_vendor_code = MS_VENDOR_CODE,
		.qw_sign = signature,
	};
	usbg_function *function;
	usbg_config *usb_config;
	usbg_gadget *gadget;
	int ret = make_serial(config, serial);

	if (ret < 0)
		return ret;
	/* libusbgx takes strings that it could write to. */
	text_copy(manufacturer, sizeof(manufacturer), config->manufacturer);
	text_copy(product, sizeof(product), config->product);
	ret = usbg_create_gadget(state, GADGET_NAME, &attributes, &strings, &gadget);
	if (ret)
		return usbg_failed(ret, "cannot create gadget \"" GADGET_NAME "\" in " CONFIGFS);
	ret = usbg_create_config(gadget, CONFIGURATION, label, &power, &config_strings,
				 &usb_config);
	if (!ret)
		ret = usbg_create_function(gadget, USBG_F_FFS, GADGET_NAME, NULL, &function);
	if (!ret)
		ret = usbg_add_config_function(usb_config, GADGET_NAME, function);
	if (!ret)
		ret = usbg_set_gadget_os_descs(gadget, &os_descriptors);
	if (!ret)
		ret = usbg_set_os_desc_config(gadget, usb_config);
	if (ret)
		return usbg_failed(ret, "cannot set up gadget \"" GADGET_NAME "\" in " CONFIGFS);
	return companions_create(gadget, usb_config, &config->functions);
}

/* Let @uid bind and unbind the gadget, and nothing else. */
static int hand_over(uid_t uid, gid_t gid)
{
	if (chown(GADGET_UDC_FILE, uid, gid) < 0)
		return log_errno(errno, "cannot give " GADGET_UDC_FILE " to user %u: %m", uid);
	return 0;
}

static int open_configfs(usbg_state **state)
{
	int ret = usbg_init(CONFIGFS, state);

	if (ret)
		return usbg_failed(ret, "cannot use " CONFIGFS "/usb_gadget; is configfs mounted "
					"and the module libcomposite loaded?");
	return 0;
}

int composition_make(const struct gadget_config *config, uid_t uid, gid_t gid)
{
	usbg_state *state;
	int ret = open_configfs(&state);

	if (ret < 0)
		return ret;
	ret = create(state, config);
	if (!ret)
		ret = hand_over(uid, gid);
	usbg_cleanup(state);
	return ret;
}

int composition_remove(void)
{
	usbg_gadget *gadget;
	usbg_state *state;
	int ret;

	if (access(GADGET_DIRECTORY, F_OK) < 0)
		return 0;
	ret = open_configfs(&state);
	if (ret < 0)
		return ret;
	gadget = usbg_get_gadget(state, GADGET_NAME);
	if (gadget)
		ret = remove_gadget(gadget);
	usbg_cleanup(state);
	return ret < 0 ? ret : 1;
}
