/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_usb_fake_controls.h - what the board in memory is tuned with: a radio, and its drivers
 *
 * Part of test_usb_fake.h, which includes it behind what it needs.
 */
#ifndef TEST_USB_FAKE_CONTROLS_H
#define TEST_USB_FAKE_CONTROLS_H

#include "test_usb_fake.h"

#define FAKE_PARTS INT64_C(1000000) /* of a control's unit */

/* Those of fake_make_radio(), in their order. */
enum fake_radio {
	FAKE_FREQUENCY,
	FAKE_RATE,
	FAKE_BANDWIDTH,
	FAKE_GAIN_MODE,
	FAKE_GAIN_0,
	FAKE_GAIN_1,
	FAKE_ANTENNA,
	FAKE_RSSI,
	FAKE_TEMPERATURE,
	FAKE_LABEL,
	FAKE_RADIO_CONTROLS,
};

static inline struct fake_control *fake_add_control(const struct iiobridge_control_info *info,
						    const char *const *choices)
{
	struct fake_control *control = &fake.controls[fake.info.control_count++];

	*control = (struct fake_control){ .info = *info };
	for (; choices && *choices; choices++) {
		char *at = control->info.choices + control->info.choices_size;

		strcpy(at, *choices);
		control->info.choices_size += (uint16_t)(strlen(*choices) + 1);
		control->info.choice_count++;
	}
	return control;
}

/* A transceiver behind a route. */
static inline void fake_make_radio(uint8_t route)
{
	static const char *const modes[] = { "manual", "slow_attack", "fast_attack", NULL };
	static const char *const antennas[] = { "A_BALANCED", "B_BALANCED", NULL };
	const uint8_t all = IIOBRIDGE_CONTROL_OF_ALL, read = IIOBRIDGE_CONTROL_READ;
	const uint8_t write = IIOBRIDGE_CONTROL_READ | IIOBRIDGE_CONTROL_WRITE;
	/* clang-format off */
	const struct iiobridge_control_info infos[FAKE_RADIO_CONTROLS] = {
		[FAKE_FREQUENCY] = {
			.role = IIOBRIDGE_ROLE_FREQUENCY, .access = write, .route = route,
			.channel = all, .has_range = 1, .value.number = 2400000000 * FAKE_PARTS,
			.minimum = 70000000 * FAKE_PARTS, .step = FAKE_PARTS,
			.maximum = 6000000000 * FAKE_PARTS, .unit = "Hz", .name = "frequency" },
		[FAKE_RATE] = {
			.role = IIOBRIDGE_ROLE_SAMPLE_RATE, .access = write, .route = route,
			.channel = all, .has_range = 1, .value.number = 30720000 * FAKE_PARTS,
			.minimum = 2083333 * FAKE_PARTS, .step = FAKE_PARTS,
			.maximum = 61440000 * FAKE_PARTS, .unit = "Hz", .name = "rate" },
		[FAKE_BANDWIDTH] = {
			.role = IIOBRIDGE_ROLE_BANDWIDTH, .access = write, .route = route,
			.channel = all, .value.number = 18000000 * FAKE_PARTS, .unit = "Hz",
			.name = "bandwidth" },
		[FAKE_GAIN_MODE] = {
			.kind = IIOBRIDGE_CONTROL_CHOICE, .role = IIOBRIDGE_ROLE_GAIN_MODE,
			.access = write, .route = route, .channel = all,
			.value.text = "slow_attack", .name = "gain-mode" },
		[FAKE_GAIN_0] = {
			.role = IIOBRIDGE_ROLE_GAIN, .access = write, .route = route, .channel = 0,
			.has_range = 1, .value.number = 71 * FAKE_PARTS,
			.minimum = -3 * FAKE_PARTS, .step = FAKE_PARTS, .maximum = 71 * FAKE_PARTS,
			.unit = "dB", .name = "gain0" },
		[FAKE_GAIN_1] = {
			.role = IIOBRIDGE_ROLE_GAIN, .access = write, .route = route, .channel = 1,
			.has_range = 1, .value.number = 71 * FAKE_PARTS,
			.minimum = -3 * FAKE_PARTS, .step = FAKE_PARTS, .maximum = 71 * FAKE_PARTS,
			.unit = "dB", .name = "gain1" },
		[FAKE_ANTENNA] = {
			.kind = IIOBRIDGE_CONTROL_CHOICE, .role = IIOBRIDGE_ROLE_ANTENNA,
			.access = write, .route = route, .channel = all,
			.value.text = "A_BALANCED", .name = "antenna" },
		[FAKE_RSSI] = {
			.role = IIOBRIDGE_ROLE_RSSI, .access = read, .route = route, .channel = 0,
			.value.number = -92750000, .unit = "dB", .name = "rssi" },
		[FAKE_TEMPERATURE] = {
			.role = IIOBRIDGE_ROLE_TEMPERATURE, .access = read, .route = all,
			.channel = all, .value.number = 36500000, .unit = "°C",
			.name = "temperature" },
		[FAKE_LABEL] = {
			.kind = IIOBRIDGE_CONTROL_TEXT, .access = write, .route = all,
			.channel = all, .value.text = "roof", .name = "label" },
	};
	/* clang-format on */

	for (unsigned int i = 0; i < FAKE_RADIO_CONTROLS; i++)
		fake_add_control(&infos[i], i == FAKE_GAIN_MODE ? modes
					    : i == FAKE_ANTENNA ? antennas
								: NULL);
}

/* ---- drivers ---- */

static bool fake_has_choice(const struct iiobridge_control_info *info, const char *text)
{
	const char *choice = info->choices;

	for (unsigned int i = 0; i < info->choice_count; i++, choice += strlen(choice) + 1) {
		if (strcmp(choice, text) == 0)
			return true;
	}
	return info->choice_count == 0;
}

static void fake_fail_control(struct iiobridge_control_info *info, const char *message)
{
	info->state = IIOBRIDGE_CONTROL_FAILED;
	snprintf(info->message, sizeof(info->message), "%s", message);
}

static void fake_set_number(struct iiobridge_control_info *info, int64_t number)
{
	if (info->has_range && (number < info->minimum || number > info->maximum)) {
		fake_fail_control(info, "accepted is what is in its range");
		return;
	}
	if (info->step)
		number = info->minimum +
			 (number - info->minimum + info->step / 2) / info->step * info->step;
	info->value.number = number;
	if (info->role == IIOBRIDGE_ROLE_SAMPLE_RATE)
		fake.routes[info->route].info.sample_rate_millihertz = (uint64_t)number / 1000;
}

/* The driver has come back. */
static void fake_settle_control(struct fake_control *control)
{
	struct iiobridge_control_info *info = &control->info;

	info->state = IIOBRIDGE_CONTROL_KNOWN;
	info->message[0] = '\0';
	if (control->fails)
		fake_fail_control(info, control->fails);
	else if (control->is_set && info->kind == IIOBRIDGE_CONTROL_NUMBER)
		fake_set_number(info, control->wanted.number);
	else if (control->is_set && fake_has_choice(info, control->wanted.text))
		info->value = control->wanted;
	else if (control->is_set)
		fake_fail_control(info, "accepted is one of its choices");
	if (control->is_set && info->route < FAKE_ROUTES)
		fake.routes[info->route].tuned = true;
	control->is_set = false;
}

static void fake_begin_control(struct fake_control *control)
{
	control->info.state = IIOBRIDGE_CONTROL_PENDING;
	control->left = control->slow;
}

/* Each question takes a bit of the driver's time. */
static int fake_answer_control(struct fake_control *control, uint8_t *data, uint16_t length)
{
	if (control->info.state == IIOBRIDGE_CONTROL_PENDING && control->left-- == 0)
		fake_settle_control(control);
	return fake_answer(&control->info, sizeof(control->info), data, length);
}

static int fake_refuse(const char *message)
{
	snprintf(fake.error.message, sizeof(fake.error.message), "%s", message);
	fake.error.code = IIOBRIDGE_NOT_ALLOWED;
	return LIBUSB_ERROR_PIPE;
}

static int fake_set_control(struct fake_control *control, const uint8_t *data, uint16_t length)
{
	if (!(control->info.access & IIOBRIDGE_CONTROL_WRITE))
		return fake_refuse("a host may not set it");
	memcpy(&control->wanted, data, sizeof(control->wanted));
	control->is_set = true;
	control->sets++;
	fake_begin_control(control);
	return length;
}

static int fake_read_control(uint16_t value)
{
	for (unsigned int i = 0; i < fake.info.control_count && i < FAKE_CONTROLS; i++) {
		if (value == i || value == IIOBRIDGE_ALL_CONTROLS)
			fake_begin_control(&fake.controls[i]);
	}
	return 0;
}

static int fake_answer_changes(uint8_t *data, uint16_t length)
{
	uint8_t changes[FAKE_CONTROLS];

	for (unsigned int i = 0; i < FAKE_CONTROLS; i++)
		changes[i] = fake.controls[i].info.changes;
	return fake_answer(changes, FAKE_CONTROLS, data, length);
}

static int fake_request_control(uint8_t request, uint16_t value, uint8_t *data, uint16_t length)
{
	struct fake_control *control = &fake.controls[value % FAKE_CONTROLS];

	switch (request) {
	case IIOBRIDGE_READ_CONTROL:
		return fake_read_control(value);
	case IIOBRIDGE_SET_CONTROL:
		return fake_set_control(control, data, length);
	case IIOBRIDGE_GET_CONTROL:
		return fake_answer_control(control, data, length);
	default:
		return fake_answer_changes(data, length);
	}
}

#endif
