// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <usbg/usbg.h>

#include "iiobridge/gadget.h"
#include "iiobridge/log.h"
#include "iiobridge/text.h"

#define CONFIGFS      "/sys/kernel/config"
#define CONFIGURATION 1	  /* bConfigurationValue */
#define MAX_POWER     250 /* units of 2 mA: 500 mA, what USB 2.0 allows */

/* For sd_id128_get_machine_app_specific(): the serial number must not give the machine's id away */
#define APPLICATION_ID SD_ID128_MAKE(5e, 0b, 7d, 36, 61, 4a, 4b, c8, 9d, 57, 0f, 7e, 2c, 91, 83, e4)

struct composition {
	const struct gadget_config *config;
	usbg_state *state;
	usbg_gadget *gadget;
	bool bound;
};

__attribute__((format(printf, 2, 3))) static int usbg_failed(int error, const char *format, ...)
{
	static const struct {
		int usbg, error;
	} errors[] = {
		{ USBG_ERROR_NO_MEM, ENOMEM }, { USBG_ERROR_NO_ACCESS, EACCES },
		{ USBG_ERROR_EXIST, EEXIST },  { USBG_ERROR_NO_DEV, ENODEV },
		{ USBG_ERROR_BUSY, EBUSY },    { USBG_ERROR_NOT_FOUND, ENOENT },
	};
	char what[128];
	va_list arguments;
	int ret = -EIO;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	log_error("%s: %s", what, usbg_strerror(error));
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].usbg == error)
			ret = -errors[i].error;
	return ret;
}

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

static int create(struct composition *composition)
{
	const struct gadget_config *config = composition->config;
	char manufacturer[CONFIG_TEXT_SIZE], product[CONFIG_TEXT_SIZE], serial[CONFIG_TEXT_SIZE];
	char label[] = "c", configuration[] = "iiobridge";
	struct usbg_gadget_attrs attributes = {
		.bcdUSB = 0x0200, /* the kernel raises it for super speed */
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
	usbg_function *function;
	usbg_config *usb_config;
	int ret = make_serial(config, serial);

	if (ret < 0)
		return ret;
	/* libusbgx takes strings that it could write to. */
	text_copy(manufacturer, sizeof(manufacturer), config->manufacturer);
	text_copy(product, sizeof(product), config->product);
	ret = usbg_create_gadget(composition->state, GADGET_NAME, &attributes, &strings,
				 &composition->gadget);
	if (ret)
		return usbg_failed(ret, "cannot create gadget \"" GADGET_NAME "\" in " CONFIGFS);
	ret = usbg_create_config(composition->gadget, CONFIGURATION, label, &power, &config_strings,
				 &usb_config);
	if (!ret)
		ret = usbg_create_function(composition->gadget, USBG_F_FFS, GADGET_NAME, NULL,
					   &function);
	if (!ret)
		ret = usbg_add_config_function(usb_config, GADGET_NAME, function);
	return ret ? usbg_failed(ret, "cannot set up gadget \"" GADGET_NAME "\" in " CONFIGFS) : 0;
}

int composition_new(struct composition **composition, const struct gadget_config *config)
{
	struct composition *new = calloc(1, sizeof(*new));
	usbg_gadget *old;
	int ret;

	if (!new)
		return log_errno(ENOMEM, "cannot set up the gadget: %m");
	new->config = config;
	ret = usbg_init(CONFIGFS, &new->state);
	if (ret) {
		ret = usbg_failed(ret, "cannot use " CONFIGFS "/usb_gadget; is configfs mounted "
				       "and the module libcomposite loaded?");
		goto err_free;
	}
	old = usbg_get_gadget(new->state, GADGET_NAME);
	if (old) {
		log_info("removing gadget \"" GADGET_NAME "\", which was left behind");
		ret = remove_gadget(old);
		if (ret < 0)
			goto err_free;
	}
	ret = create(new);
	if (ret < 0)
		goto err_free;
	*composition = new;
	return 0;

err_free:
	composition_free(new);
	return ret;
}

/* The UDC that the configuration asks for. libusbgx reads the list only once, when it is opened. */
static usbg_udc *find_udc(const struct composition *composition)
{
	const char *name = composition->config->udc;

	if (strcmp(name, "auto") == 0)
		return usbg_get_first_udc(composition->state);
	return usbg_get_udc(composition->state, name);
}

int composition_bind(struct composition *composition)
{
	usbg_udc *udc = find_udc(composition);
	usbg_gadget *other;
	int ret;

	if (!udc) {
		if (strcmp(composition->config->udc, "auto") == 0)
			return log_errno(ENODEV, "there is no USB device controller in "
						 "/sys/class/udc");
		return log_errno(ENODEV,
				 "there is no USB device controller \"%s\" in "
				 "/sys/class/udc",
				 composition->config->udc);
	}
	other = usbg_get_udc_gadget(udc);
	if (other)
		return log_errno(EBUSY, "USB device controller \"%s\" is in use by gadget \"%s\"",
				 usbg_get_udc_name(udc), usbg_get_gadget_name(other));
	ret = usbg_enable_gadget(composition->gadget, udc);
	if (ret)
		return usbg_failed(ret, "cannot bind the gadget to USB device controller \"%s\"",
				   usbg_get_udc_name(udc));
	composition->bound = true;
	log_info("gadget bound to USB device controller \"%s\"", usbg_get_udc_name(udc));
	return 0;
}

void composition_unbind(struct composition *composition)
{
	if (!composition->bound)
		return;
	composition->bound = false;
	/* Somebody else may have unbound it already. */
	if (usbg_disable_gadget(composition->gadget))
		log_debug("the gadget was unbound already");
}

void composition_free(struct composition *composition)
{
	if (!composition)
		return;
	if (composition->gadget)
		remove_gadget(composition->gadget);
	if (composition->state)
		usbg_cleanup(composition->state);
	free(composition);
}

void composition_udc_name(char *name, size_t size)
{
	FILE *file = fopen(CONFIGFS "/usb_gadget/" GADGET_NAME "/UDC", "re");

	name[0] = '\0';
	if (!file)
		return;
	if (!fgets(name, (int)size, file))
		name[0] = '\0';
	fclose(file);
	name[strcspn(name, "\n")] = '\0';
}
