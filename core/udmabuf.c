// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DMABUFs made of a memfd's pages. The memfd is closed as soon as the DMABUF has pinned its pages;
 * neither is ever mapped.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "heap.h"
#include "text.h"

#define SIZE_LIMIT "/sys/module/udmabuf/parameters/size_limit_mb"

#ifndef MFD_NOEXEC_SEAL /* Linux 6.3 */
#define MFD_NOEXEC_SEAL 0x0008U
#endif

static uint64_t round_up(uint64_t size, uint64_t page)
{
	return (size + page - 1) / page * page;
}

/* Bytes in a huge page of the default size, which is the one that a memfd gets; 0: none. */
static uint64_t huge_page_size(void)
{
	return meminfo_read("Hugepagesize") << 10;
}

static uint64_t small_page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Let udmabuf make a DMABUF of the beginning of @memfd: a file descriptor or a negative errno. */
static int pin(int device, int memfd, uint32_t size)
{
	struct udmabuf_create create = {
		.memfd = (uint32_t)memfd,
		.flags = UDMABUF_FLAGS_CLOEXEC,
		.size = round_up(size, small_page_size()),
	};
	int fd;

	if (fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK) < 0)
		return -errno;
	fd = ioctl(device, UDMABUF_CREATE, &create);
	return fd < 0 ? -errno : fd;
}

/* Before Linux 6.3 there is no file that cannot be made executable. */
static int make_memfd(unsigned int flags)
{
	int memfd;

	flags |= MFD_CLOEXEC | MFD_ALLOW_SEALING;
	memfd = memfd_create("iiobridge", flags | MFD_NOEXEC_SEAL);
	return memfd < 0 && errno == EINVAL ? memfd_create("iiobridge", flags) : memfd;
}

static int small_get(int device, uint32_t size)
{
	int memfd = make_memfd(0);
	int ret;

	if (memfd < 0)
		return -errno;
	/*
	 * Not fallocate(): pages that it adds are cleared only when the file is read, written or
	 * mapped (shmem_fallocate() in mm/shmem.c), and would show a host what was in them before.
	 */
	ret = ftruncate(memfd, (off_t)round_up(size, small_page_size())) < 0 ? -errno : 0;
	if (!ret)
		ret = pin(device, memfd, size);
	close(memfd);
	return ret;
}

static int huge_get(int device, uint32_t size)
{
	uint64_t page = huge_page_size();
	int memfd, ret;

	if (!page)
		return -EOPNOTSUPP;
	memfd = make_memfd(MFD_HUGETLB);
	if (memfd < 0)
		return -errno;
	/*
	 * The file gets its pages, cleared, before udmabuf looks for them: for those that are
	 * missing Linux 6.12 takes pages that are reserved (alloc_hugetlb_folio_reserve() in
	 * mm/hugetlb.c), and counts wrong from then on when none was.
	 */
	ret = fallocate(memfd, 0, 0, (off_t)round_up(size, page)) < 0 ? -errno : 0;
	if (ret == -ENOSPC)
		ret = -ENOMEM;
	if (!ret)
		ret = pin(device, memfd, size);
	close(memfd);
	return ret;
}

static uint32_t read_size_limit(void)
{
	char limit[16];

	text_read(AT_FDCWD, SIZE_LIMIT, limit, sizeof(limit));
	return (uint32_t)strtoul(limit, NULL, 10);
}

static void small_explain(const struct block_request *request, int error,
			  struct heap_reason *reason)
{
	uint32_t limit = read_size_limit();

	if (error == -EINVAL && limit && request->size > (uint64_t)limit << 20)
		snprintf(reason->text, sizeof(reason->text),
			 "udmabuf gives at most %u MiB to a block; write a larger number to %s",
			 limit, SIZE_LIMIT);
	else
		text_copy(reason->text, sizeof(reason->text), strerror(-error));
}

static void huge_explain(const struct block_request *request, int error, struct heap_reason *reason)
{
	uint64_t page = huge_page_size();
	uint64_t total, unused, reserved, needed;

	if (!page) {
		text_copy(reason->text, sizeof(reason->text), "this kernel has no huge pages");
		return;
	}
	if (error != -ENOMEM) {
		small_explain(request, error, reason);
		return;
	}
	total = meminfo_read("HugePages_Total");
	unused = meminfo_read("HugePages_Free");
	reserved = meminfo_read("HugePages_Rsvd");
	unused -= unused > reserved ? reserved : unused;
	needed = request->count * (round_up(request->size, page) / page);
	snprintf(reason->text, sizeof(reason->text),
		 "%llu huge pages of %llu KiB are needed, %llu of %llu are free; try: sysctl "
		 "vm.nr_hugepages=%llu",
		 (unsigned long long)needed, (unsigned long long)page >> 10,
		 (unsigned long long)unused, (unsigned long long)total,
		 (unsigned long long)total - unused + needed);
}

const struct heap_kind udmabuf_kind = {
	.device = "/dev/udmabuf",
	.check = heap_check_memory,
	.get = small_get,
	.explain = small_explain,
};

const struct heap_kind udmabuf_huge_kind = {
	.device = "/dev/udmabuf",
	.get = huge_get,
	.explain = huge_explain,
};
