// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * soapy-stream - moves samples through SoapySDR, as a program for radios does
 *
 * soapy-stream rx COUNT: receives so many samples of channel 0 as CS16, and checks that I and Q are
 * the halves of a counter that goes on, but for where SoapySDR told of an overflow. Tells, too, how
 * many reads have no time, or an earlier one than the read before. How late the simulated converter
 * was with a block is in its time, too, so the times are no clock.
 *
 * soapy-stream tx COUNT: sends so many samples of the counter as a burst, and waits for its end.
 *
 * Prints what it found; ends with 0 when all is right, with 1 when it is not, and with 2 when a
 * call failed.
 */
#include <SoapySDR/Constants.h>
#include <SoapySDR/Device.hpp>
#include <SoapySDR/Errors.hpp>
#include <SoapySDR/Formats.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <vector>

#define TIMEOUT_US 10000000

struct checker {
	uint32_t next;
	bool lost; /* what comes next need not follow */
	unsigned long wrong, gaps, wrong_times;
	long long last_ns;
};

static void check(struct checker *checker, const uint32_t *samples, size_t count, long long time_ns)
{
	if (checker->lost) {
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

	for (size_t done = 0; r == 0 && done < wanted;) {
		long long time_ns = 0;
		int flags = 0;

		r = device->readStream(stream, buffers, data.size(), flags, time_ns, TIMEOUT_US);
		if (r == SOAPY_SDR_OVERFLOW) {
			checker.lost = true;
			checker.gaps++;
			r = 0;
		}
		if (r <= 0)
			continue;
		if (!(flags & SOAPY_SDR_HAS_TIME))
			time_ns = 0;
		check(&checker, data.data(), (size_t)r, time_ns);
		done += (size_t)r;
		r = 0;
	}
	device->deactivateStream(stream);
	device->closeStream(stream);
	printf("wrong %lu, overflows %lu, wrong times %lu, last %s\n", checker.wrong, checker.gaps,
	       checker.wrong_times, SoapySDR::errToStr(r));
	return r < 0 ? 2 : checker.wrong ? 1 : 0;
}

static int send(SoapySDR::Device *device, size_t wanted)
{
	SoapySDR::Stream *stream = device->setupStream(SOAPY_SDR_TX, SOAPY_SDR_CS16);
	std::vector<uint32_t> data(wanted);
	int r = device->activateStream(stream);

	for (size_t i = 0; i < wanted; i++)
		data[i] = (uint32_t)i;
	for (size_t done = 0; r >= 0 && done < wanted; done += (size_t)r) {
		const void *const buffers[] = { data.data() + done };
		int flags = SOAPY_SDR_END_BURST;

		r = device->writeStream(stream, buffers, wanted - done, flags, 0, TIMEOUT_US);
		if (r < 0)
			break;
	}
	if (r >= 0)
		r = device->deactivateStream(stream);
	device->closeStream(stream);
	printf("%s\n", SoapySDR::errToStr(r));
	return r < 0 ? 2 : 0;
}

int main(int argc, char **argv)
{
	int status = 2;

	if (argc != 3)
		return status;
	try {
		SoapySDR::Device *device = SoapySDR::Device::make("driver=iiobridge");
		const size_t count = strtoul(argv[2], nullptr, 10);

		status = strcmp(argv[1], "tx") ? receive(device, count) : send(device, count);
		SoapySDR::Device::unmake(device);
	} catch (const std::exception &error) {
		fprintf(stderr, "soapy-stream: %s\n", error.what());
	}
	return status;
}
