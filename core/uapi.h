/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: kernel interfaces that are younger than the system's headers
 *
 * Numbers and structures of the DMABUF interfaces of FunctionFS (Linux 6.9) and IIO (Linux 6.12),
 * from include/uapi/linux/usb/functionfs.h and include/uapi/linux/iio/buffer.h. Each is declared
 * only where the system's headers lack it.
 */
#ifndef IIOBRIDGE_UAPI_H
#define IIOBRIDGE_UAPI_H

#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/sync_file.h>
#include <linux/types.h>
#include <linux/usb/functionfs.h>
#include <sys/ioctl.h>

#ifndef FUNCTIONFS_DMABUF_ATTACH
struct usb_ffs_dmabuf_transfer_req {
	int fd;
	__u32 flags;
	__u64 length;
} __attribute__((packed));

#define FUNCTIONFS_DMABUF_ATTACH   _IOW('g', 131, int)
#define FUNCTIONFS_DMABUF_DETACH   _IOW('g', 132, int)
#define FUNCTIONFS_DMABUF_TRANSFER _IOW('g', 133, struct usb_ffs_dmabuf_transfer_req)
#endif

#ifndef IIO_BUFFER_GET_FD_IOCTL
#define IIO_BUFFER_GET_FD_IOCTL _IOWR('i', 0x91, int)
#endif

#ifndef IIO_BUFFER_DMABUF_ATTACH_IOCTL
struct iio_dmabuf {
	__u32 fd;
	__u32 flags;
	__u64 bytes_used;
};

#define IIO_BUFFER_DMABUF_CYCLIC 1

#define IIO_BUFFER_DMABUF_ATTACH_IOCTL	_IOW('i', 0x92, int)
#define IIO_BUFFER_DMABUF_DETACH_IOCTL	_IOW('i', 0x93, int)
#define IIO_BUFFER_DMABUF_ENQUEUE_IOCTL _IOW('i', 0x94, struct iio_dmabuf)
#endif

#ifndef DMA_BUF_IOCTL_EXPORT_SYNC_FILE
struct dma_buf_export_sync_file {
	__u32 flags;
	__s32 fd;
};

#define DMA_BUF_IOCTL_EXPORT_SYNC_FILE _IOWR(DMA_BUF_BASE, 2, struct dma_buf_export_sync_file)
#endif

#endif
