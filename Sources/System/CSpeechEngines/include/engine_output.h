// What the libraries of the engines write to standard error. It may hold words of users, and it follows no format, so it
// must not reach the log of the server as it is; nor may the last words of a process that crashes be lost.
//
// A thread of an engine has a table of file descriptors of its own. In it, standard error is the end of a pipe; what comes
// out of that is counted. Nothing else in the process is touched: its own standard error stays the real one.
#pragma once
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Opens a pipe that neither blocks nor is handed on to other programs: `ends[0]` is read, `ends[1]` written. Returns
/// false, with `errno`, when there is none.
bool antiphon_engine_output_open(int ends[2]);

/// Gives the calling thread a table of file descriptors of its own, in which `write_end` is standard error and all other
/// descriptors but 0 and 1 are closed, and makes sure that what is in the pipe at a crash or an `exit` in that table goes
/// to the real standard error. Returns false, and changes nothing, when the kernel gives no table of its own (before Linux
/// 5.9, or in a container that forbids it) or there is no standard error.
bool antiphon_engine_output_begin(int read_end, int write_end);

#ifdef __cplusplus
}
#endif
