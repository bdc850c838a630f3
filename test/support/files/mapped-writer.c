// Changes a file in ways that stat rules find hard to see, one step for each line on stdin, and says "done" after each.
//
//   mapped-writer FILE
//
//   map        maps the first page of FILE, shared and writable, and closes FILE
//   store C    stores the character C at the first byte through the map
//   begin C    begins one write(2) of C over the whole file, and stops in the kernel after the first half
//   finish     lets that write go on, and waits for its end
//
// `begin` needs userfaultfd(2): the second half of the source is memory that is not there yet. It says "unsupported" without.
// Ends when stdin does.

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int file, faults = -1;
static char *map, *source;
static size_t page, half, size;
static char letter;
static pthread_t writer;

static int fail(const char *what) {
  perror(what);
  return 1;
}

static void *write_all(void *unused) {
  if (pwrite(file, source, size, 0) != (ssize_t)size) perror("pwrite");
  return unused;
}

// The file must have an even number of pages. Gives 0 once the writer waits for the second half.
static int begin_write(void) {
  struct stat there;
  if (fstat(file, &there) != 0) return fail("fstat");
  size = (size_t)there.st_size;
  half = size / 2;
  faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
  struct uffdio_api api = {.api = UFFD_API};
  if (faults < 0 || ioctl(faults, UFFDIO_API, &api) != 0) return fail("userfaultfd");
  source = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (source == MAP_FAILED) return fail("mmap");
  memset(source, letter, half);
  struct uffdio_register area = {.range = {.start = (unsigned long)source + half, .len = half}, .mode = UFFDIO_REGISTER_MODE_MISSING};
  if (ioctl(faults, UFFDIO_REGISTER, &area) != 0) return fail("UFFDIO_REGISTER");
  if (pthread_create(&writer, NULL, write_all, NULL) != 0) return fail("pthread_create");
  struct uffd_msg message;
  return read(faults, &message, sizeof message) == (ssize_t)sizeof message ? 0 : fail("read");
}

static int finish_write(void) {
  char *rest = malloc(half);
  memset(rest, letter, half);
  struct uffdio_copy copy = {.dst = (unsigned long)source + half, .src = (unsigned long)rest, .len = half};
  if (ioctl(faults, UFFDIO_COPY, &copy) != 0) return fail("UFFDIO_COPY");
  pthread_join(writer, NULL);
  free(rest);
  close(faults);
  return 0;
}

static int step(const char *line) {
  if (strcmp(line, "map") == 0) {
    map = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    return map == MAP_FAILED ? fail("mmap") : close(file);
  }
  if (sscanf(line, "store %c", &letter) == 1) {
    *(volatile char *)map = letter;
    return 0;
  }
  if (sscanf(line, "begin %c", &letter) == 1) return begin_write();
  return strcmp(line, "finish") == 0 ? finish_write() : 2;
}

int main(int count, char **arguments) {
  if (count != 2 || (file = open(arguments[1], O_RDWR)) < 0) return fail("open");
  page = (size_t)sysconf(_SC_PAGESIZE);
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (char line[64]; fgets(line, sizeof line, stdin) != NULL;) {
    line[strcspn(line, "\n")] = 0;
    puts(step(line) == 0 ? "done" : "unsupported");
  }
  return 0;
}
