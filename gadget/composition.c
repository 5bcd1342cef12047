// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <netinet/ether.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <unistd.h>
#include <usbg/function/ms.h>
#include <usbg/function/net.h>
#include <usbg/usbg.h>

#include "core/log.h"
#include "core/text.h"
#include "gadget.h"
#include "paths.h"

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

/* For sd_id128_get_machine_app_specific(), as for the serial number */
#define NETWORK_ID SD_ID128_MAKE(1d, 62, 9a, 05, c4, 7e, 41, 0b, a9, 33, 86, d5, 2f, e8, 70, 4c)

/* Log that a call of libusbgx failed. Return: the negative errno that comes nearest. */
static int __attribute__((format(printf, 2, 3))) usbg_failed(int error, const char *format, ...)
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

static const struct kind {
	usbg_function_type type;
	const char *name, *module;
} kinds[] = {
	[FUNCTION_ACM] = { USBG_F_ACM, "acm", "usb_f_acm" },
	[FUNCTION_ECM] = { USBG_F_ECM, "ecm", "usb_f_ecm" },
	[FUNCTION_FFS] = { USBG_F_FFS, "ffs", "usb_f_fs" },
	[FUNCTION_MASS_STORAGE] = { USBG_F_MASS_STORAGE, "mass_storage", "usb_f_mass_storage" },
	[FUNCTION_NCM] = { USBG_F_NCM, "ncm", "usb_f_ncm" },
};

/*
 * The kernel's own addresses are random: hosts would see another network device at every start.
 * @number tells the addresses of one machine apart.
 */
static int make_address(const char *text, unsigned int number, struct ether_addr *address)
{
	sd_id128_t id;
	int ret;

	if (text[0])
		return ether_aton_r(text, address) ? 0 : -EINVAL;
	ret = sd_id128_get_machine_app_specific(NETWORK_ID, &id);
	if (ret < 0)
		return log_errno(ret, "cannot make a network address from /etc/machine-id: %m; set "
				      "dev_addr and host_addr in the configuration");
	memcpy(address->ether_addr_octet, id.bytes, ETH_ALEN);
	address->ether_addr_octet[0] = 0x02; /* administered locally, of one device */
	address->ether_addr_octet[ETH_ALEN - 1] ^= (uint8_t)number;
	return 0;
}

static int set_up_network(usbg_function *function, const struct function_config *config,
			  unsigned int place)
{
	usbg_f_net *network = usbg_to_net_function(function);
	struct ether_addr device, host;
	int ret = make_address(config->dev_addr, 2 * place, &device);

	if (!ret)
		ret = make_address(config->host_addr, 2 * place + 1, &host);
	if (ret < 0)
		return ret;
	ret = usbg_f_net_set_dev_addr(network, &device);
	if (!ret)
		ret = usbg_f_net_set_host_addr(network, &host);
	return ret ? usbg_failed(ret, "cannot set the addresses of gadget.functions[%u]", place)
		   : 0;
}

/* By this Windows binds its own driver of such networks. */
static int name_network_driver(usbg_function *function)
{
	char compatible_id[] = "WINNCM", none[] = "";
	struct usbg_function_os_desc descriptor = { .compatible_id = compatible_id,
						    .sub_compatible_id = none };
	int ret = usbg_set_interf_os_desc(function, "ncm", &descriptor);

	return ret ? usbg_failed(ret, "cannot set the driver of a network under Windows") : 0;
}

static int set_up_storage(usbg_function *function, const struct function_config *config)
{
	usbg_f_ms *storage = usbg_to_ms_function(function);
	/* The kernel would take a file that cannot be written to, and let the host find out. */
	int fd = open(config->file, (config->ro ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return log_errno(errno, "cannot open \"%s\" for function \"mass-storage\"%s: %m",
				 config->file, config->ro ? "" : " to read and write it");
	close(fd);
	ret = usbg_f_ms_set_lun_ro(storage, 0, config->ro);
	if (!ret)
		ret = usbg_f_ms_set_lun_file(storage, 0, config->file);
	return ret ? usbg_failed(ret, "the kernel refuses \"%s\" for function \"mass-storage\"",
				 config->file)
		   : 0;
}

static int set_attributes(usbg_function *function, const struct function_config *config,
			  unsigned int place)
{
	int ret;

	switch (config->type) {
	case FUNCTION_NCM:
		ret = name_network_driver(function);
		return ret < 0 ? ret : set_up_network(function, config, place);
	case FUNCTION_ECM:
		return set_up_network(function, config, place);
	case FUNCTION_MASS_STORAGE:
		return set_up_storage(function, config);
	default:
		return 0;
	}
}

static int create_companion(usbg_gadget *gadget, usbg_config *usb_config,
			    const struct function_config *config, unsigned int place)
{
	const struct kind *kind = &kinds[config->type];
	usbg_function *function;
	char instance[CONFIG_NAME_SIZE];
	int ret;

	if (config->type == FUNCTION_FFS)
		snprintf(instance, sizeof(instance), "%s", config->name);
	else
		snprintf(instance, sizeof(instance), "%u", place);
	ret = usbg_create_function(gadget, kind->type, instance, NULL, &function);
	if (ret)
		return usbg_failed(ret,
				   "cannot make function \"%s.%s\"; has the kernel the module %s?",
				   kind->name, instance, kind->module);
	ret = set_attributes(function, config, place);
	if (ret < 0)
		return ret;
	ret = usbg_add_config_function(usb_config, instance, function);
	return ret ? usbg_failed(ret, "cannot add function \"%s.%s\" to the gadget", kind->name,
				 instance)
		   : 0;
}

/* Add companion functions, in their order. Return: 0 or a negative errno, logged; what was added
 * stays. */
static int create_companions(usbg_gadget *gadget, usbg_config *config,
			     const struct functions_config *functions)
{
	for (unsigned int i = 0; i < functions->count; i++) {
		int ret = create_companion(gadget, config, &functions->functions[i], i);

		if (ret < 0)
			return ret;
	}
	return 0;
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

static int create_gadget(usbg_state *state, const struct gadget_config *config)
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
	return create_companions(gadget, usb_config, &config->functions);
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
	ret = create_gadget(state, config);
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
