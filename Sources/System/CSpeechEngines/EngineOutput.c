#define _GNU_SOURCE
#include "engine_output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#endif

int close_range(unsigned int first, unsigned int last, int flags);

// Where the read end of the pipe and the real standard error are in the table of an engine's thread.
enum { PIPE_OUT = 3, REAL_STDERR = 4, FIRST_FREE = 5 };

// How a process ends that cannot go on.
static const int crashes[] = {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS};
enum { CRASHES = sizeof crashes / sizeof *crashes };
static struct sigaction previous[CRASHES];
static pthread_once_t installed = PTHREAD_ONCE_INIT;

// Whether standard error of this thread's table is a pipe that is read at `PIPE_OUT`. Threads that a library starts share
// the table of the engine's thread, so no variable of a thread could tell.
static bool is_engine_table(void) {
  struct stat in, out;
  if (fstat(STDERR_FILENO, &in) != 0 || fstat(PIPE_OUT, &out) != 0) return false;
  if (!S_ISFIFO(in.st_mode) || in.st_ino != out.st_ino || in.st_dev != out.st_dev) return false;
  int flags = fcntl(PIPE_OUT, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) == O_RDONLY && (flags & O_NONBLOCK) != 0;
}

// Writes what is in the pipe to the real standard error, which is then that of the table again, for what comes after:
// the report of the crash by the Swift runtime, which a program makes that inherits the table. Calls only what a signal
// handler may.
static void spill(void) {
  if (!is_engine_table()) return;
  char bytes[1024];
  ssize_t count;
  while ((count = read(PIPE_OUT, bytes, sizeof bytes)) > 0) {
    for (ssize_t written = 0, step; written < count; written += step) {
      step = write(REAL_STDERR, bytes + written, (size_t)(count - written));
      if (step <= 0) step = count;
    }
  }
  dup2(REAL_STDERR, STDERR_FILENO);
}

static void crash(int number, siginfo_t *info, void *context) {
  (void)context;
  int error = errno;
  spill();
  for (int index = 0; index < CRASHES; ++index)
    if (crashes[index] == number) sigaction(number, &previous[index], NULL);
  // A fault of the processor happens once more on return, and then has its usual end. What was sent does not.
  bool repeats = info->si_code > 0 && number != SIGTRAP && number != SIGSYS;
  if (!repeats) raise(number);
  errno = error;
}

// Lets the signals of crashes through, which the threads of Dispatch, and those that they start, hold back: the kernel
// then ends the process without asking the handler.
static void let_through(void) {
  sigset_t signals;
  sigemptyset(&signals);
  for (int index = 0; index < CRASHES; ++index) sigaddset(&signals, crashes[index]);
  pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

static void install(void) {
  struct sigaction action = {0};
  action.sa_sigaction = crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (int index = 0; index < CRASHES; ++index) sigaction(crashes[index], &action, &previous[index]);
  // A library may end the process by `exit`.
  atexit(spill);
}

bool antiphon_engine_output_open(int ends[2]) { return pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0; }

bool antiphon_engine_output_begin(int read_end, int write_end) {
  if (fcntl(STDERR_FILENO, F_GETFD) < 0) return false;
  unsigned int highest = (unsigned int)(read_end > write_end ? read_end : write_end);
  // The copies made below need places, and there may be none among the descriptors that are kept until then.
  if (close_range(highest + 1, UINT_MAX, CLOSE_RANGE_UNSHARE) != 0) return false;
  // From here on the table is this thread's own. First away from the places that are to be taken.
  int out = fcntl(read_end, F_DUPFD_CLOEXEC, FIRST_FREE);
  int in = fcntl(write_end, F_DUPFD_CLOEXEC, FIRST_FREE);
  int real = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, FIRST_FREE);
  bool is_redirected = out >= 0 && in >= 0 && real >= 0 && dup3(out, PIPE_OUT, O_CLOEXEC) >= 0 &&
                       dup3(real, REAL_STDERR, O_CLOEXEC) >= 0 && dup2(in, STDERR_FILENO) >= 0;
  close_range(is_redirected ? FIRST_FREE : STDERR_FILENO + 1, UINT_MAX, 0);
  if (is_redirected) {
    pthread_once(&installed, install);
    let_through();
  }
  return true;
}
