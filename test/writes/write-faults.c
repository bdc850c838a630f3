// Counts the calls of one process that change something below a folder, and interferes with one of them.
// Loaded with LD_PRELOAD. Covers all threads, as every thread makes its calls through the C library.
//
//   WRITE_FAULTS_BELOW  the folder; other calls pass uncounted
//   WRITE_FAULTS_LOG    a file that gets one line for each counted call: NUMBER NAME PATH
//   WRITE_FAULTS_AT     the number of the call to interfere with, from 1; 0 or absent: only count
//   WRITE_FAULTS_MODE   kill         SIGKILL before the call
//                       tear         of a write, write the first half, then SIGKILL
//                       kill-after   SIGKILL after the call
//                       EIO, ENOSPC  the call fails, and does nothing
//                       EIO+         all later counted calls fail as well: the disk is gone
//                       ENOSPC+      all later calls that need room fail as well: the disk is full
//
// Only the first process that loads the library is counted. Its children see WRITE_FAULTS_PID, and pass.
// A call that changes something by syscall(2) is not interposed. It is logged as UNCOUNTED, which fails the test.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define CLONE_REQUEST 0x40049409 // FICLONE
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

enum verdict { PASS, FAIL, TEAR, DIE_AFTER };

static char below[PATH_MAX];
static size_t below_length;
static long fault_at;
static char mode[16];
static int log_fd = -1;
static long counted;

__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("WRITE_FAULTS_BELOW"), *log = getenv("WRITE_FAULTS_LOG");
  const char *at = getenv("WRITE_FAULTS_AT"), *wanted = getenv("WRITE_FAULTS_MODE");
  char pid[32];
  if (folder == NULL || log == NULL || getenv("WRITE_FAULTS_PID") != NULL) return;
  snprintf(pid, sizeof pid, "%d", (int)getpid());
  setenv("WRITE_FAULTS_PID", pid, 1);
  int fd = NEXT(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  // A high number: Node must get the descriptors that it always gets.
  log_fd = fcntl(fd, F_DUPFD_CLOEXEC, 500);
  close(fd);
  if (at != NULL) fault_at = atol(at);
  if (wanted != NULL) snprintf(mode, sizeof mode, "%s", wanted);
  snprintf(below, sizeof below, "%s", folder);
  below_length = strlen(below);
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static int is_below(const char *path) {
  return strncmp(path, below, below_length) == 0 && (path[below_length] == '/' || path[below_length] == 0);
}

// The path of a descriptor. What was removed has " (deleted)" behind it.
static int path_of(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length < 0 ? 0 : length] = 0;
  return length > 0;
}

// Resolves all of a path but its last component, which need not exist. Of folders that are missing, the name stays.
static void resolve(int dir, const char *given, char *path) {
  char whole[2 * PATH_MAX], folder[PATH_MAX] = "";
  if (given[0] == '/') snprintf(whole, sizeof whole, "%s", given);
  else {
    if (dir == AT_FDCWD ? getcwd(folder, sizeof folder) == NULL : !path_of(dir, folder)) folder[0] = 0;
    snprintf(whole, sizeof whole, "%s/%s", folder, given);
  }
  for (size_t end = strlen(whole); end > 0; end--) {
    if (whole[end] != '/') continue;
    whole[end] = 0;
    char *real = realpath(whole, folder);
    whole[end] = '/';
    if (real == NULL) continue;
    strncat(folder, whole + end, PATH_MAX - strlen(folder) - 1);
    memcpy(path, folder, PATH_MAX);
    return;
  }
  snprintf(path, PATH_MAX, "%.*s", PATH_MAX - 1, whole);
}

static void say(const char *first, const char *name, const char *path) {
  char line[PATH_MAX + 128];
  int length = snprintf(line, sizeof line, "%s %s %s\n", first, name, path);
  NEXT(write)(log_fd, line, (size_t)length);
}

// What becomes of a call on a resolved path. `needs_room`: the call needs space on the disk.
static enum verdict judge(const char *name, const char *path, int needs_room) {
  char number[32];
  if (!is_below(path)) return PASS;
  long mine = __atomic_add_fetch(&counted, 1, __ATOMIC_SEQ_CST);
  snprintf(number, sizeof number, "%ld", mine);
  say(number, name, path);
  if (fault_at == 0 || mine < fault_at) return PASS;
  int lasts = strcmp(mode, "EIO+") == 0 || (strcmp(mode, "ENOSPC+") == 0 && (needs_room || mine == fault_at));
  if (mine > fault_at && !lasts) return PASS;
  if (strcmp(mode, "kill") == 0) die();
  if (strcmp(mode, "tear") == 0) return TEAR;
  if (strcmp(mode, "kill-after") == 0) return DIE_AFTER;
  errno = mode[1] == 'I' ? EIO : ENOSPC;
  return FAIL;
}

static enum verdict judge_path(const char *name, int dir, const char *given, int needs_room) {
  char path[PATH_MAX];
  if (log_fd < 0 || given == NULL) return PASS;
  int before = errno;
  resolve(dir, given, path);
  errno = before;
  return judge(name, path, needs_room);
}

static enum verdict judge_fd(const char *name, int fd, int needs_room) {
  char path[PATH_MAX];
  if (log_fd < 0) return PASS;
  int before = errno;
  int is_known = path_of(fd, path);
  errno = before;
  return is_known ? judge(name, path, needs_room) : PASS;
}

// Of two names, the one below the folder decides.
static enum verdict judge_two(const char *name, int from_dir, const char *from, int to_dir, const char *to) {
  char path[PATH_MAX];
  if (log_fd < 0) return PASS;
  int before = errno;
  resolve(to_dir, to, path);
  if (!is_below(path)) resolve(from_dir, from, path);
  errno = before;
  return judge(name, path, 1);
}

#define WRAP(name, parameters, arguments, verdict_of)            \
  int name parameters {                                          \
    enum verdict verdict = verdict_of;                           \
    if (verdict == FAIL) return -1;                              \
    int result = NEXT(name) arguments;                           \
    if (verdict != PASS) die();                                  \
    return result;                                               \
  }

WRAP(mkdir, (const char *p, mode_t m), (p, m), judge_path("mkdir", AT_FDCWD, p, 1))
WRAP(mkdirat, (int d, const char *p, mode_t m), (d, p, m), judge_path("mkdirat", d, p, 1))
WRAP(rmdir, (const char *p), (p), judge_path("rmdir", AT_FDCWD, p, 0))
WRAP(unlink, (const char *p), (p), judge_path("unlink", AT_FDCWD, p, 0))
WRAP(unlinkat, (int d, const char *p, int f), (d, p, f), judge_path("unlinkat", d, p, 0))
WRAP(remove, (const char *p), (p), judge_path("remove", AT_FDCWD, p, 0))
WRAP(link, (const char *a, const char *b), (a, b), judge_two("link", AT_FDCWD, a, AT_FDCWD, b))
WRAP(linkat, (int c, const char *a, int d, const char *b, int f), (c, a, d, b, f), judge_two("linkat", c, a, d, b))
WRAP(symlink, (const char *a, const char *b), (a, b), judge_path("symlink", AT_FDCWD, b, 1))
WRAP(symlinkat, (const char *a, int d, const char *b), (a, d, b), judge_path("symlinkat", d, b, 1))
WRAP(rename, (const char *a, const char *b), (a, b), judge_two("rename", AT_FDCWD, a, AT_FDCWD, b))
WRAP(renameat, (int c, const char *a, int d, const char *b), (c, a, d, b), judge_two("renameat", c, a, d, b))
WRAP(renameat2, (int c, const char *a, int d, const char *b, unsigned f), (c, a, d, b, f),
     judge_two("renameat2", c, a, d, b))
WRAP(truncate, (const char *p, off_t l), (p, l), judge_path("truncate", AT_FDCWD, p, 0))
WRAP(truncate64, (const char *p, off64_t l), (p, l), judge_path("truncate", AT_FDCWD, p, 0))
WRAP(ftruncate, (int d, off_t l), (d, l), judge_fd("ftruncate", d, 0))
WRAP(ftruncate64, (int d, off64_t l), (d, l), judge_fd("ftruncate", d, 0))
WRAP(chmod, (const char *p, mode_t m), (p, m), judge_path("chmod", AT_FDCWD, p, 0))
WRAP(fchmod, (int d, mode_t m), (d, m), judge_fd("fchmod", d, 0))
WRAP(fchmodat, (int d, const char *p, mode_t m, int f), (d, p, m, f), judge_path("fchmodat", d, p, 0))
WRAP(chown, (const char *p, uid_t u, gid_t g), (p, u, g), judge_path("chown", AT_FDCWD, p, 0))
WRAP(lchown, (const char *p, uid_t u, gid_t g), (p, u, g), judge_path("lchown", AT_FDCWD, p, 0))
WRAP(fchown, (int d, uid_t u, gid_t g), (d, u, g), judge_fd("fchown", d, 0))
WRAP(fchownat, (int d, const char *p, uid_t u, gid_t g, int f), (d, p, u, g, f), judge_path("fchownat", d, p, 0))
WRAP(fsync, (int d), (d), judge_fd("fsync", d, 1))
WRAP(fdatasync, (int d), (d), judge_fd("fdatasync", d, 1))
WRAP(utimensat, (int d, const char *p, const struct timespec t[2], int f), (d, p, t, f),
     judge_path("utimensat", d, p, 0))
WRAP(futimens, (int d, const struct timespec t[2]), (d, t), judge_fd("futimens", d, 0))
WRAP(mknod, (const char *p, mode_t m, dev_t v), (p, m, v), judge_path("mknod", AT_FDCWD, p, 1))

// A name that is made by binding a socket.
int bind(int fd, const struct sockaddr *address, socklen_t length) {
  const struct sockaddr_un *local = (const struct sockaddr_un *)address;
  int is_name = address->sa_family == AF_UNIX && length > offsetof(struct sockaddr_un, sun_path) && local->sun_path[0];
  enum verdict verdict = is_name ? judge_path("bind", AT_FDCWD, local->sun_path, 1) : PASS;
  if (verdict == FAIL) return -1;
  int result = NEXT(bind)(fd, address, length);
  if (verdict != PASS) die();
  return result;
}

static enum verdict judge_open(int dir, const char *path, int flags) {
  return flags & (O_CREAT | O_TRUNC) ? judge_path("open", dir, path, 1) : PASS;
}

#define WRAP_OPEN(name, parameters, arguments, dir)              \
  int name parameters {                                          \
    va_list rest;                                                \
    va_start(rest, flags);                                       \
    mode_t m = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                \
    enum verdict verdict = judge_open(dir, p, flags);            \
    if (verdict == FAIL) return -1;                              \
    int result = NEXT(name) arguments;                           \
    if (verdict != PASS) die();                                  \
    return result;                                               \
  }

WRAP_OPEN(open, (const char *p, int flags, ...), (p, flags, m), AT_FDCWD)
WRAP_OPEN(open64, (const char *p, int flags, ...), (p, flags, m), AT_FDCWD)
WRAP_OPEN(openat, (int d, const char *p, int flags, ...), (d, p, flags, m), d)
WRAP_OPEN(openat64, (int d, const char *p, int flags, ...), (d, p, flags, m), d)

#define WRAP_WRITE(name, parameters, arguments, half_arguments)  \
  ssize_t name parameters {                                      \
    enum verdict verdict = judge_fd("write", fd, 1);             \
    if (verdict == FAIL) return -1;                              \
    if (verdict == TEAR) {                                       \
      NEXT(name) half_arguments;                                 \
      die();                                                     \
    }                                                            \
    ssize_t result = NEXT(name) arguments;                       \
    if (verdict != PASS) die();                                  \
    return result;                                               \
  }

WRAP_WRITE(write, (int fd, const void *b, size_t n), (fd, b, n), (fd, b, n / 2))
WRAP_WRITE(pwrite, (int fd, const void *b, size_t n, off_t o), (fd, b, n, o), (fd, b, n / 2, o))
WRAP_WRITE(pwrite64, (int fd, const void *b, size_t n, off64_t o), (fd, b, n, o), (fd, b, n / 2, o))
// Half of several buffers are the first of them.
WRAP_WRITE(writev, (int fd, const struct iovec *v, int n), (fd, v, n), (fd, v, n / 2))
WRAP_WRITE(pwritev, (int fd, const struct iovec *v, int n, off_t o), (fd, v, n, o), (fd, v, n / 2, o))
WRAP_WRITE(pwritev64, (int fd, const struct iovec *v, int n, off64_t o), (fd, v, n, o), (fd, v, n / 2, o))
WRAP_WRITE(sendfile, (int fd, int from, off_t *o, size_t n), (fd, from, o, n), (fd, from, o, n / 2))

int ioctl(int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  enum verdict verdict = request == CLONE_REQUEST ? judge_fd("ioctl", fd, 1) : PASS;
  if (verdict == FAIL) return -1;
  int result = NEXT(ioctl)(fd, request, argument);
  if (verdict != PASS) die();
  return result;
}

long syscall(long number, ...) {
  va_list rest;
  long a[6];
  va_start(rest, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
  va_end(rest);
  if (log_fd >= 0 && (number == SYS_copy_file_range || number == SYS_renameat2 || number == SYS_io_uring_setup)) {
    char text[32];
    snprintf(text, sizeof text, "%ld", number);
    say("UNCOUNTED", "syscall", text);
  }
  return NEXT(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
