// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "iiobridge/log.h"
#include "iiobridge/port.h"
#include "iiobridge/text.h"
#include "iiobridge/uapi.h"

#define HEAPS "/dev/dma_heap"

static void list_heaps(char *names, size_t size)
{
	DIR *directory = opendir(HEAPS);
	struct dirent *entry;

	names[0] = '\0';
	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			text_list(names, size, entry->d_name);
	if (directory)
		closedir(directory);
}

int block_alloc(struct block *block, const char *heap, uint32_t size)
{
	struct dma_heap_allocation_data request = { .len = size, .fd_flags = O_RDWR | O_CLOEXEC };
	char text[256];
	int fd, ret;

	block->fd = -1;
	snprintf(text, sizeof(text), HEAPS "/%s", heap);
	fd = open(text, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		ret = -errno;
		list_heaps(text, sizeof(text));
		return log_errno(ret, "cannot open DMABUF heap \"%s\": %m; heaps here: %s", heap,
				 text[0] ? text : "none");
	}
	ret = ioctl(fd, DMA_HEAP_IOCTL_ALLOC, &request) < 0 ? -errno : 0;
	close(fd);
	if (ret < 0)
		return log_errno(ret, "cannot get a block of %u bytes from DMABUF heap \"%s\": %m",
				 size, heap);
	block->fd = (int)request.fd;
	block->size = size;
	return 0;
}

void block_free(struct block *block)
{
	if (block->fd >= 0)
		close(block->fd);
	block->fd = -1;
}
