// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * no-noexec-seal.so - memfd_create() as before Linux 6.3, which does not know MFD_NOEXEC_SEAL
 *
 * Loaded into iiobridged with LD_PRELOAD.
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KNOWN (MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB)

int memfd_create(const char *name, unsigned int flags)
{
	if (flags & ~KNOWN) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_memfd_create, name, flags);
}
