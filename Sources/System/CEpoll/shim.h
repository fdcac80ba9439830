#pragma once

#include <stddef.h>
#include <sys/epoll.h>

/* glibc shows it only to programs compiled with _GNU_SOURCE, which Swift's import is not. */
void *memmem(const void *haystack, size_t haystack_size, const void *needle, size_t needle_size);
