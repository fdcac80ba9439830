#pragma once

/* Parts of glibc and of Linux that the headers show only to programs compiled with _GNU_SOURCE, which Swift's import is
   not. The numbers are those of the kernel's interface, which never change. */

#define ANTIPHON_MFD_CLOEXEC 0x1u
#define ANTIPHON_MFD_ALLOW_SEALING 0x2u
#define ANTIPHON_F_ADD_SEALS 1033
/* No more seals, no change of the size, no writing. */
#define ANTIPHON_ALL_SEALS 0xF
#define ANTIPHON_CLOSE_RANGE_UNSHARE 0x2

int memfd_create(const char *name, unsigned int flags);
int close_range(unsigned int first, unsigned int last, int flags);
