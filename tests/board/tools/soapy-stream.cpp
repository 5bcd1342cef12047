// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * soapy-stream - moves samples through SoapySDR, as a program for radios does
 *
 * soapy-stream rx COUNT: receives so many samples of channel 0 as CS16, and checks that I and Q are
 * the halves of a counter that goes on, but for where SoapySDR told of an overflow. Tells, too, how
 * many samples were missing there, and how many reads and overflows have no time, an earlier one
 * than the read before, or, of an overflow, another one than that of the samples after it. How late
 * the simulated converter was with a block is in its time, too, so the times are no clock.
 *
 * soapy-stream late COUNT: receives so many samples, as many at once as a block has, and tells how
 * many microseconds behind the time of the last sample half of the reads returned, and 99 of 100.
 *
 * soapy-stream tx COUNT: sends so many samples of the counter as a burst, and waits for its end.
 *
 * soapy-stream starve COUNT: the same, but half of them, and the others when its input has ended.
 * Tells how many underflows it was told of.
 *
 * soapy-stream bursts COUNT: sends so many samples as a burst and, while that plays, as another
 * one, for whose first write it waits for a millisecond at first.
 *
 * soapy-stream threads COUNT: starts and stops a stream so many times, and then closes it, while
 * another thread reads. Before that it reads from the stream that does not run, and sets another
 * one up, which must be refused.
 *
 * soapy-stream lost COUNT: receives until that fails, and then tries so many times more.
 *
 * soapy-stream tuned COUNT SETTINGS: tunes channel 0 to settings such as "frequency=1e8, gain=20",
 * or another one with "channel=1", receives so many samples of it, and writes them to a file that
 * "output" names. Tells what the device says of each setting then.
 *
 * Prints what it found; ends with 0 when all is right, with 1 when it is not, and with 2 when a
 * call failed.
 */
#include <SoapySDR/Constants.h>
#include <SoapySDR/Device.hpp>
#include <SoapySDR/Errors.hpp>
#include <SoapySDR/Formats.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <thread>
#include <vector>

#define TIMEOUT_US 10000000

struct checker {
	uint32_t next;
	bool lost; /* what comes next need not follow */
	unsigned long wrong, gaps, missing, wrong_times;
	long long last_ns, gap_ns;
};

static void note_gap(struct checker *checker, long long time_ns)
{
	checker->lost = true;
	checker->gaps++;
	checker->gap_ns = time_ns;
}

static void check(struct checker *checker, const uint32_t *samples, size_t count, long long time_ns)
{
	if (checker->lost) {
		checker->missing += samples[0] - checker->next;
		checker->wrong_times += checker->gap_ns != time_ns;
		checker->next = samples[0];
		checker->lost = false;
	}
	for (size_t i = 0; i < count; i++)
		checker->wrong += samples[i] != checker->next++;
	checker->wrong_times += time_ns <= checker->last_ns;
	checker->last_ns = time_ns;
}

static int receive(SoapySDR::Device *device, size_t wanted)
{
	struct checker checker = {};
	SoapySDR::Stream *stream = device->setupStream(SOAPY_SDR_RX, SOAPY_SDR_CS16);
	std::vector<uint32_t> data(device->getStreamMTU(stream));
	void *const buffers[] = { data.data() };
	int r = device->activateStream(stream);
	size_t done = 0;

	while (r == 0 && done < wanted) {
		long long time_ns = 0;
		int flags = 0;

		r = device->readStream(stream, buffers, data.size(), flags, time_ns, TIMEOUT_US);
		if (!(flags & SOAPY_SDR_HAS_TIME))
			time_ns = 0;
		if (r == SOAPY_SDR_OVERFLOW) {
			note_gap(&checker, time_ns);
			r = 0;
		}
		if (r <= 0)
			continue;
		check(&checker, data.data(), (size_t)r, time_ns);
		done += (size_t)r;
		r = 0;
	}
	device->deactivateStream(stream);
	device->closeStream(stream);
	printf("samples %zu, wrong %lu, overflows %lu, missing %lu, wrong times %lu, last %s\n",
	       done, checker.wrong, checker.gaps, checker.missing, checker.wrong_times,
	       SoapySDR::errToStr(r));
	return r < 0 ? 2 : checker.wrong ? 1 : 0;
}

static int measure(SoapySDR::Device *device, size_t wanted)
{
	SoapySDR::Stream *stream = device->setupStream(SOAPY_SDR_RX, SOAPY_SDR_CS16);
	const double rate = device->getSampleRate(SOAPY_SDR_RX, 0);
	std::vector<uint32_t> data(device->getStreamMTU(stream));
	void *const buffers[] = { data.data() };
	std::vector<long long> late;
	int r = device->activateStream(stream);
	size_t done = 0, gaps = 0;

	while (r >= 0 && done < wanted) {
		long long time_ns = 0;
		int flags = 0;

		r = device->readStream(stream, buffers, data.size(), flags, time_ns, TIMEOUT_US);
		gaps += r == SOAPY_SDR_OVERFLOW;
		if (r <= 0)
			continue;
		const auto now = std::chrono::steady_clock::now().time_since_epoch();

		late.push_back(std::chrono::nanoseconds(now).count() - time_ns -
			       (long long)(r * 1e9 / rate));
		done += (size_t)r;
	}
	device->deactivateStream(stream);
	device->closeStream(stream);
	if (r < 0 || late.empty())
		return 2;
	/* The first eighth is how a stream begins. */
	late.erase(late.begin(), late.begin() + (long)late.size() / 8);
	std::sort(late.begin(), late.end());
	printf("blocks %zu, p50 %lld, p99 %lld, longest %lld, gaps %zu\n", late.size(),
	       late[late.size() / 2] / 1000, late[late.size() * 99 / 100] / 1000,
	       late.back() / 1000, gaps);
	return 0;
}

/* Return: 0 or SoapySDR's error. */
static int send_part(SoapySDR::Device *device, SoapySDR::Stream *stream,
		     const std::vector<uint32_t> &data, size_t from, size_t end, bool last)
{
	while (from < end) {
		const void *const buffers[] = { data.data() + from };
		int flags = last ? SOAPY_SDR_END_BURST : 0;
		const int r =
			device->writeStream(stream, buffers, end - from, flags, 0, TIMEOUT_US);

		if (r < 0)
			return r;
		from += (size_t)r;
	}
	return 0;
}

static unsigned long count_underflows(SoapySDR::Device *device, SoapySDR::Stream *stream)
{
	unsigned long count = 0;
	long long time_ns;
	size_t mask;
	int flags;

	while (device->readStreamStatus(stream, mask, flags, time_ns, 1000000) ==
	       SOAPY_SDR_UNDERFLOW)
		count++;
	return count;
}

static int send(SoapySDR::Device *device, size_t wanted, bool starve)
{
	SoapySDR::Stream *stream = device->setupStream(SOAPY_SDR_TX, SOAPY_SDR_CS16);
	const size_t pause = starve ? wanted / 2 : 0;
	std::vector<uint32_t> data(wanted);
	unsigned long underflows;
	int r = device->activateStream(stream);

	for (size_t i = 0; i < wanted; i++)
		data[i] = (uint32_t)i;
	if (r == 0)
		r = send_part(device, stream, data, 0, pause, false);
	while (starve && r == 0 && getchar() != EOF)
		;
	if (r == 0)
		r = send_part(device, stream, data, pause, wanted, true);
	underflows = count_underflows(device, stream);
	if (r == 0)
		r = device->deactivateStream(stream);
	device->closeStream(stream);
	printf("underflows %lu, last %s\n", underflows, SoapySDR::errToStr(r));
	return r < 0 ? 2 : 0;
}

static int send_bursts(SoapySDR::Device *device, size_t count)
{
	SoapySDR::Stream *stream = device->setupStream(SOAPY_SDR_TX, SOAPY_SDR_CS16);
	std::vector<uint32_t> data(count);
	const void *const buffers[] = { data.data() };
	int r = device->activateStream(stream), at_once = 0, flags = SOAPY_SDR_END_BURST;

	if (r == 0)
		r = send_part(device, stream, data, 0, count, true);
	if (r == 0)
		at_once = device->writeStream(stream, buffers, count, flags, 0, 1000);
	if (r == 0)
		r = send_part(device, stream, data, 0, count, true);
	if (r == 0)
		r = device->deactivateStream(stream);
	device->closeStream(stream);
	printf("at once %s, last %s\n", SoapySDR::errToStr(at_once), SoapySDR::errToStr(r));
	return r < 0 ? 2 : 0;
}

static bool is_refused(SoapySDR::Device *device)
{
	try {
		device->setupStream(SOAPY_SDR_RX, SOAPY_SDR_CS16);
	} catch (const std::exception &error) {
		printf("refused: %s\n", error.what());
		return true;
	}
	return false;
}

static int read_once(SoapySDR::Device *device, SoapySDR::Stream *stream, long timeout_us)
{
	static thread_local std::vector<uint32_t> data(device->getStreamMTU(stream));
	void *const buffers[] = { data.data() };
	long long time_ns;
	int flags;

	return device->readStream(stream, buffers, data.size(), flags, time_ns, timeout_us);
}

static int disturb(SoapySDR::Device *device, size_t times)
{
	SoapySDR::Stream *stream = device->setupStream(SOAPY_SDR_RX, SOAPY_SDR_CS16);
	std::atomic<unsigned long> samples{ 0 };
	const int idle = read_once(device, stream, 1000);
	const bool refused = is_refused(device);
	int r = 0, ended = 0;

	std::thread reader([&] {
		do {
			ended = read_once(device, stream, TIMEOUT_US);
			samples += ended > 0 ? (unsigned long)ended : 0;
		} while (ended != SOAPY_SDR_STREAM_ERROR);
	});
	for (size_t i = 0; i < times && r == 0; i++) {
		const unsigned long before = samples;

		r = device->activateStream(stream);
		while (r == 0 && samples == before)
			std::this_thread::yield();
		if (r == 0 && i + 1 < times)
			r = device->deactivateStream(stream);
	}
	device->closeStream(stream);
	reader.join();
	printf("idle %s, ended %s, last %s\n", SoapySDR::errToStr(idle), SoapySDR::errToStr(ended),
	       SoapySDR::errToStr(r));
	/* Its channel is free again. */
	device->closeStream(device->setupStream(SOAPY_SDR_RX, SOAPY_SDR_CS16));
	return r < 0 ? 2 : idle != SOAPY_SDR_TIMEOUT || !refused;
}

static int lose(SoapySDR::Device *device, size_t times)
{
	SoapySDR::Stream *stream = device->setupStream(SOAPY_SDR_RX, SOAPY_SDR_CS16);
	int r = device->activateStream(stream);
	size_t failed = 0;

	puts("activated");
	fflush(stdout);
	while (r == 0 || r > 0 || r == SOAPY_SDR_OVERFLOW)
		r = read_once(device, stream, TIMEOUT_US);
	for (size_t i = 0; i < times; i++)
		failed += read_once(device, stream, 1000) == SOAPY_SDR_STREAM_ERROR;
	device->closeStream(stream);
	printf("failed %zu, first %s\n", failed, SoapySDR::errToStr(r));
	return failed != times;
}

static int write_samples(SoapySDR::Device *device, size_t channel, size_t wanted, const char *path)
{
	SoapySDR::Stream *stream = device->setupStream(SOAPY_SDR_RX, SOAPY_SDR_CS16, { channel });
	FILE *file = fopen(path, "wb");
	int r = device->activateStream(stream);
	std::vector<uint32_t> data(wanted);
	size_t done = 0;

	while (r >= 0 && done < wanted) {
		void *const buffers[] = { data.data() + done };
		long long time_ns;
		int flags;

		r = device->readStream(stream, buffers, wanted - done, flags, time_ns, TIMEOUT_US);
		done += r > 0 ? (size_t)r : 0;
	}
	device->closeStream(stream);
	if (!file || fwrite(data.data(), sizeof(data[0]), done, file) != wanted || fclose(file))
		return 2;
	return r < 0 ? 2 : 0;
}

static int tune(SoapySDR::Device *device, size_t wanted, const char *text)
{
	SoapySDR::Kwargs settings = SoapySDR::KwargsFromString(text);
	const size_t channel = strtoul(settings["channel"].c_str(), nullptr, 10);

	for (const auto &setting : settings) {
		const double number = strtod(setting.second.c_str(), nullptr);

		if (setting.first == "antenna")
			device->setAntenna(SOAPY_SDR_RX, channel, setting.second);
		else if (setting.first == "automatic")
			device->setGainMode(SOAPY_SDR_RX, channel, number != 0);
		else if (setting.first == "bandwidth")
			device->setBandwidth(SOAPY_SDR_RX, channel, number);
		else if (setting.first == "frequency")
			device->setFrequency(SOAPY_SDR_RX, channel, number);
		else if (setting.first == "gain")
			device->setGain(SOAPY_SDR_RX, channel, number);
		else if (setting.first == "rate")
			device->setSampleRate(SOAPY_SDR_RX, channel, number);
	}
	printf("antenna %s, automatic %d, bandwidth %.0f, frequency %.0f, gain %.2f, rate %.0f\n",
	       device->getAntenna(SOAPY_SDR_RX, channel).c_str(),
	       device->getGainMode(SOAPY_SDR_RX, channel),
	       device->getBandwidth(SOAPY_SDR_RX, channel),
	       device->getFrequency(SOAPY_SDR_RX, channel), device->getGain(SOAPY_SDR_RX, channel),
	       device->getSampleRate(SOAPY_SDR_RX, channel));
	return write_samples(device, channel, wanted, settings["output"].c_str());
}

int main(int argc, char **argv)
{
	int status = 2;

	if (argc != 3 && argc != 4)
		return status;
	try {
		SoapySDR::Device *device = SoapySDR::Device::make("driver=iiobridge");
		const size_t count = strtoul(argv[2], nullptr, 10);

		if (strcmp(argv[1], "rx") == 0)
			status = receive(device, count);
		else if (strcmp(argv[1], "late") == 0)
			status = measure(device, count);
		else if (strcmp(argv[1], "bursts") == 0)
			status = send_bursts(device, count);
		else if (strcmp(argv[1], "threads") == 0)
			status = disturb(device, count);
		else if (strcmp(argv[1], "lost") == 0)
			status = lose(device, count);
		else if (argc == 4)
			status = tune(device, count, argv[3]);
		else
			status = send(device, count, strcmp(argv[1], "starve") == 0);
		SoapySDR::Device::unmake(device);
	} catch (const std::exception &error) {
		fprintf(stderr, "soapy-stream: %s\n", error.what());
	}
	return status;
}
