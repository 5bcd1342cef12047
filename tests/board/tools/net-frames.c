// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net-frames - sends frames from one network device to another and back
 *
 * net-frames DEVICE OTHER COUNT: brings both up, and sends COUNT frames of the largest size each
 * way, each with another content. Ends with 0 when all arrived, whole and in order. Both devices
 * are in one kernel, whose own network would never use a cable between them; frames do.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define PROTOCOL   0x88b5 /* IEEE Std 802: for local experiments */
#define TIMEOUT_MS 5000
#define TRIAL	   UINT32_MAX

struct frame {
	struct ether_header header;
	uint32_t words[ETH_DATA_LEN / sizeof(uint32_t)];
} __attribute__((packed));

static int open_device(const char *name)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(PROTOCOL) };
	int fd = socket(AF_PACKET, SOCK_RAW, htons(PROTOCOL));
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return -1;
	request.ifr_flags |= IFF_UP;
	address.sll_ifindex = (int)if_nametoindex(name);
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	return fd;
}

/* The driver says when there is a carrier. */
static int wait_for_carrier(int fd, const char *name)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	for (int i = 0; i < TIMEOUT_MS / 10; i++) {
		if (ioctl(fd, SIOCGIFFLAGS, &request) == 0 && request.ifr_flags & IFF_RUNNING)
			return 0;
		poll(NULL, 0, 10);
	}
	fprintf(stderr, "net-frames: %s has no carrier\n", name);
	return -1;
}

static void fill(struct frame *frame, uint32_t number)
{
	*frame = (struct frame){ .header.ether_type = htons(PROTOCOL) };
	memset(frame->header.ether_dhost, 0xff, ETH_ALEN); /* to all */
	memset(frame->header.ether_shost, 0x02, ETH_ALEN);
	for (size_t i = 0; i < sizeof(frame->words) / sizeof(frame->words[0]); i++)
		frame->words[i] = number * 2654435761u + (uint32_t)i;
}

/* Receive a frame that is not one of those that try the link; 0 when none comes in time. */
static ssize_t receive(int fd, struct frame *frame, int timeout_ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	struct frame trial;
	ssize_t size = 0;

	fill(&trial, TRIAL);
	while (poll(&wait, 1, timeout_ms) == 1) {
		size = recv(fd, frame, sizeof(*frame), 0);
		if (size != sizeof(trial) || memcmp(frame, &trial, sizeof(trial)) != 0)
			return size;
	}
	return 0;
}

/* A device has a carrier before the other side listens; what is sent too early is lost. */
static int wait_for_link(int from, int to)
{
	struct frame trial;

	fill(&trial, TRIAL);
	for (int i = 0; i < TIMEOUT_MS / 10; i++) {
		struct pollfd wait = { .fd = to, .events = POLLIN };

		if (send(from, &trial, sizeof(trial), 0) < 0)
			return -1;
		if (poll(&wait, 1, 10) == 1)
			return 0;
	}
	fprintf(stderr, "net-frames: no frame arrives\n");
	return -1;
}

/* One frame after the other: this is about what arrives, not about how much. */
static int exchange(int from, int to, uint32_t count)
{
	struct frame sent, received;

	if (wait_for_link(from, to) < 0)
		return -1;
	for (uint32_t number = 0; number < count; number++) {
		ssize_t size;

		fill(&sent, number);
		if (send(from, &sent, sizeof(sent), 0) != sizeof(sent)) {
			perror("net-frames: send");
			return -1;
		}
		size = receive(to, &received, TIMEOUT_MS);
		if (size != sizeof(received) || memcmp(&sent, &received, sizeof(sent)) != 0) {
			fprintf(stderr, "net-frames: frame %u: %zd bytes arrived\n", number, size);
			return -1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	int one, other;
	uint32_t count;

	if (argc != 4) {
		fprintf(stderr, "Usage: net-frames DEVICE OTHER COUNT\n");
		return 2;
	}
	count = (uint32_t)strtoul(argv[3], NULL, 10);
	one = open_device(argv[1]);
	other = open_device(argv[2]);
	if (one < 0 || other < 0) {
		perror("net-frames");
		return 1;
	}
	if (wait_for_carrier(one, argv[1]) < 0 || wait_for_carrier(other, argv[2]) < 0 ||
	    exchange(one, other, count) < 0 || exchange(other, one, count) < 0)
		return 1;
	printf("%u frames each way\n", count);
	return 0;
}
