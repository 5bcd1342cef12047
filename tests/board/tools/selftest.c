// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Self-test of the virtual board's converters, without the project's programs: what iiosim claims
 * about its samples, its time and its counters, through both interfaces of the IIO buffer.
 *
 * Needs modprobe iiosim and root. Prints a line per test; ends with 1 after the first that fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "core/uapi.h"

#define BLOCKS	   4
#define BLOCK_SIZE (256 << 10)
#define SCAN_SIZE  4 /* two channels of 16 bits */
#define SCANS	   (BLOCK_SIZE / SCAN_SIZE)
#define LIMIT_MS   20000
#define GAPS_MAX   512 /* that iiosim remembers */

struct converter {
	const char *name;
	const char *direction; /* of its channels: "in" or "out" */
	char path[64];	       /* in sysfs */
	int device;
	int buffer;
};

struct block {
	int fd;
	uint32_t *samples;
};

struct gap {
	uint64_t first;
	uint64_t lost;
};

struct gaps {
	struct gap gap[GAPS_MAX];
	unsigned int count;
};

static const char *test_name = "set-up";

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *format, ...)
{
	va_list arguments;

	printf("not ok: %s: ", test_name);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	exit(1);
}

#define check(condition, ...)              \
	do {                               \
		if (!(condition))          \
			fail(__VA_ARGS__); \
	} while (0)

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);

	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

static void file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	check(fd >= 0, "%s: %s", path, strerror(errno));
	check(write(fd, text, strlen(text)) >= 0, "%s: cannot write '%s': %s", path, text,
	      strerror(errno));
	close(fd);
}

static void attribute_write(const struct converter *converter, const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", converter->path, name);
	file_write(path, text);
}

static bool file_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return false;
	length = read(fd, text, size - 1);
	close(fd);
	if (length < 0)
		return false;
	text[length] = '\0';
	text[strcspn(text, "\n")] = '\0';

	return true;
}

static void gaps_read(const struct converter *converter, struct gaps *gaps)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/gap_list", converter->name);
	file = fopen(path, "re");
	check(file, "%s: %s", path, strerror(errno));
	gaps->count = 0;
	while (gaps->count < GAPS_MAX &&
	       fscanf(file, "%" SCNu64 " %" SCNu64, &gaps->gap[gaps->count].first,
		      &gaps->gap[gaps->count].lost) == 2)
		gaps->count++;
	check(feof(file), "%s has other lines than %u pairs of numbers", path, GAPS_MAX);
	fclose(file);
}

static uint64_t counter_read(const struct converter *converter, const char *name)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), "%s/%s", converter->path, name);
	check(file_read(path, text, sizeof(text)), "%s: %s", path, strerror(errno));

	return strtoull(text, NULL, 10);
}

static void converter_find(struct converter *converter)
{
	for (int i = 0; i < 16; i++) {
		char path[128], text[32];

		snprintf(converter->path, sizeof(converter->path),
			 "/sys/bus/iio/devices/iio:device%d", i);
		snprintf(path, sizeof(path), "%s/name", converter->path);
		if (file_read(path, text, sizeof(text)) && !strcmp(text, converter->name))
			return;
	}
	fail("there is no IIO device %s: modprobe iiosim", converter->name);
}

static void converter_open(struct converter *converter, const char *rate, bool paced)
{
	char name[32], path[32];

	converter_find(converter);
	attribute_write(converter, "sampling_frequency", rate);
	attribute_write(converter, "paced", paced ? "1" : "0");
	for (int i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), "scan_elements/%s_voltage%d_en", converter->direction,
			 i);
		attribute_write(converter, name, "1");
	}
	snprintf(path, sizeof(path), "/dev/%.16s", strrchr(converter->path, '/') + 1);
	converter->device = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	check(converter->device >= 0, "%s: %s", path, strerror(errno));
	converter->buffer = 0; /* the number of the buffer that is asked for */
	check(!ioctl(converter->device, IIO_BUFFER_GET_FD_IOCTL, &converter->buffer),
	      "%s: no buffer: %s", path, strerror(errno));
}

static void converter_close(struct converter *converter)
{
	close(converter->buffer);
	close(converter->device);
}

static void converter_enable(const struct converter *converter, bool enable)
{
	attribute_write(converter, "buffer0/enable", enable ? "1" : "0");
}

static void block_alloc(struct block *block)
{
	struct dma_heap_allocation_data request = { .len = BLOCK_SIZE,
						    .fd_flags = O_RDWR | O_CLOEXEC };
	int heap = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC);

	check(heap >= 0, "/dev/dma_heap/system: %s", strerror(errno));
	check(!ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &request), "no block of %d bytes: %s", BLOCK_SIZE,
	      strerror(errno));
	close(heap);
	block->fd = request.fd;
	block->samples = mmap(NULL, BLOCK_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, block->fd, 0);
	check(block->samples != MAP_FAILED, "cannot map a block: %s", strerror(errno));
}

static void block_free(struct block *block)
{
	munmap(block->samples, BLOCK_SIZE);
	close(block->fd);
}

static void block_attach(struct block *block, const struct converter *converter)
{
	check(!ioctl(converter->buffer, IIO_BUFFER_DMABUF_ATTACH_IOCTL, &block->fd),
	      "%s: cannot attach: %s", converter->name, strerror(errno));
}

static void block_enqueue(struct block *block, const struct converter *converter)
{
	struct iio_dmabuf request = { .fd = block->fd, .bytes_used = BLOCK_SIZE };
	uint64_t limit = now_ns() + LIMIT_MS * UINT64_C(1000000);

	/* EBUSY means that the worker that cleans up after the last transfer is not through. */
	while (ioctl(converter->buffer, IIO_BUFFER_DMABUF_ENQUEUE_IOCTL, &request))
		check(errno == EBUSY && now_ns() < limit, "%s: cannot enqueue: %s", converter->name,
		      strerror(errno));
}

static void block_wait(const struct block *block)
{
	struct pollfd poll_fd = { .fd = block->fd, .events = POLLOUT };

	check(poll(&poll_fd, 1, LIMIT_MS) == 1, "a block did not complete in %d ms", LIMIT_MS);
}

static void gap_note(struct gaps *gaps, uint32_t found, uint32_t expected)
{
	gaps->gap[gaps->count] = (struct gap){ .first = found, .lost = found - expected };
	gaps->count += gaps->count < GAPS_MAX - 1;
}

/* Checks that samples continue the counter; a jump forward is a gap, anything else an error. */
static uint64_t counter_follow(const uint32_t *samples, size_t scans, uint32_t *next,
			       struct gaps *gaps)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < scans; i++) {
		if (samples[i] != *next) {
			check(i == 0, "scan %zu of a block is %08x after %08x", i, samples[i],
			      *next - 1);
			check(samples[i] - *next < UINT32_C(1) << 31,
			      "a block begins with %08x, before %08x was reached", samples[i],
			      *next);
			gap_note(gaps, samples[i], *next);
			lost += samples[i] - *next;
		}
		*next = samples[i] + 1;
	}

	return lost;
}

static void blocks_cpu(const struct block *block, uint64_t phase)
{
	struct dma_buf_sync sync = { .flags = phase | DMA_BUF_SYNC_READ };

	check(!ioctl(block->fd, DMA_BUF_IOCTL_SYNC, &sync), "cannot sync: %s", strerror(errno));
}

static void test_file(void)
{
	struct converter adc = { .name = "iiosim-adc0", .direction = "in" };
	static uint32_t samples[BLOCK_SIZE / sizeof(uint32_t)];
	static struct gaps found;
	uint64_t lost = 0, lost_before, scans = 0;
	uint32_t next = 0;

	test_name = "ADC, file interface: the counter without an error, losses as counted";
	converter_open(&adc, "2000000", true);
	lost_before = counter_read(&adc, "samples_lost");
	attribute_write(&adc, "buffer0/length", "65536");
	converter_enable(&adc, true);
	while (scans < 4000000) {
		struct pollfd poll_fd = { .fd = adc.buffer, .events = POLLIN };
		ssize_t length = read(adc.buffer, samples, sizeof(samples));

		if (length < 0 && errno == EAGAIN) {
			check(poll(&poll_fd, 1, LIMIT_MS) == 1, "nothing to read");
			continue;
		}
		check(length > 0, "cannot read: %s", length ? strerror(errno) : "end of file");
		lost += counter_follow(samples, length / SCAN_SIZE, &next, &found);
		scans += length / SCAN_SIZE;
	}
	converter_enable(&adc, false);
	/* What was lost behind the last block that was read is counted, too. */
	check(counter_read(&adc, "samples_lost") - lost_before >= lost,
	      "%" PRIu64 " scans are missing, %" PRIu64 " were counted", lost,
	      counter_read(&adc, "samples_lost") - lost_before);
	converter_close(&adc);
}

static void gaps_compare(const struct converter *converter, const struct gaps *found)
{
	static struct gaps listed;

	gaps_read(converter, &listed);
	check(listed.count == found->count, "%u gaps are listed, the samples have %u", listed.count,
	      found->count);
	for (unsigned int i = 0; i < found->count; i++)
		check(listed.gap[i].first == found->gap[i].first &&
			      listed.gap[i].lost == found->gap[i].lost,
		      "gap %u is listed as %" PRIu64 " before %" PRIu64
		      ", the samples have %" PRIu64 " before %" PRIu64,
		      i, listed.gap[i].lost, listed.gap[i].first, found->gap[i].lost,
		      found->gap[i].first);
}

/* The losses have to be those of the counter; @starve: let the queue run dry now and then */
static void capture(const char *rate, unsigned int turns, bool starve)
{
	struct converter adc = { .name = "iiosim-adc0", .direction = "in" };
	struct block blocks[BLOCKS];
	uint64_t lost = 0, lost_before, gaps_before, produced_before, started, time;
	static struct gaps found;
	unsigned int starved = 0;
	uint32_t next = 0;

	found.count = 0;
	converter_open(&adc, rate, true);
	lost_before = counter_read(&adc, "samples_lost");
	gaps_before = counter_read(&adc, "gaps");
	produced_before = counter_read(&adc, "samples_produced");
	for (int i = 0; i < BLOCKS; i++)
		block_alloc(&blocks[i]);
	for (int i = 0; i < BLOCKS; i++)
		block_attach(&blocks[i], &adc);
	for (int i = 0; i < BLOCKS; i++)
		block_enqueue(&blocks[i], &adc);
	started = now_ns();
	converter_enable(&adc, true);
	for (unsigned int turn = 0; turn < turns; turn++) {
		struct block *block = &blocks[turn % BLOCKS];

		/* All of them are full, and then some time goes by. */
		if (starve && turn % 16 == 8) {
			block_wait(&blocks[(turn + BLOCKS - 1) % BLOCKS]);
			nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
			starved++;
		}
		block_wait(block);
		blocks_cpu(block, DMA_BUF_SYNC_START);
		lost += counter_follow(block->samples, SCANS, &next, &found);
		blocks_cpu(block, DMA_BUF_SYNC_END);
		if (turn + BLOCKS < turns)
			block_enqueue(block, &adc);
	}
	time = now_ns() - started;
	converter_enable(&adc, false);
	check(counter_read(&adc, "samples_lost") - lost_before == lost,
	      "%" PRIu64 " scans are missing, %" PRIu64 " were counted", lost,
	      counter_read(&adc, "samples_lost") - lost_before);
	check(counter_read(&adc, "gaps") - gaps_before == found.count,
	      "%u gaps were found, but %" PRIu64 " counted", found.count,
	      counter_read(&adc, "gaps") - gaps_before);
	check(found.count >= starved, "%u gaps were made, but %u found", starved, found.count);
	gaps_compare(&adc, &found);
	check(counter_read(&adc, "samples_produced") - produced_before == (uint64_t)turns * SCANS,
	      "%u blocks were filled, but %" PRIu64 " scans counted", turns,
	      counter_read(&adc, "samples_produced") - produced_before);
	check(starve || !lost, "%" PRIu64 " scans were lost", lost);
	/* The last scan cannot be there before its time. */
	check(time >= next * UINT64_C(1000000000) / strtoull(rate, NULL, 10),
	      "%" PRIu32 " scans at %s Hz took only %" PRIu64 " ns", next, rate, time);
	for (int i = 0; i < BLOCKS; i++)
		block_free(&blocks[i]);
	converter_close(&adc);
}

static void test_capture(void)
{
	test_name = "ADC, DMABUFs: the counter without a loss, not ahead of time";
	capture("1000000", 128, false);
}

static void test_starved(void)
{
	test_name = "ADC, DMABUFs, queue dry: the losses are those that were counted";
	capture("1000000", 128, true);
}

/* One block is filled, then the queue is dry, and the block that ends this is cancelled. */
static void test_cancelled(void)
{
	struct converter adc = { .name = "iiosim-adc0", .direction = "in" };
	static const struct gaps none;
	uint64_t lost, gaps;
	struct block block;

	test_name = "ADC, DMABUFs: a gap does not count before the block behind it is filled";
	/* A block takes 0.65 s. */
	converter_open(&adc, "100000", true);
	lost = counter_read(&adc, "samples_lost");
	gaps = counter_read(&adc, "gaps");
	block_alloc(&block);
	block_attach(&block, &adc);
	block_enqueue(&block, &adc);
	converter_enable(&adc, true);
	block_wait(&block);
	nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	block_enqueue(&block, &adc);
	check(counter_read(&adc, "gaps") == gaps + 1 && counter_read(&adc, "samples_lost") > lost,
	      "the gap was not counted when its end was queued");
	converter_enable(&adc, false);
	check(counter_read(&adc, "gaps") == gaps, "gaps still counts the gap");
	check(counter_read(&adc, "samples_lost") == lost, "samples_lost still counts the gap");
	gaps_compare(&adc, &none);
	block_free(&block);
	converter_close(&adc);
}

static void test_repeater(void)
{
	struct converter adc = { .name = "iiosim-adc0", .direction = "in" };
	struct converter dac = { .name = "iiosim-dac0", .direction = "out" };
	const unsigned int turns = 512;
	struct block blocks[BLOCKS];
	uint64_t received, wrong, started;

	test_name = "ADC to DAC with the same DMABUFs: all samples, in order";
	converter_open(&adc, "10000000", false);
	converter_open(&dac, "10000000", false);
	received = counter_read(&dac, "samples_received");
	wrong = counter_read(&dac, "samples_out_of_order");
	for (int i = 0; i < BLOCKS; i++) {
		block_alloc(&blocks[i]);
		block_attach(&blocks[i], &adc);
		block_attach(&blocks[i], &dac);
	}
	for (int i = 0; i < BLOCKS; i++)
		block_enqueue(&blocks[i], &adc);
	started = now_ns();
	converter_enable(&dac, true);
	converter_enable(&adc, true);
	for (unsigned int turn = 0; turn < turns; turn++) {
		block_wait(&blocks[turn % BLOCKS]);
		block_enqueue(&blocks[turn % BLOCKS], &dac);
		block_wait(&blocks[turn % BLOCKS]);
		block_enqueue(&blocks[turn % BLOCKS], &adc);
	}
	printf("# %.0f MiB/s\n",
	       turns * (double)BLOCK_SIZE / (1 << 20) / ((now_ns() - started) / 1e9));
	converter_enable(&adc, false);
	converter_enable(&dac, false);
	received = counter_read(&dac, "samples_received") - received;
	wrong = counter_read(&dac, "samples_out_of_order") - wrong;
	check(received == (uint64_t)turns * SCANS, "%" PRIu64 " of %u scans were played", received,
	      turns * SCANS);
	check(!wrong, "%" PRIu64 " scans were out of order", wrong);
	for (int i = 0; i < BLOCKS; i++)
		block_free(&blocks[i]);
	converter_close(&dac);
	converter_close(&adc);
}

static void test_order(void)
{
	struct converter dac = { .name = "iiosim-dac0", .direction = "out" };
	struct block block;
	uint64_t wrong;
	char path[128], text[64];

	test_name = "DAC: a repeated and a missing scan are found";
	converter_open(&dac, "10000000", false);
	wrong = counter_read(&dac, "samples_out_of_order");
	block_alloc(&block);
	for (uint32_t i = 0; i < SCANS; i++)
		block.samples[i] = i + 1000 - (i > 100) + (i > 200);
	block_attach(&block, &dac);
	block_enqueue(&block, &dac);
	converter_enable(&dac, true);
	block_wait(&block);
	converter_enable(&dac, false);
	wrong = counter_read(&dac, "samples_out_of_order") - wrong;
	check(wrong == 2, "%" PRIu64 " scans were out of order instead of 2", wrong);
	snprintf(path, sizeof(path), "%s/last_out_of_order", dac.path);
	check(file_read(path, text, sizeof(text)) &&
		      !strcmp(text, "scan 201: expected 000004b0, found 000004b1"),
	      "%s says '%s'", path, text);
	block_free(&block);
	converter_close(&dac);
}

/* played_wrong: how many samples of the first @scans of @block were out of order. */
static uint64_t played_wrong(struct converter *dac, struct block *block, const char *length)
{
	uint64_t wrong;

	converter_open(dac, "10000000", false);
	attribute_write(dac, "counter_length", length);
	wrong = counter_read(dac, "samples_out_of_order");
	block_attach(block, dac);
	block_enqueue(block, dac);
	converter_enable(dac, true);
	block_wait(block);
	converter_enable(dac, false);
	wrong = counter_read(dac, "samples_out_of_order") - wrong;
	attribute_write(dac, "counter_length", "0");
	converter_close(dac);

	return wrong;
}

static void test_repeated(void)
{
	struct converter dac = { .name = "iiosim-dac0", .direction = "out" };
	struct block block;
	uint64_t wrong;

	test_name = "DAC: a waveform that is repeated, and one that is not repeated rightly";
	block_alloc(&block);
	for (uint32_t i = 0; i < SCANS; i++)
		block.samples[i] = i % 1000;
	wrong = played_wrong(&dac, &block, "1000");
	check(!wrong, "%" PRIu64 " scans were out of order", wrong);
	wrong = played_wrong(&dac, &block, "0");
	check(wrong == (SCANS - 1) / 1000, "without a length, %" PRIu64 " of %d were out of order",
	      wrong, (SCANS - 1) / 1000);
	/* Too late: each begins with 0 where 1000 should be; too early: 1000 is never right. */
	wrong = played_wrong(&dac, &block, "1001");
	check(wrong == (SCANS - 1) / 1000, "of a longer one, %" PRIu64 " of %d were out of order",
	      wrong, (SCANS - 1) / 1000);
	wrong = played_wrong(&dac, &block, "999");
	check(wrong == SCANS / 1000, "of a shorter one, %" PRIu64 " of %d were out of order", wrong,
	      SCANS / 1000);
	block_free(&block);
}

static void test_underrun(void)
{
	struct converter dac = { .name = "iiosim-dac0", .direction = "out" };
	uint64_t missed, underruns, started, limit;
	struct block block;

	test_name = "DAC: time without a block is an underrun";
	converter_open(&dac, "10000000", true);
	missed = counter_read(&dac, "samples_missed");
	underruns = counter_read(&dac, "underruns");
	block_alloc(&block);
	block_attach(&block, &dac);
	converter_enable(&dac, true);
	/* Nothing is missed before the first block. */
	nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	started = now_ns();
	block_enqueue(&block, &dac);
	block_wait(&block);
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	block_enqueue(&block, &dac);
	/* Of the time that has gone by, the first block had its share. */
	limit = (now_ns() - started) / 100 - SCANS;
	block_wait(&block);
	converter_enable(&dac, false);
	missed = counter_read(&dac, "samples_missed") - missed;
	underruns = counter_read(&dac, "underruns") - underruns;
	check(underruns == 1, "%" PRIu64 " underruns instead of 1", underruns);
	check(missed >= 200000 && missed <= limit,
	      "%" PRIu64 " scans were missed, not 200000 to %" PRIu64, missed, limit);
	block_free(&block);
	converter_close(&dac);
}

static void test_interrupted(void)
{
	struct converter adc = { .name = "iiosim-adc0", .direction = "in" };
	struct block blocks[BLOCKS];

	test_name =
		"disabled and enabled again with blocks in the queue, and unbound while running";
	for (unsigned int round = 0; round < 20; round++) {
		converter_open(&adc, "1000000", true);
		for (int i = 0; i < BLOCKS; i++) {
			block_alloc(&blocks[i]);
			block_attach(&blocks[i], &adc);
		}
		for (int i = 0; i < BLOCKS; i++)
			block_enqueue(&blocks[i], &adc);
		converter_enable(&adc, true);
		block_wait(&blocks[0]);
		if (round % 2) {
			file_write("/sys/bus/platform/drivers/iiosim/unbind", "iiosim-adc.0");
		} else {
			converter_enable(&adc, false);
			/* The next of them begins at 0 again. */
			block_enqueue(&blocks[0], &adc);
			converter_enable(&adc, true);
			block_wait(&blocks[0]);
			check(!blocks[0].samples[0], "a start began with %08x",
			      blocks[0].samples[0]);
		}
		for (int i = 0; i < BLOCKS; i++) {
			if (round % 2)
				block_wait(&blocks[i]);
			block_free(&blocks[i]);
		}
		if (!(round % 2))
			converter_enable(&adc, false);
		converter_close(&adc);
		if (round % 2)
			file_write("/sys/bus/platform/drivers/iiosim/bind", "iiosim-adc.0");
	}
}

int main(void)
{
	static void (*const tests[])(void) = {
		test_file,  test_capture,  test_starved,  test_cancelled,   test_repeater,
		test_order, test_repeated, test_underrun, test_interrupted,
	};

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		tests[i]();
		printf("ok: %s\n", test_name);
	}

	return 0;
}
