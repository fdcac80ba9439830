#pragma once

#include <spawn.h>
#include <stddef.h>

/* Parts of glibc that its headers show only to programs compiled with _GNU_SOURCE, which Swift's import is not. */

void *memmem(const void *haystack, size_t haystack_length, const void *needle, size_t needle_length);
int pipe2(int ends[2], int flags);
int mkostemp(char *path_template, int flags);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int lowest_descriptor);
