/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_usb_fake.h - boards and a bus in memory, for programs with several threads
 *
 * Defines the functions of libusb that the library calls, so that a test decides what the bus and
 * the board do. To be included by one file of a test program. All state is in "fake", under one
 * lock, which is held neither while a callback runs nor while a hook does; so a test that looks at
 * it, or changes it, while a stream is open does so between fake_lock() and fake_unlock(), or with
 * fake_wait_for(). Nothing here takes time: what can be done is done, and who has nothing to do
 * waits until that changes.
 */
#ifndef TEST_USB_FAKE_H
#define TEST_USB_FAKE_H

#include <iiobridge/protocol.h>

#include <libusb.h>

#include <endian.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FAKE_DEVICES	      4
#define FAKE_ROUTES	      3
#define FAKE_CONTROLS	      IIOBRIDGE_MAX_CONTROLS
#define FAKE_ENDPOINT_IN      0x81 /* of route 0; the others follow */
#define FAKE_ENDPOINT_OUT     0x01
#define FAKE_ENDPOINT_RECORDS 0x8f
#define FAKE_PACKET_SIZE      1024
#define FAKE_QUEUE	      1024
#define FAKE_RECEIVED	      ((size_t)32 << 20)
#define FAKE_PATIENCE_NS      (UINT64_C(120) * 1000000000) /* what takes longer never comes */

/* A device as a test has it; libusb's objects for it come and go. */
struct fake_device {
	bool is_there;
	uint8_t address;
	int open_error;
	const char *interface_name;
	const char *serial;
	bool wrong_class;
	bool endpoint_0; /* its descriptors name endpoint 0 for samples */
};

struct fake_message {
	struct fake_message *next;
	int size;
	uint8_t data[];
};

struct fake_route {
	struct iiobridge_route_info info;
	struct iiobridge_route_info configured; /* what parameters of 0 stand for */
	struct iiobridge_statistics statistics;
	bool running;

	/* What the endpoint does. Numbers count transfers that were moved, -1 for never. */
	long allowance;		/* so many are moved; negative: any number */
	unsigned int stale;	/* so many come without a start */
	unsigned int moved;	/* since the last start */
	unsigned int queued;	/* are in flight */
	unsigned int most;	/* that were in flight at once */
	unsigned int submitted; /* ever */
	int short_at, short_size;
	int fail_at;
	enum libusb_transfer_status fail_status;
	int stop_at;	       /* the route has a fault: nothing more comes */
	int partial_at_cancel; /* bytes in the oldest transfer when it is taken back */

	/* The converter. Each sample begins with its place on the clock. */
	uint64_t next_scan;   /* of the next sample */
	uint64_t block_scan;  /* of the block's first one */
	uint64_t block_bytes; /* of the block so far */
	uint64_t sequence;
	bool gap;   /* before this block */
	bool tuned; /* this block */
	bool rate_changed;
	int gap_block;
	uint64_t gap_scans;
	uint64_t gap_lie, lied;	  /* so many more than were lost are told; and were */
	uint64_t rate_error_ns;	  /* that each block takes longer than the rate says */
	const int64_t *jitter_ns; /* of the time at which each block is full, 16 of them in turn */

	/* Its records. */
	bool silent; /* no block has one */
	bool no_end;
	bool old_run;				  /* those of the run before come first */
	unsigned int dropped_from, dropped_count; /* these blocks have none */

	/* What the DAC does. */
	bool never_ends;      /* it takes all, and the route does not stop */
	uint64_t drain_short; /* bytes that it does not play */
	uint64_t sent, received, finish, sent_at_finish;
	uint32_t finish_flags;
	unsigned int queued_at_stop;
	uint8_t *data; /* what it got since the start */
};

/* What a person tunes. */
struct fake_control {
	struct iiobridge_control_info info;
	struct iiobridge_control_value wanted;
	bool is_set;	   /* to @wanted, once the driver has come back */
	unsigned int slow; /* so many questions find it pending, whenever it is read or set */
	unsigned int left;
	const char *fails; /* why each of these fails, or NULL */
	unsigned int sets;
};

struct fake_queued {
	struct libusb_transfer *transfer;
	bool cancelled;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;

	struct fake_device devices[FAKE_DEVICES];
	bool no_hotplug;
	int claim_error;
	int event_error; /* of the event loop */

	/* Hooks, without the lock. With true the result is the function's. */
	bool (*on_request)(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
			   int *result);
	/* a transfer of samples has got its status and its bytes, and is about to be given back */
	void (*on_complete)(const struct libusb_transfer *transfer);
	bool is_oldest; /* that one is the oldest that its route had in flight */
	/* With the lock: an event loop looks whether there is something to do. True: this did it.
	 */
	bool (*on_turn)(libusb_context *context);

	struct libusb_config_descriptor *config; /* of all devices, NULL: a right one */

	/* What the board answers. */
	struct iiobridge_device_info info;
	struct iiobridge_channel_info channel; /* each of them */
	struct iiobridge_error error;
	unsigned int refused_request;
	unsigned int short_request;
	bool ignores_parameters;
	uint32_t parameter_flags; /* that it got last */
	int64_t clock_ahead_ns;	  /* of this machine's */
	int io_errors;		  /* so many requests fail on the bus before the next line holds */
	int control_error;	  /* of every request, 0 for none */
	bool gone;		  /* the cable is pulled */
	struct fake_route routes[FAKE_ROUTES];
	struct fake_control controls[FAKE_CONTROLS];

	/* What the bus does. */
	bool hold;	   /* no samples are moved */
	bool hold_records; /* no records are sent */
	int submit_limit;  /* memory for so many transfers of samples in flight */
	size_t memory;	   /* bytes that the kernel grants, 0: any */
	bool no_device_memory;
	struct fake_message *messages, **last_message;
	struct fake_queued queue[FAKE_QUEUE];
	unsigned int queued;
	unsigned int turn;    /* whose turn it is to be moved first */
	unsigned int calling; /* callbacks that run */

	/* What happened. */
	char log[512];
	unsigned int requests[16];
	unsigned int claims, handles, references, contexts, transfers, memories;
	size_t memory_used;
} fake = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct libusb_context {
	bool handled; /* a thread handles events */
	bool interrupted;
	uint64_t turns;
	libusb_hotplug_callback_fn on_change;
	void *on_change_data;
	unsigned int changes, changes_told;
	struct libusb_context *next;
};

struct libusb_device {
	libusb_context *context;
	struct fake_device *device;
	unsigned int references;
};

struct libusb_device_handle {
	libusb_device *usb;
};

static libusb_context *fake_contexts;

/* ---- the lock, and waiting ---- */

int __real_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

static _Atomic int64_t fake_ahead_s; /* the library's clocks are ahead of the machine's */

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	const int r = __real_clock_gettime(clock, time);

	time->tv_sec += (time_t)atomic_load(&fake_ahead_s);
	return r;
}

FILE *__real_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode);

/* The kernel does not tell how much memory it grants: then it is the default, 16 MiB. */
FILE *__wrap_fopen64(const char *path, const char *mode)
{
	return strstr(path, "usbfs_memory_mb") ? NULL : __real_fopen64(path, mode);
}

static inline uint64_t fake_now_ns(void)
{
	struct timespec now;

	__real_clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline void fake_lock(void)
{
	pthread_mutex_lock(&fake.lock);
}

/* Whoever waits looks again. */
static inline void fake_unlock(void)
{
	pthread_cond_broadcast(&fake.changed);
	pthread_mutex_unlock(&fake.lock);
}

/* Returns false when the time is over. */
static inline bool fake_sleep_locked(uint64_t end_ns)
{
	const struct timespec end = { (time_t)(end_ns / 1000000000), (long)(end_ns % 1000000000) };

	return pthread_cond_timedwait(&fake.changed, &fake.lock, &end) == 0;
}

#define fake_wait_for(condition)                                                       \
	do {                                                                           \
		const uint64_t patience_ns = fake_now_ns() + FAKE_PATIENCE_NS;         \
                                                                                       \
		fake_lock();                                                           \
		while (!(condition)) {                                                 \
			if (fake_sleep_locked(patience_ns))                            \
				continue;                                              \
			fprintf(stderr, "%s:%d: never came: %s\n", __FILE__, __LINE__, \
				#condition);                                           \
			abort();                                                       \
		}                                                                      \
		fake_unlock();                                                         \
	} while (0)

/* Sets something of "fake" while a stream is open. */
#define fake_set(statement)    \
	do {                   \
		fake_lock();   \
		statement;     \
		fake_unlock(); \
	} while (0)

/* A word that repeats itself is logged once. */
static inline void fake_log(const char *word)
{
	const size_t used = strlen(fake.log), length = strlen(word);

	if (used > length && strncmp(fake.log + used - length - 1, word, length) == 0)
		return;
	snprintf(fake.log + used, sizeof(fake.log) - used, "%s ", word);
}

#include "test_usb_fake_devices.h"

static int fake_answer(const void *answer, size_t size, void *data, size_t length)
{
	memcpy(data, answer, size < length ? size : length);
	return (int)(size < length ? size : length);
}

#include "test_usb_fake_controls.h"

#include "test_usb_fake_board.h"

#include "test_usb_fake_transfers.h"

#endif
